"""What comes before, around and after measuring, for every kind of replay."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations
from pathlib import Path
from time import perf_counter_ns
from typing import Any, TypeVar

from tqdm import tqdm

from hhperf.errors import InterruptionError, PlanError, StackError, TargetError
from hhperf.harness.company import in_company
from hhperf.harness.flight import attempt
from hhperf.harness.pace import Pace
from hhperf.harness.replay_plan import CacheState, ReplayPlan
from hhperf.harness.target import FillsLookups, OwnsParts, Request, Target, WarmsConnections
from hhperf.harness.together import end_if_cancelled, together
from hhperf.interrupts import interruption, stopped_by
from hhperf.long_work import progress_bar
from hhperf.masking import masked
from hhperf.runs.ending import PLAN, Ending
from hhperf.runs.metadata import RunMetadata
from hhperf.runs.observation import Arm
from hhperf.runs.resuming import GoingOn, has_measured
from hhperf.runs.run import Run, load_run
from hhperf.runs.writer import RunWriter

PRIMING_IN_FLIGHT = 4
UNIMPAIRED_EVERY_S = 0.5
UNIMPAIRED_WITHIN_NS = 45_000_000_000
"""Longer than any client of the search leaves a part alone that has failed."""

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
    plan: ReplayPlan,
    targets: Targets,
    progress: bool | None,
    others: Sequence[Target] = (),
    pace: Pace | None = None,
) -> AsyncIterator[tuple[Targets, Ready]]:
    """Open the targets of a plan's arms, warm their connections, and caches if declared so.

    Whatever happens, each that was to be opened is closed in the end.

    Args:
        plan: of the replay.
        targets: by arm.
        progress: whether to show a bar.
        others: opened and warmed alike, beside those of the arms.
        pace: of requests that fill caches; None for as fast as they are answered.

    Raises:
        PlanError: an arm has no target, or two share one.
    """
    used = _targets_of(plan.arms, targets)
    everybody = [*used.values(), *others]
    if len(set(map(id, everybody))) < len(everybody):
        raise PlanError("two arms have the same target: make one for each, they share nothing")
    async with AsyncExitStack() as stack:
        for target in everybody:
            stack.push_async_callback(target.close)
            await target.open()
            end_if_cancelled()
        for target in everybody:
            if isinstance(target, WarmsConnections):
                await target.warm_connections()
                end_if_cancelled()
        await _fill_caches(plan, everybody, progress, pace)
        named = {str(arm): each for arm, each in used.items()}
        shared = _shared_parts(named | {f"beside, {each.name}": each for each in others})
        yield used, Ready({arm: each.name for arm, each in used.items()}, shared)


async def make_ready_again(
    plan: ReplayPlan, targets: Sequence[Target], pace: Pace | None = None
) -> None:
    """Bring opened targets to where `opened` left them, once a part has been gone.

    Connections are made anew, and caches that are declared warm are filled; those of natural use
    begin with what they still hold. A client that leaves a part alone for a while after failures
    is waited for.

    Args:
        plan: of the replay.
        targets: all of them.
        pace: of requests; None for as fast as they are answered.

    Raises:
        TargetError: a target does not answer unimpaired within 45 s.
    """
    for target in targets:
        if isinstance(target, WarmsConnections):
            await target.warm_connections()
    request = plan.log[int(plan.picks[0])]
    until_ns = perf_counter_ns() + UNIMPAIRED_WITHIN_NS
    for target in targets:
        while (came := await attempt(target, request, plan.timeout_s)).is_impaired:
            if perf_counter_ns() > until_ns:
                raise TargetError(f"{target.name} is still impaired: {came.error}")
            await asyncio.sleep(UNIMPAIRED_EVERY_S)
            if pace is not None:
                await pace.turn()
    await _fill_caches(plan, targets, progress=False, pace=pace)


async def _fill_caches(
    plan: ReplayPlan, targets: Sequence[Target], progress: bool | None, pace: Pace | None
) -> None:
    """Have lookups known where the plan declares them so."""
    filled = _to_fill(plan.cache_state, targets)
    if filled:
        requests = plan.distinct_requests()
        await send_unrecorded(
            "fill caches", requests, filled, plan.timeout_s,
            1 if pace else PRIMING_IN_FLIGHT, progress, pace,
        )  # fmt: skip


def _targets_of(arms: Sequence[Arm], targets: Targets) -> Targets:
    without = [arm.value for arm in arms if arm not in targets]
    if without:
        raise PlanError(f"no target for {', '.join(without)}")
    return {arm: targets[arm] for arm in arms}


def _to_fill(cache_state: CacheState, targets: Sequence[Target]) -> Sequence[Target]:
    """What each distinct request is sent to before measuring, so that lookups are known.

    Both measurements of a control that share its lookups would else differ in natural use: the
    second in time would find what the first has looked up.
    """
    if cache_state is CacheState.WARM:
        return targets
    asked = (each.for_lookups() for each in targets if isinstance(each, FillsLookups))
    return [each for each in asked if each is not None]


def _shared_parts(targets: Mapping[str, Target]) -> tuple[str, ...]:
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
    targets: Iterable[Target],
    timeout_s: float,
    in_flight: int,
    progress: bool | None,
    pace: Pace | None = None,
) -> None:
    """Send requests to every target; what comes of them is let go."""

    async def send(request: Request) -> None:
        for target in targets:
            if pace is not None:
                await pace.turn()
            await attempt(target, request, timeout_s)

    with progress_bar(what, len(requests), progress) as bar:
        await perform_all(requests, send, in_flight, bar)


async def record(
    folder: Path,
    metadata: RunMetadata,
    measure: Callable[[RunWriter], Coroutine[Any, Any, str | None]],
    epoch_ns: int | None = None,
    rest: GoingOn | None = None,
) -> Run:
    """Write a run while it is measured.

    The first Ctrl-C ends it early and is no error: it is `interrupted`. Nor is a part that is gone:
    it is `stopped`. Of any other error it is `failed`.

    Args:
        folder: where the run goes.
        metadata: what the run is.
        measure: given what to write to; ends when all is measured, and says by what; None for by
            the plan.
        epoch_ns: the reading of the clock from which the stored clocks count; now when None.
        rest: how a run is gone on with; None for one that begins.

    Raises:
        RunError: the folder is not empty or cannot be written.
        InterruptionError: it was before anything was measured; nothing of it is kept.
        asyncio.CancelledError: the calling task is being cancelled.
    """

    async def measure_it(writers: Sequence[RunWriter]) -> str | None:
        return await measure(writers[0])

    rests = () if rest is None else (rest,)
    return (await record_all([folder], [metadata], measure_it, epoch_ns, rests))[0]


async def record_all(
    folders: Sequence[Path],
    metadata: Sequence[RunMetadata],
    measure: Callable[[Sequence[RunWriter]], Coroutine[Any, Any, str | None]],
    epoch_ns: int | None = None,
    rests: Sequence[GoingOn] = (),
) -> list[Run]:
    """The same for runs that are measured at the same time, on one clock."""
    epoch_ns = perf_counter_ns() if epoch_ns is None else epoch_ns
    with ExitStack() as stack:
        company = stack.enter_context(in_company(folders[0]))
        company.look()
        described = [replace(each, company=company.met) for each in metadata]
        writers = [
            stack.enter_context(writer)
            for writer in (
                [each.writer() for each in rests]
                or map(partial(RunWriter, epoch_ns=epoch_ns), folders, described)
            )
        ]

        def note() -> None:
            for writer in writers:
                writer.note_company(company.met)

        if rests and company.met:
            note()
        async with company.watched(note):
            ending = await _until_done_or_stopped(measure(writers))
        for writer in writers:
            writer.close(ending)
    runs = [load_run(folder) for folder in folders]
    if ending.status == "interrupted" and not any(map(has_measured, runs)):
        for writer in writers:
            writer.discard()
        raise InterruptionError(f"interrupted by {ending.reason}: nothing was measured")
    return runs


async def _until_done_or_stopped(work: Coroutine[Any, Any, str | None]) -> Ending:
    measuring = asyncio.create_task(work)
    with stopped_by(measuring.cancel):
        try:
            return Ending("finished", await measuring or PLAN)
        except asyncio.CancelledError:
            caller = asyncio.current_task()
            if caller is not None and caller.cancelling():
                raise
            return Ending("interrupted", interruption())
        except (StackError, TargetError) as gone:
            return Ending("stopped", masked(str(gone)))


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
            end_if_cancelled()
            bar.update()
            # A target that never waits would keep signals and samples from being seen.
            await asyncio.sleep(0)

    await together(work() for _ in range(in_flight))
