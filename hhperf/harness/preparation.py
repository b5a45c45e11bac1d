"""What comes before, around and after measuring, for every kind of replay."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, TypeVar

from tqdm import tqdm

from hhperf.errors import PlanError
from hhperf.harness.flight import attempt
from hhperf.harness.paired_plan import CacheState, ReplayPlan
from hhperf.harness.target import FillsLookups, OwnsParts, Request, Target, WarmsConnections
from hhperf.long_work import progress_bar, stopped_by_ctrl_c
from hhperf.runs.metadata import RunMetadata, Status
from hhperf.runs.observation import Arm
from hhperf.runs.run import Run, load_run
from hhperf.runs.writer import RunWriter

PRIMING_IN_FLIGHT = 4

Targets = Mapping[Arm, Target]
MakeTargets = Callable[[], Targets]
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Ready:
    """What is known when the targets are open: what serves each arm, and what they share."""

    names: dict[Arm, str]
    shared: tuple[str, ...]


@asynccontextmanager
async def opened(
    plan: ReplayPlan, targets: Targets, progress: bool | None
) -> AsyncIterator[tuple[Targets, Ready]]:
    """Open the targets of a plan's arms, warm their connections, and caches if declared so.

    Whatever happens, each that was to be opened is closed in the end.

    Raises:
        PlanError: an arm has no target, or two share one.
    """
    used = _targets_of(plan.arms, targets)
    async with AsyncExitStack() as stack:
        for target in used.values():
            stack.push_async_callback(target.close)
            await target.open()
        for target in used.values():
            if isinstance(target, WarmsConnections):
                await target.warm_connections()
        filled = _to_fill(plan.cache_state, used)
        if filled:
            requests = plan.distinct_requests()
            await send_unrecorded(
                "fill caches", requests, filled, plan.timeout_s, PRIMING_IN_FLIGHT, progress
            )
        yield used, Ready({arm: each.name for arm, each in used.items()}, _shared_parts(used))


def _targets_of(arms: Sequence[Arm], targets: Targets) -> Targets:
    without = [arm.value for arm in arms if arm not in targets]
    if without:
        raise PlanError(f"no target for {', '.join(without)}")
    used = {arm: targets[arm] for arm in arms}
    if len(set(map(id, used.values()))) < len(used):
        raise PlanError("two arms have the same target: make one for each, they share nothing")
    return used


def _to_fill(cache_state: CacheState, targets: Targets) -> Targets:
    """What each distinct request is sent to before measuring, so that lookups are known.

    Both measurements of a control that share its lookups would else differ in natural use: the
    second in time would find what the first has looked up.
    """
    if cache_state is CacheState.WARM:
        return targets
    asked = {
        arm: each.for_lookups() for arm, each in targets.items() if isinstance(each, FillsLookups)
    }
    return {arm: each for arm, each in asked.items() if each is not None}


def _shared_parts(targets: Targets) -> tuple[str, ...]:
    """What two arms have in common, such as `cache prefix: control and treatment`.

    A target that cannot tell what it owns is taken to share nothing.
    """
    owners = {arm: each.parts() for arm, each in targets.items() if isinstance(each, OwnsParts)}
    return tuple(
        f"{name}: {one} and {other}"
        for one, other in combinations(owners, 2)
        for name, part in owners[one].items()
        if any(_same(part, theirs) for theirs in owners[other].values())
    )


def _same(part: object, other: object) -> bool:
    return part is other or (isinstance(part, str) and part == other)


async def send_unrecorded(
    what: str,
    requests: Sequence[Request],
    targets: Targets,
    timeout_s: float,
    in_flight: int,
    progress: bool | None,
) -> None:
    """Send requests to every target; what comes of them is let go."""

    async def send(request: Request) -> None:
        for target in targets.values():
            await attempt(target, request, timeout_s)

    with progress_bar(what, len(requests), progress) as bar:
        await perform_all(requests, send, in_flight, bar)


async def record(
    folder: Path,
    metadata: RunMetadata,
    measure: Callable[[RunWriter], Coroutine[Any, Any, None]],
    epoch_ns: int | None = None,
) -> Run:
    """Write a run while it is measured; the first Ctrl-C ends it early and is no error.

    Args:
        folder: where the run goes.
        metadata: what the run is.
        measure: given what to write to; ends when all is measured.
        epoch_ns: the reading of the clock from which the stored clocks count; now when None.

    Raises:
        RunError: the folder is not empty or cannot be written.
        asyncio.CancelledError: the calling task is being cancelled.
    """
    with RunWriter(folder, metadata, epoch_ns=epoch_ns) as writer:
        writer.close(await _until_done_or_stopped(measure(writer)))
    return load_run(folder)


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


async def perform_all(
    items: Iterable[Item],
    perform: Callable[[Item], Coroutine[Any, Any, None]],
    in_flight: int,
    bar: "tqdm[None]",
) -> None:
    """Perform every item, so many at the same time, taking them in order."""
    waiting = iter(items)

    async def work() -> None:
        for item in waiting:
            await perform(item)
            bar.update()
            # A target that never waits would keep signals and samples from being seen.
            await asyncio.sleep(0)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(in_flight):
                group.create_task(work())
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
