"""Schedules: sorted, seeded, drift-free, and true to their rates."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hhperf.errors import PlanError
from hhperf.workload.schedules import (
    Phase,
    as_logged,
    closed_loop,
    constant,
    evenly,
    in_bursts,
    poisson,
    ramp,
    steps,
)

rates = st.floats(0.5, 500.0)
durations = st.floats(2.0, 50.0)
phase_lists = st.lists(st.builds(Phase, durations, rates, rates), min_size=1, max_size=4)
busy_rates = st.floats(25.0, 500.0)  # so that no draw comes out empty
busy_phases = st.lists(st.builds(Phase, durations, busy_rates, busy_rates), min_size=1, max_size=4)
logs = st.lists(st.floats(0, 1e6), min_size=1, max_size=60)


@given(phase_lists)
def test_even_requests_are_sorted_and_as_many_as_the_rate_says(phases: list[Phase]) -> None:
    """One request for each unit of the cumulative rate, none after the end."""
    schedule = evenly(phases)
    assert (np.diff(schedule.at_ns) >= 0).all()
    assert abs(len(schedule) - sum(phase.expected for phase in phases)) <= 1
    assert 0 <= schedule.at_ns[0] <= schedule.at_ns[-1] <= schedule.span_ns


@given(busy_phases, st.integers(0, 2**32))
def test_poisson_requests_are_sorted_and_seeded(phases: list[Phase], seed: int) -> None:
    """The same seed gives the same times, all of them within the span."""
    schedule, again = poisson(phases, seed=seed), poisson(phases, seed=seed)
    assert np.array_equal(schedule.at_ns, again.at_ns)
    assert (np.diff(schedule.at_ns) >= 0).all()
    assert 0 <= schedule.at_ns[0] <= schedule.at_ns[-1] <= schedule.span_ns


@given(logs, st.floats(0.01, 100))
def test_a_logged_schedule_keeps_count_and_span(offsets: list[float], speed: float) -> None:
    """However fast it goes."""
    schedule = as_logged(offsets, speed=speed)
    span_ns = (max(offsets) - min(offsets)) / speed * 1e9
    assert len(schedule) == len(offsets)
    assert schedule.at_ns[0] == 0
    assert schedule.at_ns[-1] == pytest.approx(span_ns, rel=1e-9, abs=1)
    assert (np.diff(schedule.at_ns) >= 0).all()


@given(logs, st.floats(0, 10))
def test_no_gap_is_longer_than_its_cap(offsets: list[float], longest: float) -> None:
    """Shorter gaps stay as they are."""
    gaps = np.diff(as_logged(offsets, longest_gap_s=longest).at_ns)
    expected = np.minimum(np.diff(np.sort(offsets)), longest) * 1e9
    assert gaps == pytest.approx(expected, abs=2)


def test_ten_minutes_at_a_rate_that_does_not_divide_do_not_drift() -> None:
    """The last of 200,000 requests is due to the nanosecond."""
    schedule = evenly(constant(1000 / 3, 600))
    assert len(schedule) == 200_000
    assert schedule.at_ns[-1] == 199_999 * 3_000_000


def test_poisson_gaps_vary_as_much_as_they_last() -> None:
    """Exponential gaps: mean 1/rate, coefficient of variation 1."""
    gaps = np.diff(poisson(constant(200.0, 500), seed=3).at_ns) / 1e9
    assert gaps.mean() == pytest.approx(1 / 200, rel=0.02)
    assert gaps.std() / gaps.mean() == pytest.approx(1.0, abs=0.02)


def test_a_ramp_sends_three_quarters_in_its_second_half() -> None:
    """The cumulative rate of a ramp from 0 grows with the square of time."""
    schedule = evenly(ramp(0, 100, 20))
    later = np.count_nonzero(schedule.at_ns > schedule.span_ns // 2)
    assert (len(schedule), int(later)) == (1000, 749)


def test_steps_follow_each_other() -> None:
    """Each step has its rate times its length."""
    schedule = evenly(steps([10, 40, 20], 5))
    counts, _ = np.histogram(schedule.at_ns, bins=[0, 5e9 - 1, 10e9 - 1, 15e9])
    assert counts.tolist() == [50, 200, 100]


def test_a_silent_phase_sends_nothing() -> None:
    """Requests stop and go on."""
    schedule = evenly(steps([10, 0, 10], 1))
    assert not ((schedule.at_ns > 0.95e9) & (schedule.at_ns < 2e9)).any()
    assert len(schedule) == 20


def test_the_rate_is_requests_over_span() -> None:
    """Also that of a log, whose last request ends no gap."""
    assert evenly(constant(50, 4)).rate_hz == pytest.approx(50)
    assert as_logged([0, 1, 2, 3]).rate_hz == pytest.approx(1)


@given(st.integers(1, 20), st.integers(20, 100), st.integers(0, 2**32))
def test_think_times_are_seeded_and_spare_the_first(clients: int, requests: int, seed: int) -> None:
    """Every client begins at once."""
    loop, again = (
        closed_loop(clients, requests, think_time_s=0.5, exponential=True, seed=seed)
        for _ in range(2)
    )
    assert np.array_equal(loop.think_ns, again.think_ns)
    assert not loop.think_ns[:clients].any()
    assert len(loop) == requests


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: constant(-1, 5), "from_hz is -1"),
        (lambda: constant(1, 0), "duration_s is 0"),
        (lambda: constant(1e-300, 1e301), "duration_s is 1e.301, must be .* at most 1,000,000,000"),
        (lambda: closed_loop(1, 1, think_time_s=1e308), "think_time_s is 1e.308, .* most 86,400"),
        (lambda: as_logged([0, 1e9], speed=0.5), "the log's time at this speed is 2000000000.0"),
        (lambda: evenly(constant(0.01, 5)), "hold 0.05 requests"),
        (lambda: as_logged([]), "at least one number"),
        (lambda: poisson(constant(1, 1), seed=2), "no request was drawn"),
        (lambda: as_logged([1.0], speed=0), "speed is 0"),
        (lambda: closed_loop(0, 5), "clients is 0"),
        (lambda: closed_loop(10**20, 5), "clients is 100000000000000000000, .* at most 5"),
        (lambda: closed_loop(1, 10**20), "requests is 100000000000000000000, .* 10,000,000"),
        (lambda: poisson(constant(1e300, 1), seed=0), "10,000,000 is the most"),
    ],
)
def test_what_cannot_be_is_refused(make: object, said: str) -> None:
    """Each with the argument's name."""
    with pytest.raises(ValueError, match=said):
        make()  # type: ignore[operator]


def test_a_burst_is_due_at_one_moment() -> None:
    """In place of each request of the schedule, which lasts as long as before."""
    steady = evenly(constant(2, 2))
    burst = in_bursts(steady, 3)
    assert (burst.at_ns.reshape(-1, 3) == steady.at_ns[:, None]).all()
    assert (burst.span_ns, burst.rate_hz) == (steady.span_ns, 3 * steady.rate_hz)
    assert burst.label.endswith("in bursts of 3")


def test_a_burst_of_none_is_refused() -> None:
    """A size from 1."""
    with pytest.raises(PlanError, match="size"):
        in_bursts(evenly(constant(2, 2)), 0)
