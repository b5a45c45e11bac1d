"""What a worker of a crew does: opens its targets, and sends its share of each block."""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Literal

import pyarrow as pa

from hhperf.errors import TargetError
from hhperf.harness.alarm import new_fast_loop
from hhperf.harness.generator import Generator, generating
from hhperf.harness.guard import guard_of
from hhperf.harness.load_plan import LoadPlan
from hhperf.harness.preparation import MakeTargets, Ready, opened
from hhperf.long_work import progress_bar
from hhperf.runs.columns import health_batch
from hhperf.runs.observation import HealthSample

Kind = Literal["observations", "health", "stopped"]
"""Of a batch; `stopped` is no batch, but the reason for which the worker has ended its block."""

Emit = Callable[[Kind, bytes], None]


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """What a worker is told once.

    Attributes:
        plan: the whole plan.
        make_targets: makes the worker's own targets.
        worker: the worker's number, from 0.
        epoch_ns: the beginning of the run, on the worker's own `perf_counter_ns`.
        run: a name that all workers of the run have in common.
        workers: how many there are.
    """

    plan: LoadPlan
    make_targets: MakeTargets
    worker: int
    epoch_ns: int
    run: str
    workers: int = 1


@dataclass(frozen=True, slots=True)
class Assignment:
    """What a worker is told for each block.

    Attributes:
        block: its number.
        begin_ns: when it begins, on the worker's own `perf_counter_ns`.
        share: which share of it is the worker's, from 0.
        shares: how many there are.
    """

    block: int
    begin_ns: int
    share: int
    shares: int


class Session:
    """A worker's generator.

    Args:
        job: what to do.
        emit: where serialised batches go.
    """

    def __init__(self, job: Job, emit: Emit) -> None:
        self._job, self._emit = job, emit
        self._sink = _EmittingSink(job, emit)
        self._runner = asyncio.Runner(loop_factory=new_fast_loop)
        self._stack = AsyncExitStack()
        self._generator: Generator | None = None

    def open(self) -> Ready:
        """Make the targets and open them.

        Raises:
            PlanError: an arm has no target, or two share one.
        """
        return self._runner.run(self._open())

    def run(self, assignment: Assignment) -> None:
        """Send the share of a block; all of it has been emitted at the end."""
        self._runner.run(self._run(assignment))

    def stop(self, reason: str) -> None:
        """End the block under way, or the next one; from any thread."""
        if self._generator is not None:
            self._runner.get_loop().call_soon_threadsafe(self._generator.stop, reason)

    def close(self) -> None:
        """Close the targets and the event loop."""
        with self._runner:
            self._runner.run(self._stack.aclose())

    async def _open(self) -> Ready:
        plan, enter = self._job.plan, self._stack.enter_async_context
        targets = self._job.make_targets()
        guard = guard_of(targets)
        pace = guard.pace(self._job.workers) if guard else None
        used, ready = await enter(opened(plan, targets, progress=False, pace=pace))
        bar = self._stack.enter_context(progress_bar("measure", 0, progress=False))
        self._generator = await enter(
            generating(plan, used, ready.names, self._sink, bar, self._job.run)
        )
        return ready

    async def _run(self, assignment: Assignment) -> None:
        assert self._generator is not None
        block = self._job.plan.blocks[assignment.block]
        try:
            with _cancelled_by_sigterm():
                await self._generator.run(
                    block, assignment.begin_ns, assignment.share, assignment.shares
                )
        except TargetError as stopped:
            self._emit("stopped", str(stopped).encode())
        finally:
            self._sink.flush()


@contextmanager
def _cancelled_by_sigterm() -> Iterator[None]:
    """Within the block the running task is cancelled by whoever began this process.

    Where an event loop is in no main thread, as on a cluster, nothing changes.
    """
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    if task is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    loop.add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGTERM)


class _EmittingSink:
    """Serialises what a generator records."""

    def __init__(self, job: Job, emit: Emit) -> None:
        self.epoch_ns = job.epoch_ns
        self._worker = job.worker
        self._emit = emit
        self._samples: list[HealthSample] = []

    def add_batch(self, batch: pa.RecordBatch) -> None:
        self._emit("observations", batch.serialize().to_pybytes())

    def add_health(self, sample: HealthSample) -> None:
        self._samples.append(replace(sample, worker=self._worker))

    def tick(self) -> None:
        """Nothing to do: samples go with the end of the block."""

    def flush(self) -> None:
        if self._samples:
            batch = health_batch(self._samples, self.epoch_ns)
            self._emit("health", batch.serialize().to_pybytes())
            self._samples = []
