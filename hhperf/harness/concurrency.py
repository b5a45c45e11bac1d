"""Many things at the same time."""

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
