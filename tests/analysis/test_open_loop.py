"""Savings in response time."""

import math

import numpy as np
import pytest

from hhperf.analysis.open_loop import open_loop_savings
from hhperf.analysis.quantiles import quantile_savings
from hhperf.analysis.samples import make_pairs
from hhperf.analysis.simulate import queue
from hhperf.analysis.stall_free_open_loop import ArrivalCensoring, mostly_left_out


def test_memory_widens_the_interval(rng: np.random.Generator) -> None:
    """Taking the queue's responses for independent makes the interval far too short."""
    sample = queue(rng, 4_000)
    (blocks,) = open_loop_savings(sample.control, sample.treatment, (0.5,), replicates=500)
    (naive,) = quantile_savings(make_pairs(sample.control, sample.treatment), (0.5,))
    assert blocks.upper - blocks.lower > 2 * (naive.upper - naive.lower)


def test_a_run_that_is_short_for_its_memory_says_so(rng: np.random.Generator) -> None:
    """p99 of 4,000 queued responses rests on a single bad spell."""
    sample = queue(rng, 4_000)
    p50, p99 = open_loop_savings(sample.control, sample.treatment, (0.5, 0.99), replicates=200)
    assert not p50.warnings
    assert "responses stay alike" in p99.warnings[0]


def test_a_quantile_among_failures_is_undefined(rng: np.random.Generator) -> None:
    """Under overload requests fail; what then is not known is not made up."""
    series = queue(rng, 500).control
    series[::5] = math.inf
    assert not open_loop_savings(series, series, (0.9,))[0].defined


def test_a_run_is_short_where_fewer_than_five_blocks_lie_beyond_a_quantile(
    rng: np.random.Generator,
) -> None:
    """Independent responses have blocks of one: a hundred of them know p90, not p99."""
    control, treatment = (np.exp(0.2 * rng.standard_normal(100)) for _ in range(2))
    p90, p99 = open_loop_savings(control, treatment, (0.9, 0.99), replicates=50)
    assert p90.warnings == ()
    assert "for p99 the run should have 500 or more" in p99.warnings[0]


def test_an_arm_that_is_short_is_enough_to_be_warned_of(rng: np.random.Generator) -> None:
    """The other's length does not make up for it, whichever it is."""
    short, long = (np.exp(0.2 * rng.standard_normal(n)) for n in (30, 3_000))
    for control, treatment in ((short, long), (long, short)):
        (found,) = open_loop_savings(control, treatment, (0.9,), replicates=50)
        assert "responses stay alike" in found.warnings[0]


def test_one_arm_among_failures_leaves_no_saving(rng: np.random.Generator) -> None:
    """Either arm; the other quantile keeps its own."""
    whole = queue(rng, 500).control
    failing = whole.copy()
    failing[::5] = math.inf
    for control, treatment in ((failing, whole), (whole, failing)):
        p50, p90 = open_loop_savings(control, treatment, (0.5, 0.9), replicates=50)
        assert p50.defined
        assert p90.warnings == ("p90 is undefined: it falls among failed requests",)


def test_a_saving_is_of_the_control_s_time(rng: np.random.Generator) -> None:
    """A treatment of three quarters saves a quarter, and its interval is a 95% one."""
    control = queue(rng, 500).control
    (found,) = open_loop_savings(control, 0.75 * control, (0.5,), replicates=50)
    assert found.point == pytest.approx(0.25)
    assert found.confidence == 0.95


def test_one_arm_that_stalls_left_little_of_says_nothing() -> None:
    """Just an eighth left out is still enough; a request more is not, in either arm."""
    most, more = (
        ArrivalCensoring(np.full(80, math.inf), np.arange(80) < count) for count in (10, 11)
    )
    assert mostly_left_out((most, most)) is None
    for both, name in (((more, most), "control"), ((most, more), "treatment")):
        assert f"14% of the {name}'s requests" in (mostly_left_out(both) or "")
        times = np.linspace(1, 2, 80)
        (found,) = open_loop_savings(times, times, (0.5,), censoring=both, replicates=20)
        assert not found.defined
