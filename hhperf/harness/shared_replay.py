"""Load by several processes, on one machine or many.

Block by block each worker sends every n-th request, on a clock that all have in common. What a
worker had when it died is recorded as lost, and the blocks after it are shared among the others.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from time import perf_counter_ns
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from tqdm import tqdm

from hhperf.errors import RunError, TargetError
from hhperf.harness.flight import Attempt, Sent
from hhperf.harness.fresh_rounds import FreshRounds
from hhperf.harness.load_blocks import LoadBlocks
from hhperf.harness.load_plan import Block
from hhperf.harness.load_recorder import LoadRecorder
from hhperf.harness.local_crew import Deliver
from hhperf.harness.parts import needs_of
from hhperf.harness.preparation import MakeTargets, Ready
from hhperf.harness.session import Assignment, Job, Kind
from hhperf.harness.share import check_workers, share_of
from hhperf.harness.supervision import supervised
from hhperf.runs.columns import HEALTH, OBSERVATIONS
from hhperf.runs.observation import Arm, Outcome
from hhperf.runs.writer import RunWriter

LOST = "its worker was lost"

GRACE_S = 5.0
"""How long the others have to see for themselves what one worker ended its block for."""


LAST_WORDS_S = 0.5
"""How long workers have to deliver what they measured before they were stopped."""


class Crew(Protocol):
    """Workers, wherever they are.

    Points in time are those of this process's `perf_counter_ns`, in what a crew is told and in what
    it delivers: whose workers have another clock translates.
    """

    @property
    def lead_s(self) -> float:
        """How long before its beginning a block must be told of."""

    @property
    def living(self) -> tuple[int, ...]:
        """The numbers of the workers that can be told what to do."""

    async def open(self, make_job: Callable[[int], Job]) -> list[Ready]:
        """Have every worker open its targets."""

    async def run(self, assignments: Mapping[int, Assignment], deliver: Deliver) -> frozenset[int]:
        """Have a block sent; gives the workers that were lost."""

    def stop(self) -> None:
        """Have what they send given up and delivered, where they can be reached meanwhile."""

    async def close(self) -> None:
        """Let the workers go."""


@dataclass(frozen=True, slots=True)
class Sending:
    """Whoever sends a load, ready to.

    Attributes:
        ready: what is known of the targets.
        measure: sends all blocks; given where observations go, and a bar that counts them.
        workers: how many share the load.
        epoch_ns: the beginning of the run, on `perf_counter_ns`; None for when it is written.
    """

    ready: Ready
    measure: Callable[[RunWriter, "tqdm[None]"], Coroutine[Any, Any, None]]
    workers: int = 1
    epoch_ns: int | None = None


@asynccontextmanager
async def sending_by_crew(
    blocks: LoadBlocks, make_targets: MakeTargets, crew: Crew, patience_s: float, epoch_ns: int
) -> AsyncIterator[Sending]:
    """Several workers, each with targets of its own; closed at the end.

    The parts that the targets stand on are watched from here, which costs those who send nothing;
    a block cannot be broken off from here, so one in which a part went is given up at its end.
    Caches that were emptied with their server stay so.

    Args:
        blocks: of the plan, those that are to be sent.
        make_targets: called in each worker; makes a target for each arm.
        crew: the workers.
        patience_s: how long to wait for a part that has gone.
        epoch_ns: the beginning of the run, on `perf_counter_ns`.

    Raises:
        RunError: a worker cannot open its targets.
        PlanError: there are more workers than clients or requests.
    """
    run, fresh = f"hhperf-{epoch_ns}", blocks.fresh

    async def measure(writer: RunWriter, bar: "tqdm[None]") -> None:
        merging = _Merging(fresh, ready[0].names, writer, bar)
        send = partial(_send, crew=crew, merging=merging, epoch_ns=epoch_ns)
        askers = needs_of(make_targets().values())
        async with supervised(askers, patience_s, unless_within_ns=0) as supervision:
            await blocks.send_all(send, supervision, writer, bar, breaks=False)

    try:
        ready = await crew.open(
            lambda worker: Job(fresh.extended, make_targets, worker, epoch_ns, run)
        )
        check_workers(blocks.plan, len(ready))
        yield Sending(ready[0], measure, len(ready), epoch_ns)
    finally:
        await crew.close()


async def _send(block: Block, *, crew: Crew, merging: "_Merging", epoch_ns: int) -> None:
    living = crew.living
    if not living:
        raise RunError("all workers are lost; what they measured before is in the run")
    begin_ns = perf_counter_ns() + round(crew.lead_s * 1e9)
    assignments = {
        worker: Assignment(block.number, begin_ns, share, len(living))
        for share, worker in enumerate(living)
    }
    merging.begin()
    for worker in await _sent(crew, assignments, merging):
        merging.lose(worker, block, assignments[worker], begin_ns - epoch_ns)


async def _sent(
    crew: Crew, assignments: Mapping[int, Assignment], merging: "_Merging"
) -> frozenset[int]:
    """Have a block sent; gives the workers that were lost.

    Raises:
        TargetError: a worker ended it for the safety of its target.
    """
    sending = asyncio.create_task(crew.run(assignments, merging.deliver))
    stopping = asyncio.create_task(merging.is_stopped.wait())
    try:
        await asyncio.wait({sending, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if merging.reason:
            await asyncio.wait({sending}, timeout=GRACE_S)
            raise TargetError(merging.reason)
        return await sending
    except asyncio.CancelledError:
        crew.stop()
        await asyncio.wait({sending}, timeout=LAST_WORDS_S)
        raise
    finally:
        for task in (sending, stopping):
            task.cancel()
        await asyncio.gather(sending, stopping, return_exceptions=True)


class _Merging:
    """Puts together what the workers of a run deliver."""

    def __init__(
        self, fresh: FreshRounds, names: Mapping[Arm, str], writer: RunWriter, bar: "tqdm[None]"
    ) -> None:
        self._fresh = fresh
        self._plan = fresh.extended
        self._names = names
        self._writer = writer
        self._bar = bar
        self._pairs: dict[int, list[np.ndarray]] = {}
        self.is_stopped = asyncio.Event()
        self.reason = ""

    def begin(self) -> None:
        """A block begins."""
        self._pairs = {}

    def deliver(self, worker: int, kind: Kind, data: bytes) -> None:
        """Write what a worker measured, or keep for what it has ended its block."""
        if kind == "stopped":
            self.reason = data.decode()
            self.is_stopped.set()
            return
        if kind == "health":
            looks = pa.ipc.read_record_batch(pa.py_buffer(data), HEALTH)
            self._fresh.note_health(looks)
            self._writer.add_health_batch(looks)
            return
        batch = pa.ipc.read_record_batch(pa.py_buffer(data), OBSERVATIONS)
        self._pairs.setdefault(worker, []).append(np.asarray(batch["pair"]))
        self._fresh.note(batch)
        self._writer.add_batch(batch)
        self._bar.update(len(batch))

    def lose(self, worker: int, block: Block, assignment: Assignment, after_ns: int) -> None:
        """Record as lost what a worker was to send in a block and did not deliver.

        Args:
            worker: which one.
            block: what it was sending.
            assignment: which share of it.
            after_ns: how long after the run's beginning the block began.
        """
        share = share_of(self._plan, block, assignment.share, assignment.shares)
        first = self._plan.first_pair(block.round)
        delivered = np.concatenate([*self._pairs.get(worker, []), np.empty(0, dtype=np.int64)])
        missing = (share.slots >= 0) & ~np.isin(share.slots + first, delivered)
        waits_ns = share.wait_ns if share.clients is None else np.zeros_like(share.wait_ns)
        due_ns = waits_ns + after_ns + self._writer.epoch_ns
        self._losses.begin(block)
        for slot, at_ns in zip(
            share.slots[missing].tolist(), due_ns[missing].tolist(), strict=True
        ):
            lost = Attempt(at_ns, at_ns, Outcome.LOST, error=LOST)
            self._losses.record(Sent(slot, at_ns, at_ns, lost))
        self._losses.flush()
        self._bar.update(int(missing.sum()))

    @cached_property
    def _losses(self) -> LoadRecorder:
        """Made when a worker is lost: it goes through the whole log."""
        return LoadRecorder(
            self._plan,
            self._names,
            self._writer.add_batch,
            self._writer.epoch_ns,
            lambda _start_ns, _end_ns: 0,
        )
