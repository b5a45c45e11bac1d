"""Coroutines from code that is not asynchronous, also where an event loop already runs."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")


def run_sync(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end and return its result.

    In a notebook cell a loop is running in this thread: then a thread of its own is used. An
    interrupt cancels the coroutine there as it does here, and waits until it has cleaned up.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(coroutine)
    began: Future[asyncio.Task[Any]] = Future()

    async def noted() -> T:
        began.set_result(_this_task())
        return await coroutine

    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(asyncio.run, noted())
        try:
            return running.result()
        except BaseException:
            task = began.result()
            with suppress(RuntimeError):  # it has ended: what was raised is its own failure
                task.get_loop().call_soon_threadsafe(task.cancel)
            raise


def _this_task() -> asyncio.Task[Any]:
    task = asyncio.current_task()
    assert task is not None
    return task
