"""Replay under load by several processes, on one machine or many.

Block by block each worker sends every n-th request, on a clock that all have in common. What a
worker had when it died is recorded as lost, and the blocks after it are shared among the others.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from time import perf_counter_ns, time_ns
from typing import Protocol

import numpy as np
import pyarrow as pa
from tqdm import tqdm

from hhperf.errors import RunError
from hhperf.harness.load_plan import Block, LoadPlan
from hhperf.harness.local_crew import Deliver
from hhperf.harness.preparation import until_done_or_stopped
from hhperf.harness.session import Assignment, Job, Kind, MakeTargets, Ready, wall_clock_ns
from hhperf.harness.share import Share, check_workers, share_of
from hhperf.harness.target import text_key
from hhperf.long_work import progress_bar
from hhperf.runs.columns import HEALTH, OBSERVATIONS
from hhperf.runs.metadata import Conditions, Floor, describe
from hhperf.runs.observation import Arm, Observation, Outcome
from hhperf.runs.run import Run, load_run
from hhperf.runs.writer import RunWriter, empty_folder

LOST = "its worker was lost"


class Crew(Protocol):
    """Workers, wherever they are."""

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

    async def close(self) -> None:
        """Let the workers go."""


async def replay_load_shared(
    plan: LoadPlan,
    make_targets: MakeTargets,
    out: Path | str,
    crew: Crew,
    *,
    conditions: Conditions | None = None,
    floor: Floor | None = None,
    progress: bool | None = None,
) -> Run:
    """`replay_load` by several workers, each with targets of its own.

    Args:
        plan: what to send and when, made by `plan_load`.
        make_targets: called in each worker; makes a target for each arm.
        out: the run's folder, new or empty.
        crew: the workers, such as `LocalCrew(2)`; opened and closed here.
        conditions: what the run's metadata say beside the plan.
        floor: what the generator itself takes.
        progress: whether to show a bar; None for only on a terminal and in a notebook.

    Raises:
        RunError: the folder cannot be written, a worker cannot open its targets, or all are lost.
        PlanError: there are more workers than clients or requests.
    """
    folder = empty_folder(Path(out))
    epoch_ns = perf_counter_ns()
    epoch_wall_ns = wall_clock_ns(epoch_ns)
    try:
        ready = await crew.open(lambda worker: Job(plan, make_targets, worker, epoch_wall_ns))
        check_workers(plan, len(ready))
        metadata = describe(
            conditions or Conditions(),
            plan.log_facts(),
            plan.design(ready[0].names, len(ready)),
            plan.seed,
            floor=floor,
            shared=ready[0].shared,
        )
        bar = progress_bar("measure", len(plan) * len(plan.arms), progress)
        with RunWriter(folder, metadata, epoch_ns=epoch_ns) as writer, bar:
            merging = _Merging(plan, ready[0].names, writer, bar, epoch_wall_ns)
            status = await until_done_or_stopped(_measure(plan, crew, merging))
            writer.close(status)
    finally:
        await crew.close()
    return load_run(folder)


async def _measure(plan: LoadPlan, crew: Crew, merging: "_Merging") -> None:
    for block in plan.blocks:
        living = crew.living
        if not living:
            raise RunError("all workers are lost; what they measured before is in the run")
        begin_ns = time_ns() + round(crew.lead_s * 1e9)
        assignments = {
            worker: Assignment(block.number, begin_ns, share, len(living))
            for share, worker in enumerate(living)
        }
        merging.begin()
        for worker in await crew.run(assignments, merging.deliver):
            merging.lose(worker, block, assignments[worker])


class _Merging:
    """Puts together what the workers of a run deliver."""

    def __init__(
        self,
        plan: LoadPlan,
        names: Mapping[Arm, str],
        writer: RunWriter,
        bar: "tqdm[None]",
        epoch_wall_ns: int,
    ) -> None:
        self._plan = plan
        self._names = names
        self._writer = writer
        self._bar = bar
        self._epoch_wall_ns = epoch_wall_ns
        self._pairs: dict[int, list[np.ndarray]] = {}

    def begin(self) -> None:
        """A block begins."""
        self._pairs = {}

    def deliver(self, worker: int, kind: Kind, data: bytes) -> None:
        """Write what a worker measured."""
        if kind == "health":
            self._writer.add_health_batch(pa.ipc.read_record_batch(pa.py_buffer(data), HEALTH))
            return
        batch = pa.ipc.read_record_batch(pa.py_buffer(data), OBSERVATIONS)
        self._pairs.setdefault(worker, []).append(np.asarray(batch["pair"]))
        self._writer.add_batch(batch)
        self._bar.update(len(batch))

    def lose(self, worker: int, block: Block, assignment: Assignment) -> None:
        """Record as lost what a worker was to send in a block and did not deliver."""
        share = share_of(self._plan, block, assignment.share, assignment.shares)
        first = self._plan.first_pair(block.round)
        delivered = np.concatenate([*self._pairs.get(worker, []), np.empty(0, dtype=np.int64)])
        missing = (share.slots >= 0) & ~np.isin(share.slots + first, delivered)
        begin_ns = assignment.begin_ns - self._epoch_wall_ns + self._writer.epoch_ns
        for place in np.flatnonzero(missing):
            self._writer.add(self._lost(share, int(place), begin_ns))
        self._bar.update(int(missing.sum()))

    def _lost(self, share: Share, place: int, begin_ns: int) -> Observation:
        request = self._plan.log[int(share.picks[place])]
        due_ns = begin_ns + (int(share.wait_ns[place]) if share.clients is None else 0)
        return Observation(
            pair=self._plan.first_pair(share.block.round) + int(share.slots[place]),
            request_id=request.request_id,
            arm=share.block.arm,
            arm_schedule=self._names[share.block.arm],
            repetition=share.block.round,
            position=share.block.position,
            tenant=request.tenant,
            session=request.session,
            text_key=text_key(request.body),
            intended_start_ns=due_ns,
            dispatched_ns=due_ns,
            start_ns=due_ns,
            end_ns=due_ns,
            outcome=Outcome.LOST,
            error=LOST,
            block=share.block.number,
        )
