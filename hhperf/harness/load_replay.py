"""From requests sent under load to columns of the run, without an object for each observation."""

from pathlib import Path
from time import perf_counter_ns

from hhperf.harness.generator import Generator, generating
from hhperf.harness.load_plan import LoadPlan
from hhperf.harness.preparation import (
    Targets,
    check_targets,
    opened,
    prepare,
    shared_parts,
    until_done_or_stopped,
)
from hhperf.long_work import progress_bar
from hhperf.runs.metadata import Conditions, Floor, describe
from hhperf.runs.run import Run, load_run
from hhperf.runs.writer import RunWriter, empty_folder

LEAD_NS = 20_000_000
"""From the decision to begin a block to its beginning."""


async def replay_load(
    plan: LoadPlan,
    targets: Targets,
    out: Path | str,
    *,
    conditions: Conditions | None = None,
    floor: Floor | None = None,
    progress: bool | None = None,
) -> Run:
    """Put the planned load on each arm in turn and record every request.

    The first Ctrl-C ends the replay early: the run is marked `interrupted` and returned with all
    that was measured.

    Args:
        plan: what to send and when, made by `plan_load`.
        targets: one for each arm of the plan, no two the same; opened and closed here.
        out: the run's folder, new or empty.
        conditions: what the run's metadata say beside the plan.
        floor: what the generator itself takes, from `calibrate`.
        progress: whether to show a bar; None for only on a terminal and in a notebook.

    Raises:
        RunError: the folder is not empty or cannot be written.
        PlanError: an arm has no target, or two share one.
        asyncio.CancelledError: the calling task was cancelled; the run on disk is `interrupted`.
    """
    check_targets(targets, plan.arms)
    folder = empty_folder(Path(out))
    used = {arm: targets[arm] for arm in plan.arms}
    names = {arm: target.name for arm, target in used.items()}
    async with opened(used.values()):
        await prepare(plan, used, (), progress)
        metadata = describe(
            conditions or Conditions(),
            plan.log_facts(),
            plan.design(names),
            plan.seed,
            floor=floor,
            shared=shared_parts(used),
        )
        bar = progress_bar("measure", len(plan) * len(used), progress)
        with RunWriter(folder, metadata) as writer, bar:
            async with generating(plan, used, names, writer, bar) as generator:
                status = await until_done_or_stopped(_measure(plan, generator))
            writer.close(status)
    return load_run(folder)


async def _measure(plan: LoadPlan, generator: Generator) -> None:
    for block in plan.blocks:
        await generator.run(block, perf_counter_ns() + LEAD_NS)
