"""What sends one process's share of a load: the loops, the recorder and the watch together."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Protocol

import pyarrow as pa
from tqdm import tqdm

from hhperf.errors import TargetError
from hhperf.harness.abort import Abort, ended_by
from hhperf.harness.alarm import Alarm
from hhperf.harness.flight import Flight, Record, Sent
from hhperf.harness.guard import guard_of
from hhperf.harness.health import GcPauses, HealthWriter, watched
from hhperf.harness.load_plan import Block, LoadPlan
from hhperf.harness.load_recorder import LoadRecorder
from hhperf.harness.loops import closed_loop, open_loop
from hhperf.harness.pace import Pace
from hhperf.harness.preparation import Targets
from hhperf.harness.share import Share, share_of
from hhperf.harness.tidying import tidied
from hhperf.runs.observation import Arm


class Sink(HealthWriter, Protocol):
    """Where observations and health go: a run's writer, or a way to one."""

    @property
    def epoch_ns(self) -> int:
        """The reading of this process's clock from which the stored clocks count."""

    def add_batch(self, batch: pa.RecordBatch) -> None:
        """Take in observations."""


class Generator:
    """Sends requests, block by block; made by `generating`."""

    def __init__(
        self, plan: LoadPlan, targets: Targets, recorder: LoadRecorder, alarm: Alarm
    ) -> None:
        self._guard = guard_of(targets)
        self._abort = Abort(self._guard.safety if self._guard else None)
        self._plan = plan
        self._targets = targets
        self._recorder = recorder
        self._alarm = alarm

    async def run(self, block: Block, begin_ns: int, worker: int = 0, workers: int = 1) -> None:
        """Send one share of a block and wait until all of it has ended.

        Args:
            block: what to send.
            begin_ns: when the block begins, on `perf_counter_ns`.
            worker: which share of it, from 0.
            workers: how many shares there are.

        Raises:
            TargetError: a target elsewhere answers worse than it may; all that came is recorded.
        """
        plan, recorder, target = self._plan, self._recorder, self._targets[block.arm]
        share = share_of(plan, block, worker, workers)
        recorder.begin(block)
        most, pace = plan.max_in_flight, None
        if self._guard is not None:
            most, pace = max(1, most // workers), self._guard.pace(workers)
        flight = Flight(target, most, plan.timeout_s, self._record(block.arm))
        try:
            async with ended_by(self._abort), tidied(target):
                await self._alarm.until(begin_ns)
                await self._send(share, flight, begin_ns, pace)
                await flight.settle(plan.settle_s)
        except (asyncio.CancelledError, TargetError):
            await flight.abandon()
            raise
        finally:
            recorder.flush()

    def stop(self, reason: str) -> None:
        """End the block under way, or the next one, with a `TargetError`; from the event loop."""
        self._abort.end(reason)

    def _record(self, arm: Arm) -> Record:
        if self._guard is None:
            return self._recorder.record

        def record(sent: Sent) -> None:
            self._recorder.record(sent)
            came = sent.attempt
            self._abort.see(arm, came.outcome, (came.end_ns - came.start_ns) / 1e9)

        return record

    async def _send(self, share: Share, flight: Flight, begin_ns: int, pace: Pace | None) -> None:
        log, slack = self._plan.log, self._recorder.slack
        if share.clients is not None:
            await closed_loop(share, log, flight, begin_ns=begin_ns, slack=slack, pace=pace)
            return
        await open_loop(share, log, flight, begin_ns=begin_ns, alarm=self._alarm, slack=slack)
        await self._alarm.until(begin_ns + share.span_ns)


class _Ticking:
    """A sink whose tick also has old observations written and shows how far things are."""

    def __init__(self, sink: Sink, recorder: LoadRecorder, bar: "tqdm[None]") -> None:
        self.add_health = sink.add_health
        self._sink = sink
        self._recorder = recorder
        self._bar = bar

    def tick(self) -> None:
        self._recorder.tick()
        self._sink.tick()
        self._bar.update(self._recorder.count - self._bar.n)


@asynccontextmanager
async def generating(
    plan: LoadPlan,
    targets: Targets,
    names: Mapping[Arm, str],
    sink: Sink,
    bar: "tqdm[None]",
    machine: str | None = None,
) -> AsyncIterator[Generator]:
    """A generator that is watched while it measures.

    Args:
        plan: the whole plan.
        targets: opened, one for each arm of the plan.
        names: what serves each arm.
        sink: where observations and health go.
        bar: shows how many observations there are.
        machine: a name that the generators of this run have in common; None for one alone.
    """
    pauses = GcPauses(sink.add_health)
    recorder = LoadRecorder(plan, names, sink.add_batch, sink.epoch_ns, pauses.within_ns)
    with Alarm() as alarm:
        ticking = _Ticking(sink, recorder, bar)
        async with watched(ticking, bar, pauses=pauses, machine=machine):
            yield Generator(plan, targets, recorder, alarm)
