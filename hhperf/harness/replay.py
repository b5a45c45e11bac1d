"""Paired replay: the same request through control, treatment and the control again."""

import asyncio
from pathlib import Path
from time import perf_counter_ns

from hhperf.harness.attempt import Attempt, attempt
from hhperf.harness.concurrency import perform_all
from hhperf.harness.health import GcPauses, watched
from hhperf.harness.plan import Pair, PairedPlan
from hhperf.harness.preparation import (
    Targets,
    check_targets,
    opened,
    prepare,
    shared_parts,
    until_done_or_stopped,
)
from hhperf.harness.recording import pair_observations
from hhperf.harness.stopping import Stopper, StopRule
from hhperf.progress import progress_bar
from hhperf.runs import Arm, Conditions, Outcome, Run, RunWriter, describe, load_run
from hhperf.runs.writer import empty_folder


async def replay_pairs(
    plan: PairedPlan,
    targets: Targets,
    out: Path | str,
    *,
    conditions: Conditions | None = None,
    stop: StopRule | None = None,
    progress: bool | None = None,
) -> Run:
    """Replay the plan against the targets and record every request.

    The first Ctrl-C ends the replay early: the run is marked `interrupted` and returned with all
    that was measured. In a notebook: `run = await hhperf.replay(...)`.

    Args:
        plan: what to send, made by `plan_pairs`.
        targets: one for each arm, no two the same; opened and closed here.
        out: the run's folder, new or empty.
        conditions: what the run's metadata say beside the plan.
        stop: ends the replay before the plan does; told each pair in the plan's order.
        progress: whether to show a bar; None for only on a terminal and in a notebook.

    Raises:
        RunError: the folder is not empty or cannot be written.
        PlanError: an arm has no target, or two share one.
        asyncio.CancelledError: the calling task was cancelled; the run on disk is `interrupted`.
    """
    check_targets(targets, tuple(Arm))
    folder = empty_folder(Path(out))
    names = {arm: targets[arm].name for arm in Arm}
    async with opened(targets.values()):
        await prepare(plan, targets, plan.warm_up_requests(), progress)
        metadata = describe(
            conditions or Conditions(),
            plan.log_facts(),
            plan.design(names),
            plan.seed,
            shared=shared_parts(targets),
        )
        with RunWriter(folder, metadata) as writer:
            async with watched(writer) as pauses:
                measuring = _measure(plan, targets, writer, pauses, Stopper(stop), progress)
                status = await until_done_or_stopped(measuring)
            writer.close(status)
    return load_run(folder)


async def _measure(
    plan: PairedPlan,
    targets: Targets,
    writer: RunWriter,
    pauses: GcPauses,
    stopper: Stopper,
    progress: bool | None,
) -> None:
    names = {arm: target.name for arm, target in targets.items()}

    async def perform(pair: Pair) -> None:
        attempts: dict[Arm, Attempt] = {}
        try:
            await _send_pair(pair, targets, plan.timeout_s, attempts)
        finally:
            observations = pair_observations(pair, attempts, names, pauses.within_ns)
            writer.add(*observations)
            stopper.note(pair.number, observations)

    with progress_bar("measure", len(plan), progress) as bar:
        await perform_all(stopper.until_enough(plan.pairs()), perform, plan.in_flight, bar)


async def _send_pair(
    pair: Pair, targets: Targets, timeout_s: float, attempts: dict[Arm, Attempt]
) -> None:
    """Send to each arm in turn, back to back; what came of each goes into `attempts`."""
    for arm in pair.order:
        start_ns = perf_counter_ns()
        try:
            attempts[arm] = await attempt(targets[arm], pair.request, timeout_s)
        except asyncio.CancelledError:
            attempts[arm] = Attempt(start_ns, perf_counter_ns(), Outcome.CANCELLED)
            raise
