"""Between the clock of a run and that of a worker on another machine, to and fro."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pyarrow as pa

from hhperf.errors import RunError
from hhperf.harness.clock_offset import ClockLine, Offset
from hhperf.harness.session import Assignment, Job, Kind
from hhperf.runs.columns import HEALTH, OBSERVATIONS, health_batch, shifted
from hhperf.runs.observation import HealthSample

Emitted = list[tuple[Kind, bytes]]

_SCHEMAS = {"observations": OBSERVATIONS, "health": HEALTH}
_WHEN = {"observations": "intended_start_ns", "health": "at_ns"}


class WorkerClock:
    """What is known of a worker's clock.

    A whole batch is moved by one amount, so that what a worker measured between two points of its
    own clock stays as it was, latencies above all.

    Args:
        worker: its number.
        epoch_ns: the beginning of the run, on our clock.
        opened: how far its clock is ahead before it begins.

    Raises:
        RunError: that is not known.
    """

    def __init__(self, worker: int, epoch_ns: int, opened: Offset | None) -> None:
        if opened is None:
            raise RunError(f"worker {worker} could not begin: its clock cannot be read")
        self._worker = worker
        self._epoch_ns = epoch_ns
        self._opened = opened
        self._line = ClockLine(opened, opened)
        self._looks = [opened]

    def told_job(self, job: Job) -> Job:
        """What the worker is told once, on its own clock."""
        return replace(job, epoch_ns=job.epoch_ns + self._opened.ahead_ns)

    def told(self, assignment: Assignment) -> Assignment:
        """What it is told of a block, on its own clock."""
        ahead_ns = self._line.after.ahead_ns
        return replace(assignment, begin_ns=assignment.begin_ns + ahead_ns)

    def look(self, offset: Offset | None) -> None:
        """Take in how far it is ahead after a block; None where it did not say."""
        if offset is not None:
            self._line = ClockLine(self._line.after, offset)
            self._looks.append(offset)

    def translated(self, emitted: Emitted) -> Iterator[tuple[Kind, bytes]]:
        """What the worker gave for the last block, on our clock; and what was seen of its clock."""
        for kind, data in emitted:
            if kind in _SCHEMAS:
                yield kind, self._moved(kind, data)
            else:
                yield kind, data
        if self._looks:
            batch = health_batch([*self._samples()], self._epoch_ns)
            self._looks = []
            yield "health", batch.serialize().to_pybytes()

    def _moved(self, kind: Kind, data: bytes) -> bytes:
        batch = pa.ipc.read_record_batch(pa.py_buffer(data), _SCHEMAS[kind])
        if not len(batch):
            return data
        at_ns = self._epoch_ns + int(np.asarray(batch[_WHEN[kind]]).mean())
        by_ns = self._opened.ahead_ns - self._line.ahead_ns(at_ns)
        return bytes(shifted(batch, by_ns).serialize().to_pybytes())

    def _samples(self) -> Iterator[HealthSample]:
        for look in self._looks:
            values = {"clock_ahead": look.ahead_ns, "clock_within": look.within_ns}
            for kind, value_ns in values.items():
                yield HealthSample(kind, look.at_ns, value_ns, worker=self._worker)
