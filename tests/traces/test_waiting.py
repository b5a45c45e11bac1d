"""Waits for a connection are taken out of steps, so that they are not counted twice."""

from pathlib import Path

import numpy as np
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from hhperf.traces.arrivals import NotLoadedError
from hhperf.traces.calls import calls_of, find_operation
from hhperf.traces.pools import Pool
from hhperf.traces.waiting import BY_SPANS, BY_TURN, TOO_LITTLE, Holding, holding_of
from tests.traces.made import CLIENT, call, imported, message, span

ONE = (Pool("database", 1, ("a", "b")),)


def held(
    folder: Path, spans: list[Span], pools: tuple[Pool, ...] = ONE, hz: float = 1.0
) -> Holding:
    """Of the calls that spans are of."""
    traces = imported(folder, message(spans))
    calls = calls_of(traces, find_operation(traces, "GET /search"))
    return holding_of(traces, calls, pools, traces.traces["weight"][calls.trace], hz)


def ms(seconds: np.ndarray) -> list[list[float]]:
    """In whole microseconds."""
    rounded: list[list[float]] = np.round(seconds * 1e3, 3).tolist()
    return rounded


def test_waits_follow_from_who_asked_before_whom(tmp_path: Path) -> None:
    """Two calls, two steps of 10 ms each, one connection: a 0 to 10, a' 10 to 20, b, then b'."""
    first = call(1, (("a", 0, 10), ("b", 10, 30)), 30.0)
    second = call(2, (("a", 0, 15), ("b", 15, 35)), 35.0, at_ms=5.0)
    found = held(tmp_path, first + second)
    assert ms(found.waited) == [[0.0, 10.0], [5.0, 10.0]]
    assert ms(found.took) == ms(found.held) == [[10.0, 10.0], [10.0, 10.0]]
    assert found.told == BY_TURN


def test_a_span_of_waiting_tells_its_steps_wait(tmp_path: Path) -> None:
    """2 ms before it asks, 5 until it has one; at whatever depth below the step it is."""
    spans = [
        *call(1, (("a", 0, 20), ("b", 20, 30)), 30.0),
        span(1, 9, 2, "repository", 1, 20),
        span(1, 10, 9, "pg-pool.connect", 2, 7, kind=CLIENT),
    ]
    found = held(tmp_path, spans)
    assert ms(found.waited) == [[5.0, 0.0]]
    assert ms(found.took) == [[15.0, 10.0]]
    assert ms(found.held) == [[13.0, 10.0]]
    assert found.told == f"{BY_SPANS} and {BY_TURN}"  # of b none tells


def test_a_step_without_its_usual_wait_took_no_connection(tmp_path: Path) -> None:
    """Its cache answered."""
    spans = [
        *call(1, (("a", 0, 20), ("b", 20, 30)), 30.0),
        span(1, 9, 2, "HikariDataSource.getConnection", 0, 1),
        *call(2, (("a", 0, 20), ("b", 20, 30)), 30.0, at_ms=1_000.0),
    ]
    assert held(tmp_path, spans).pool.tolist() == [[0, 0], [-1, 0]]


def test_a_wait_beside_its_step_takes_no_time_of_its_own(tmp_path: Path) -> None:
    """It is a step itself, which ends when it has a connection."""
    steps = (("acquire", 0, 6), ("a", 6, 16), ("b", 16, 20))
    pools = (Pool("database", 1, ("a", "b"), waits=("acquire",)),)
    found = held(tmp_path, call(1, steps, 20.0), pools)
    assert ms(found.took) == [[0.0, 10.0, 4.0]]
    assert ms(found.held) == [[0.0, 10.0, 4.0]]
    assert ms(found.waited) == [[6.0, 0.0, 0.0]]


@pytest.mark.parametrize("size", [1, 100])
def test_sampled_traces_do_not_say_who_waited(size: int, tmp_path: Path) -> None:
    """Unless so little of the pool is in use that hardly anybody did: 20 ms of each second."""
    spans = call(1, (("a", 0, 10), ("b", 10, 20)), 20.0, state="ot=th:8")
    pools = (Pool("database", size, ("a", "b")),)
    if size == 1:
        with pytest.raises(NotLoadedError, match="20% of pool database is in use"):
            held(tmp_path, spans, pools, hz=10.0)
    else:
        assert held(tmp_path, spans, pools, hz=10.0).told == TOO_LITTLE
