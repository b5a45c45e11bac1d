"""Coroutines from code that is not asynchronous, also where an event loop already runs."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")
NewLoop = Callable[[], asyncio.AbstractEventLoop]


def run_sync(coroutine: Coroutine[Any, Any, T], new_loop: NewLoop | None = None) -> T:
    """Run a coroutine to its end and return its result.

    In a notebook cell a loop is running in this thread: then a thread of its own is used. An
    interrupt cancels the coroutine there as it does here, and waits until it has cleaned up.

    Args:
        coroutine: what to run.
        new_loop: makes the event loop; asyncio's own when None.
    """
    if not _in_event_loop():
        return _run(coroutine, new_loop)
    began: Future[asyncio.Task[Any]] = Future()

    async def noted() -> T:
        began.set_result(_this_task())
        return await coroutine

    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(_run, noted(), new_loop)
        try:
            return running.result()
        except BaseException:
            task = began.result()
            with suppress(RuntimeError):  # it has ended: what was raised is its own failure
                task.get_loop().call_soon_threadsafe(task.cancel)
            raise


def _run(coroutine: Coroutine[Any, Any, T], new_loop: NewLoop | None) -> T:
    with asyncio.Runner(loop_factory=new_loop) as runner:
        return runner.run(coroutine)


def _this_task() -> asyncio.Task[Any]:
    task = asyncio.current_task()
    assert task is not None
    return task


def _in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
