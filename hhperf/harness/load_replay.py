"""Replay under load: by this process alone, or by the workers of a crew."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from time import perf_counter_ns

from tqdm import tqdm

from hhperf.errors import PlanError
from hhperf.harness.fresh_rounds import FreshRounds, NotingSink
from hhperf.harness.generator import generating
from hhperf.harness.guard import Guard, guard_of
from hhperf.harness.load_plan import LoadPlan
from hhperf.harness.preparation import MakeTargets, Targets, opened, record
from hhperf.harness.shared_replay import Crew, Sending, sending_by_crew
from hhperf.long_work import lengthen, progress_bar
from hhperf.runs.metadata import Conditions, Floor, describe
from hhperf.runs.run import Run
from hhperf.runs.writer import RunWriter, empty_folder

LEAD_NS = 20_000_000
"""From the decision to begin a block to its beginning."""


async def replay_load(
    plan: LoadPlan,
    targets: Targets | MakeTargets,
    out: Path | str,
    crew: Crew | None = None,
    *,
    conditions: Conditions | None = None,
    floor: Floor | None = None,
    progress: bool | None = None,
) -> Run:
    """Put the planned load on each arm in turn and record every request.

    Where stalls of the machine hid planned requests of an open loop, further rounds follow, as the
    plan allows; over a crew as well.

    The first Ctrl-C ends the replay early: the run is marked `interrupted` and returned with all
    that was measured.

    Args:
        plan: what to send and when, made by `plan_load`.
        targets: one for each arm of the plan, no two the same; opened and closed here. Or what
            makes them, which a crew needs: each worker calls it.
        out: the run's folder, new or empty.
        crew: the workers that share the load, such as `LocalCrew(2)`, opened and closed here; None
            for this process alone.
        conditions: what the run's metadata say beside the plan.
        floor: what the generator itself takes, from `calibrate`.
        progress: whether to show a bar; None for only on a terminal and in a notebook.

    Raises:
        RunError: the folder is not empty or cannot be written, a worker cannot open its targets, or
            all are lost.
        PlanError: an arm has no target, or two share one; more workers than clients or requests; a
            crew, but nothing that makes targets; more than may be sent to a machine that is not
            this one, or not confirmed.
        asyncio.CancelledError: the calling task was cancelled; the run on disk is `interrupted`.
    """
    if crew is None:
        targets = made(targets)
    guard = await asyncio.to_thread(_guard_of, targets)
    if guard is not None:
        plan = guard.held(plan)
        guard.ask(plan)
    if crew is None:
        by_whom = _sending_alone(plan, made(targets), progress)
    elif callable(targets):
        by_whom = sending_by_crew(plan, targets, crew)
    else:
        raise PlanError("several workers make their own targets: give a function that returns them")
    folder = empty_folder(Path(out))
    async with by_whom as sending:
        ready = sending.ready
        metadata = describe(
            conditions or Conditions(),
            plan.log_facts(),
            plan.design(ready.names, sending.workers),
            plan.seed,
            floor=floor,
            shared=ready.shared,
        )

        async def measure(writer: RunWriter) -> None:
            with progress_bar("measure", len(plan) * len(plan.arms), progress) as bar:
                await sending.measure(writer, bar)

        return await record(folder, metadata, measure, sending.epoch_ns)


def made(targets: Targets | MakeTargets) -> Targets:
    """The targets themselves, where a function makes them."""
    return targets() if callable(targets) else targets


def _guard_of(targets: Targets | MakeTargets) -> Guard | None:
    """What holds for the targets; where they cannot be made, a worker will tell."""
    try:
        return guard_of(made(targets))
    except Exception:  # noqa: BLE001  whatever a function of the user's raises
        return None


@asynccontextmanager
async def _sending_alone(
    plan: LoadPlan, targets: Targets, progress: bool | None
) -> AsyncIterator[Sending]:
    guard = guard_of(targets)
    pace = guard.pace() if guard else None
    async with opened(plan, targets, progress, pace=pace) as (used, ready):

        async def measure(writer: RunWriter, bar: "tqdm[None]") -> None:
            fresh = FreshRounds(plan)
            sink = NotingSink(writer, fresh)
            async with generating(fresh.extended, used, ready.names, sink, bar) as generator:
                for block in fresh.blocks(partial(lengthen, bar)):
                    await generator.run(block, perf_counter_ns() + LEAD_NS)

        yield Sending(ready, measure)
