"""Between the clock of a run and that of a worker on another machine."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from hhperf.errors import RunError
from hhperf.harness.clock_offset import Offset
from hhperf.harness.session import Assignment
from hhperf.harness.worker_clock import WorkerClock
from hhperf.runs.columns import HEALTH, OBSERVATIONS, health_batch, observation_batch
from hhperf.runs.observation import HealthSample, Span
from tests.runs.conftest import observe

S = 10**9
EPOCH = 1_000 * S


def drifting() -> WorkerClock:
    """Ahead by an hour, and by two seconds more after ten."""
    clock = WorkerClock(3, EPOCH, Offset(EPOCH, 3_600 * S, 7))
    clock.look(Offset(EPOCH + 10 * S, 3_602 * S, 9))
    return clock


def test_a_block_begins_by_what_was_seen_last() -> None:
    """On the worker's own clock."""
    assignment = Assignment(0, EPOCH + 11 * S, 0, 1)
    assert drifting().told(assignment).begin_ns == EPOCH + 11 * S + 3_602 * S


def test_observations_are_moved_to_the_common_axis_and_keep_their_latencies() -> None:
    """By what the clock had gained by then: spans and all."""
    seen = replace(
        observe(0),
        intended_start_ns=5 * S, dispatched_ns=5 * S, start_ns=5 * S, end_ns=6 * S,
        spans=(Span("vector", 5 * S, 6 * S, 4),),
    )  # fmt: skip
    data = observation_batch([seen, replace(seen, spans=())], 0).serialize().to_pybytes()
    kind, moved = next(drifting().translated([("observations", data)]))
    assert kind == "observations"
    batch = pa.ipc.read_record_batch(pa.py_buffer(moved), OBSERVATIONS)
    assert batch["intended_start_ns"].to_pylist() == [4 * S] * 2
    assert batch["end_ns"].to_pylist() == [5 * S] * 2
    (span,), nothing = batch["spans"].to_pylist()
    assert (span["start_ns"], span["end_ns"], span["modelled_ns"], nothing) == (4 * S, 5 * S, 4, [])
    assert batch["request_id"].to_pylist() == [seen.request_id] * 2


def test_looks_at_its_machine_are_moved_too() -> None:
    """So that its stalls stand where its requests do."""
    data = health_batch([HealthSample("stall", 10 * S, 5)], 0).serialize().to_pybytes()
    _, moved = next(drifting().translated([("health", data)]))
    batch = pa.ipc.read_record_batch(pa.py_buffer(moved), HEALTH)
    assert (batch["at_ns"].to_pylist(), batch["value_ns"].to_pylist()) == ([8 * S], [5])


def test_what_was_seen_of_the_clock_is_told_once() -> None:
    """With the worker's number, and when."""
    clock = drifting()
    ((kind, data),) = clock.translated([])
    batch = pa.ipc.read_record_batch(pa.py_buffer(data), HEALTH)
    rows = batch.to_pandas()
    assert kind == "health"
    assert set(rows["worker"]) == {3}
    ahead = rows[rows["kind"] == "clock_ahead"]
    assert np.array_equal(ahead["at_ns"], [0, 10 * S])
    assert np.array_equal(ahead["value_ns"], [3_600 * S, 3_602 * S])
    assert list(rows[rows["kind"] == "clock_within"]["value_ns"]) == [7, 9]
    assert not list(clock.translated([]))


def test_a_reason_is_no_clock() -> None:
    """And passes as it is."""
    assert next(drifting().translated([("stopped", b"why")])) == ("stopped", b"why")


def test_a_worker_without_a_clock_cannot_begin() -> None:
    """Its requests would stand nowhere."""
    with pytest.raises(RunError, match="worker 3 could not begin: its clock cannot be read"):
        WorkerClock(3, EPOCH, None)
