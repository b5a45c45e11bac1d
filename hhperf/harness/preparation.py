"""What comes before and after measuring, for every kind of replay."""

import asyncio
from collections.abc import (
    AsyncIterator,
    Callable,
    Collection,
    Coroutine,
    Iterable,
    Mapping,
    Sequence,
)
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import combinations
from typing import Any, Protocol, TypeVar

from tqdm import tqdm

from hhperf.errors import PlanError
from hhperf.harness.flight import attempt
from hhperf.harness.paired_plan import CacheState
from hhperf.harness.target import OwnsParts, Request, Target, WarmsConnections
from hhperf.long_work import progress_bar, stopped_by_ctrl_c
from hhperf.runs.metadata import Status
from hhperf.runs.observation import Arm

PRIMING_IN_FLIGHT = 4

Targets = Mapping[Arm, Target]


class Plan(Protocol):
    """What a plan says of the time before measuring."""

    @property
    def cache_state(self) -> CacheState:
        """What the caches hold when measuring begins."""

    @property
    def timeout_s(self) -> float:
        """When a request is given up."""

    @property
    def in_flight(self) -> int:
        """Warm-up requests sent at the same time."""

    def distinct_requests(self) -> list[Request]:
        """The measured requests, each kind once."""


def check_targets(targets: Targets, arms: Collection[Arm]) -> None:
    """Make sure that every arm has a target of its own.

    Raises:
        PlanError: an arm has none, or two share one.
    """
    without = [arm.value for arm in arms if arm not in targets]
    if without:
        raise PlanError(f"no target for {', '.join(without)}")
    if len({id(targets[arm]) for arm in arms}) < len(arms):
        raise PlanError("two arms have the same target: make one for each, they share nothing")


def shared_parts(targets: Targets) -> tuple[str, ...]:
    """What two arms have in common, such as `cache prefix: control and treatment`.

    Args:
        targets: opened; one that cannot tell what it owns is taken to share nothing.
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


@asynccontextmanager
async def opened(targets: Collection[Target]) -> AsyncIterator[None]:
    """Open the targets; whatever happens, close each that was to be opened."""
    async with AsyncExitStack() as stack:
        for target in targets:
            stack.push_async_callback(target.close)
            await target.open()
        yield


async def prepare(
    plan: Plan, targets: Targets, warm_up: Sequence[Request], progress: bool | None
) -> None:
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
    with progress_bar("warm up", len(warm_up), progress) as bar:
        await perform_all(warm_up, send, plan.in_flight, bar)


async def until_done_or_stopped(work: Coroutine[Any, Any, None]) -> Status:
    """Do the work; the first Ctrl-C cancels it and is no error.

    Raises:
        asyncio.CancelledError: the calling task is being cancelled.
    """
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


Item = TypeVar("Item")


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
