"""Many things at the same time, and a bar that shows it."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, TypeVar

from tqdm import tqdm

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


def progress_bar(what: str, total: int, progress: bool | None) -> "tqdm[None]":
    """A bar on stderr; tqdm leaves it out off a terminal when `disable` is None."""
    hidden = None if progress is None else not progress
    return tqdm(total=total, desc=what, disable=hidden, mininterval=0.5, dynamic_ncols=True)
