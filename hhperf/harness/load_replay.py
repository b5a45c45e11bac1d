"""Replay under load: by this process alone, or by the workers of a crew."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from functools import partial
from pathlib import Path
from time import perf_counter_ns

from tqdm import tqdm

from hhperf.errors import PlanError
from hhperf.harness.fresh_rounds import NotingSink
from hhperf.harness.generator import generating
from hhperf.harness.guard import Guard, ask, guard_of
from hhperf.harness.live_view import live_view
from hhperf.harness.load_blocks import LoadBlocks
from hhperf.harness.load_plan import Block, LoadPlan
from hhperf.harness.parts import needs_of
from hhperf.harness.preparation import MakeTargets, Targets, make_ready_again, opened, record
from hhperf.harness.shared_replay import Crew, Sending, sending_by_crew
from hhperf.harness.supervision import DEFAULT_PATIENCE_S, check_patience, supervised
from hhperf.interrupts import stoppable
from hhperf.long_work import progress_bar
from hhperf.runs.fresh_folder import empty_folders
from hhperf.runs.metadata import Conditions, Floor, describe
from hhperf.runs.resuming import epoch_of, going_on, unfinished_runs
from hhperf.runs.run import Run
from hhperf.runs.writer import RunWriter

LEAD_NS = 20_000_000
"""From the decision to begin a block to its beginning."""


async def replay_load(  # noqa: PLR0913  each has a name at the call
    plan: LoadPlan,
    targets: Targets | MakeTargets,
    out: Path | str,
    crew: Crew | None = None,
    *,
    conditions: Conditions | None = None,
    floor: Floor | None = None,
    patience_s: float = DEFAULT_PATIENCE_S,
    resume: bool = False,
    progress: bool | None = None,
) -> Run:
    """Put the planned load on each arm in turn and record every request.

    Where stalls of the machine hid planned requests of an open loop, further rounds follow, as the
    plan allows; over a crew as well.

    The first Ctrl-C ends the replay early: the run is marked `interrupted` and returned with all
    that was measured, or `InterruptionError` is raised where nothing was.

    A block in which a part went is given up whole, and sent again once the part is back: requests
    under load are not independent of those before them, so that a block with a hole in it, or one
    whose rest is shifted, would be another load than the other arms of its round have met. What is
    given up goes by the part alone, never by what was measured. The same goes for a block in which
    a run broke off that is gone on with.

    Args:
        plan: what to send and when, made by `plan_load`.
        targets: one for each arm of the plan, no two the same; opened and closed here. Or what
            makes them, which a crew needs: each worker calls it.
        out: the run's folder, new or empty.
        crew: the workers that share the load, such as `LocalCrew(2)`, opened and closed here; None
            for this process alone.
        conditions: what the run's metadata say beside the plan.
        floor: what the generator itself takes, from `calibrate`.
        patience_s: how long to wait for a part that has gone; 0 to end at once.
        resume: whether to go on with the run in the folder: the blocks that it has not gone through
            are sent, in the plan's order. Caches of `natural` use begin empty.
        progress: whether to show a bar; None for only on a terminal and in a notebook.

    Raises:
        RunError: the folder is not empty or cannot be written, a worker cannot open its targets, or
            all are lost; what is to be gone on with is finished, or of another plan, log or stack.
        PlanError: an arm has no target, or two share one; more workers than clients or requests; a
            crew, but nothing that makes targets; more than may be sent to a machine that is not
            this one, or not confirmed.
        InterruptionError: it was before anything was measured; no folder is left.
        asyncio.CancelledError: the calling task was cancelled; the run on disk is `interrupted`.
    """
    check_patience(patience_s)
    folder = Path(out)
    earlier = unfinished_runs([folder])[0] if resume else None
    epoch_ns = epoch_of([earlier]) if earlier is not None else perf_counter_ns()

    async def replay() -> Run:
        with nullcontext() if resume else empty_folders([folder]):
            given = made(targets) if crew is None else targets
            guard = await asyncio.to_thread(_guard_of, given)
            held = plan if guard is None else guard.held(plan)
            if guard is not None:
                ask(guard, held)
            blocks = LoadBlocks(held)
            if crew is None:
                by_whom = _sending_alone(blocks, made(given), patience_s, progress, epoch_ns)
            elif callable(given):
                by_whom = sending_by_crew(blocks, given, crew, patience_s, epoch_ns)
            else:
                raise PlanError(
                    "several workers make their own targets: give a function that returns them"
                )
            with live_view(folder, progress=progress) as is_shown:
                return await _record(
                    folder, earlier, conditions or Conditions(), floor, epoch_ns, blocks, by_whom,
                    False if is_shown else progress,
                )  # fmt: skip

    return await stoppable(replay())


async def _record(  # noqa: PLR0913, PLR0917  bound one part after the other
    folder: Path,
    earlier: Run | None,
    conditions: Conditions,
    floor: Floor | None,
    epoch_ns: int,
    blocks: LoadBlocks,
    by_whom: AbstractAsyncContextManager[Sending],
    progress: bool | None,
) -> Run:
    """Have the blocks sent, and write what comes of them."""
    plan = blocks.plan
    async with by_whom as sending:
        ready = sending.ready
        metadata = describe(
            conditions,
            plan.log_facts(),
            plan.design(ready.names, sending.workers),
            plan.seed,
            floor=floor,
            shared=ready.shared,
        )
        rest = None
        if earlier is not None:
            rest = going_on(earlier, metadata, blocks.recall(earlier), epoch_ns)

        async def measure(writer: RunWriter) -> None:
            with progress_bar("measure", len(plan) * len(plan.arms), progress) as bar:
                bar.update(blocks.done_requests)
                await sending.measure(writer, bar)

        return await record(folder, metadata, measure, epoch_ns, rest)


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
    blocks: LoadBlocks, targets: Targets, patience_s: float, progress: bool | None, epoch_ns: int
) -> AsyncIterator[Sending]:
    plan, guard = blocks.fresh.extended, guard_of(targets)
    pace = guard.pace() if guard else None
    async with opened(blocks.plan, targets, progress, pace=pace) as (used, ready):
        ready_again = partial(make_ready_again, blocks.plan, list(used.values()), pace)

        async def measure(writer: RunWriter, bar: "tqdm[None]") -> None:
            sink = NotingSink(writer, blocks.fresh)
            async with (
                supervised(
                    needs_of(used.values()), patience_s, ready_again=ready_again, unless_within_ns=0
                ) as supervision,
                generating(plan, used, ready.names, sink, bar) as generator,
            ):

                async def send(block: Block) -> None:
                    await generator.run(block, perf_counter_ns() + LEAD_NS)

                await blocks.send_all(send, supervision, writer, bar, breaks=True)

        yield Sending(ready, measure, epoch_ns=epoch_ns)
