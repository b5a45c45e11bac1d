"""The simulation of a pool, against what can be reckoned by hand and against a slower one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hhperf.forecast.queueing import BEGIN, NEVER, Network, simulate
from hhperf.forecast.taken_apart import Floats, latencies
from tests.forecast.fabricated import BUDGETS_MS, requests_of

SCHEDULES = ["sequential", "parallel", "eager", "vector, text < specialty"]


def taken(schedule: str, arrivals_ms: list[float], pool: int, **stages: object) -> list[float]:
    """Latencies in milliseconds."""
    arrivals = np.array(arrivals_ms) / 1e3
    requests = requests_of(schedule, stages or BUDGETS_MS, n=len(arrivals))
    found: Floats = (simulate(Network.of(requests), arrivals, pool) - arrivals) * 1e3
    return [round(float(each), 6) for each in found]


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_with_a_connection_for_all_nothing_waits(schedule: str) -> None:
    """Latencies are those of the critical path."""
    requests = requests_of(schedule, BUDGETS_MS)
    [length] = latencies(requests) * 1e3
    assert taken(schedule, [0, 1, 2], pool=100) == pytest.approx([length] * 3)


def test_one_connection_makes_searches_of_a_request_wait_for_each_other() -> None:
    """Side by side they take no less than one after the other: 50 + 100 + 100 + 80."""
    assert taken("parallel", [0], pool=1) == [330]


def test_who_asks_first_is_served_first() -> None:
    """Two requests, one connection, a text search of 100 ms each."""
    assert taken("eager", [0, 30], pool=1, text=100) == [100, 170]


def test_a_free_connection_is_taken_by_whoever_comes() -> None:
    """Of two connections the second serves the second request at once, the third waits."""
    assert taken("eager", [0, 10, 20], pool=2, text=100) == [100, 100, 180]


def test_a_stage_that_did_not_run_asks_for_no_connection() -> None:
    """A blank query has no text search: it does not queue behind one."""
    assert taken("eager", [0, 10], pool=1, text=[100, 0], ranking=5) == [105, 5]


def test_equal_lookups_under_way_are_shared() -> None:
    """The second request for a text ends with the first one's lookup; a third comes too late."""
    arrivals = np.array([0.0, 0.030, 0.060])
    requests = requests_of("eager", {"embedding": 50}, n=3)
    network = Network.of(requests, coalesced=True)
    shared = simulate(network, arrivals, 1, np.array([7, 7, 7])) - arrivals
    alone = simulate(network, arrivals, 1, np.array([7, 8, 9])) - arrivals
    assert shared == pytest.approx([0.050, 0.020, 0.050])
    assert alone == pytest.approx([0.050] * 3)


def test_each_pool_has_a_queue_of_its_own() -> None:
    """Two steps at once, of one connection each: what waits for the one does not for the other."""
    n, arrivals = 2, np.array([0.0, 0.010])
    begin, last = {BEGIN: np.zeros(n)}, np.full(n, 0.100)
    network = Network(
        events=("a", "b"),
        asks={"a": begin, "b": begin},
        lasts={"a": last, "b": last / 2},
        pooled={"a": last, "b": last / 2},
        answers={"a": np.zeros(n), "b": np.zeros(n)},
        pool_of={"a": "one", "b": "other"},
    )
    found = simulate(network, arrivals, {"one": 1, "other": 1})
    assert found == pytest.approx([0.100, 0.200])
    assert simulate(network, arrivals, {"one": 2, "other": 1}) == pytest.approx([0.100, 0.110])


def test_a_request_without_an_event_neither_waits_nor_is_waited_for() -> None:
    """Of three the second has no first event: its other is asked for at once."""
    n, arrivals = 3, np.array([0.0, 0.010, 0.020])
    there = np.array([0.0, NEVER, 0.0])
    network = Network(
        events=("a", "b"),
        asks={"a": {BEGIN: there}, "b": {BEGIN: np.zeros(n), "a": there}},
        lasts={"a": np.full(n, 0.030), "b": np.full(n, 0.030)},
        pooled={"a": np.where(there > NEVER, 0.030, 0.0), "b": np.full(n, 0.030)},
        answers={"b": np.zeros(n)},
        pool_of={"a": "one", "b": "one"},
    )
    # The connection goes to a of the first, b of the second, a of the third, then their b's.
    found = simulate(network, arrivals, {"one": 1})
    assert found == pytest.approx([0.120, 0.060, 0.150])


def by_the_minute(requests_ms: list[tuple[float, float]], pool: int) -> list[float]:
    """A queue of one stage, reckoned by Kiefer and Wolfowitz's recursion."""
    free = [0.0] * pool
    found = []
    for arrival, held in requests_ms:
        free.sort()
        free[0] = max(free[0], arrival) + held
        found.append(free[0] - arrival)
    return found


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.floats(0, 500), st.floats(1, 200)), min_size=1, max_size=30),
    st.integers(1, 4),
)
def test_a_queue_of_one_stage_is_that_of_the_books(
    each: list[tuple[float, float]], pool: int
) -> None:
    """Whatever comes when, and however long it takes."""
    each = sorted(each)
    arrivals, held = [list(some) for some in zip(*each, strict=True)]
    assert taken("eager", arrivals, pool, text=held) == pytest.approx(
        by_the_minute(each, pool), abs=1e-5
    )


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_more_connections_never_make_the_last_answer_later(
    schedule: str, rng: np.random.Generator
) -> None:
    """Of one hundred requests under a heavy load."""
    n = 100
    arrivals = np.sort(rng.uniform(0, 5, n))
    stages = {name: rng.lognormal(np.log(ms), 0.25, n) for name, ms in BUDGETS_MS.items()}
    network = Network.of(requests_of(schedule, stages, n=n))
    means = [float((simulate(network, arrivals, pool) - arrivals).mean()) for pool in (2, 4, 20)]
    assert means == sorted(means, reverse=True)
