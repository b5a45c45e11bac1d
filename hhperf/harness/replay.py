"""Paired replay: the same request through control, treatment and the control again."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from time import perf_counter_ns
from typing import Any

from hhperf.harness.attempt import Attempt, attempt
from hhperf.harness.concurrency import perform_all, progress_bar
from hhperf.harness.health import watched
from hhperf.harness.interrupt import stopped_by_ctrl_c
from hhperf.harness.plan import CacheState, Pair, PairedPlan
from hhperf.harness.recording import pair_observations
from hhperf.harness.target import Request, Target, WarmsConnections
from hhperf.runs import Arm, Conditions, Outcome, Run, RunWriter, describe, load_run
from hhperf.runs.metadata import Status
from hhperf.runs.writer import empty_folder
from hhperf.sync import run_sync

PRIMING_IN_FLIGHT = 4

Targets = Mapping[Arm, Target]


async def replay(
    plan: PairedPlan,
    targets: Targets,
    out: Path | str,
    *,
    conditions: Conditions | None = None,
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
        progress: whether to show a bar on stderr; None for only on a terminal.

    Raises:
        RunError: the folder is not empty or cannot be written.
        ValueError: an arm has no target, or two share one.
        asyncio.CancelledError: the calling task was cancelled; the run on disk is `interrupted`.
    """
    _check(targets)
    folder = empty_folder(Path(out))
    names = {arm: targets[arm].name for arm in Arm}
    async with _opened(targets.values()):
        await _prepare(plan, targets, progress)
        metadata = describe(
            conditions or Conditions(), plan.log_facts(), plan.design(names), plan.seed
        )
        with RunWriter(folder, metadata) as writer:
            async with watched(writer):
                status = await _until_done_or_stopped(_measure(plan, targets, writer, progress))
            writer.close(status)
    return load_run(folder)


def replay_sync(
    plan: PairedPlan,
    targets: Targets,
    out: Path | str,
    *,
    conditions: Conditions | None = None,
    progress: bool | None = None,
) -> Run:
    """`replay` for scripts; where an event loop already runs, it works in a thread of its own.

    Raises:
        RunError: the folder is not empty or cannot be written.
        ValueError: an arm has no target, or two share one.
    """
    return run_sync(replay(plan, targets, out, conditions=conditions, progress=progress))


async def _measure(
    plan: PairedPlan, targets: Targets, writer: RunWriter, progress: bool | None
) -> None:
    names = {arm: target.name for arm, target in targets.items()}

    async def perform(pair: Pair) -> None:
        attempts: dict[Arm, Attempt] = {}
        try:
            await _send_pair(pair, targets, plan.timeout_s, attempts)
        finally:
            writer.add(*pair_observations(pair, attempts, names))

    with progress_bar("measure", len(plan), progress) as bar:
        await perform_all(plan.pairs(), perform, plan.in_flight, bar)


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


async def _prepare(plan: PairedPlan, targets: Targets, progress: bool | None) -> None:
    """Warm connections, then caches if declared so, then everything; nothing is recorded."""
    for target in targets.values():
        if isinstance(target, WarmsConnections):
            await target.warm_connections()

    async def send(request: Request) -> None:
        for target in targets.values():
            await attempt(target, request, plan.timeout_s)

    if plan.cache_state is CacheState.WARM:
        requests = plan.distinct_requests()
        with progress_bar("fill caches", len(requests), progress) as bar:
            await perform_all(requests, send, PRIMING_IN_FLIGHT, bar)
    requests = plan.warm_up_requests()
    with progress_bar("warm up", len(requests), progress) as bar:
        await perform_all(requests, send, plan.in_flight, bar)


async def _until_done_or_stopped(work: Coroutine[Any, Any, None]) -> Status:
    measuring = asyncio.create_task(work)
    with stopped_by_ctrl_c(measuring.cancel):
        try:
            await measuring
        except asyncio.CancelledError:
            caller = asyncio.current_task()
            if caller is not None and caller.cancelling():
                raise
            return "interrupted"
    return "finished"


@asynccontextmanager
async def _opened(targets: Iterable[Target]) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        for target in targets:
            stack.push_async_callback(target.close)
            await target.open()
        yield


def _check(targets: Targets) -> None:
    without = [arm.value for arm in Arm if arm not in targets]
    if without:
        raise ValueError(f"no target for {', '.join(without)}")
    if len({id(targets[arm]) for arm in Arm}) < len(Arm):
        raise ValueError("two arms have the same target: make one for each, they share nothing")
