"""Calls as a network: as they were without waits, and in a queue reckoned by hand."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hhperf.forecast.queueing import simulate
from hhperf.traces.calls import Bools, Calls, calls_of, find_operation
from hhperf.traces.max_plus import Change, changed_totals
from hhperf.traces.pools import Pool
from hhperf.traces.queued_calls import network_of
from hhperf.traces.waiting import Holding, holding_of
from tests.traces.made import call, imported, message
from tests.traces.test_max_plus import calls_with

ONE = (Pool("database", 1, ("a", "b")),)


@pytest.fixture
def two(tmp_path: Path) -> tuple[Calls, Holding]:
    """Two calls, 5 ms apart, of two steps that held the one connection for 10 ms each."""
    first = call(1, (("a", 0, 10), ("b", 10, 30)), 30.0)
    second = call(2, (("a", 0, 15), ("b", 15, 35)), 35.0, at_ms=5.0)
    traces = imported(tmp_path, message(first + second))
    calls = calls_of(traces, find_operation(traces))
    return calls, holding_of(traces, calls, ONE, np.ones(2), 1.0)


def after(calls: Calls, holding: Holding, change: Change, apart_s: float, size: int) -> list[float]:
    """Latencies of two calls in milliseconds, the second so much later."""
    arrivals = np.array([0.0, apart_s])
    network = network_of(calls, holding, ONE, change)
    found = (simulate(network, arrivals, {"database": size}) - arrivals) * 1e3
    return [round(float(each), 6) for each in found]


def test_calls_as_they_were_wait_as_they_did(two: tuple[Calls, Holding]) -> None:
    """The recorded latencies come out, and less where they do not meet."""
    as_it_was = Change.none(2)
    assert after(*two, as_it_was, 0.005, 1) == [30.0, 35.0]
    assert after(*two, as_it_was, 0.005, 2) == [20.0, 20.0]
    assert after(*two, as_it_was, 1.0, 1) == [20.0, 20.0]


def test_steps_at_once_queue_behind_each_other(two: tuple[Calls, Holding]) -> None:
    """By hand: a 0 to 10, b to 20, then both of the other call, which came at 5, until 40."""
    calls, holding = two
    at_once = Change(np.ones((2, 2), dtype=np.bool_), np.ones(2))
    assert after(calls, holding, at_once, 0.005, 1) == [20.0, 35.0]
    assert after(calls, holding, at_once, 0.005, 2) == [10.0, 15.0]
    assert after(calls, holding, at_once, 1.0, 2) == [10.0, 10.0]


@settings(max_examples=30)
@given(
    st.lists(st.tuples(st.floats(0, 0.2), st.floats(0.001, 0.2)), min_size=1, max_size=6),
    st.sets(st.integers(0, 5)),
    st.booleans(),
    st.booleans(),
)
def test_with_connections_for_all_it_is_the_longest_chain(
    steps: list[tuple[float, float]], pooled: set[int], free: bool, in_line: bool
) -> None:
    """Whatever overlaps, whichever steps take a connection, with a change and without."""
    ends = [(begin, begin + lasts) for begin, lasts in steps]
    calls = calls_with(ends, max(end for _, end in ends) + 0.01)
    count = len(steps)
    change = Change(np.full((count, count), free), np.ones(count))
    took = calls.end - calls.start
    mine: Bools = np.array([[each in pooled for each in range(count)]])
    holding = Holding(np.where(mine, 0, -1), took, np.where(mine, took / 2, 0.0), 0 * took, "")
    network = network_of(calls, holding, ONE, change, in_line=in_line)
    found = simulate(network, np.zeros(1), {"database": 100})
    assert found == pytest.approx(changed_totals(calls, change, in_line=in_line), abs=1e-9)
