"""Many things at the same time, a bar that shows it, and a way out of a running event loop."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from tqdm import tqdm

Item = TypeVar("Item")
Result = TypeVar("Result")


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


def in_thread(work: Coroutine[Any, Any, Result]) -> Result:
    """Run to the end in a thread with an event loop of its own; Ctrl-C cancels it first."""
    started: Future[Callable[[], object]] = Future()

    async def main() -> Result:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        started.set_result(lambda: loop.call_soon_threadsafe(task.cancel))
        return await work

    with ThreadPoolExecutor(1, thread_name_prefix="replay") as pool:
        result = pool.submit(asyncio.run, main())
        try:
            return result.result()
        except KeyboardInterrupt:
            started.result()()
            raise
