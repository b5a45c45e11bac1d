"""Coroutines from code that is not asynchronous, also where an event loop already runs."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from contextvars import ContextVar, copy_context
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")
NewLoop = Callable[[], asyncio.AbstractEventLoop]
Stop = Callable[[], object]


def run_sync(coroutine: Coroutine[Any, Any, T], new_loop: NewLoop | None = None) -> T:
    """Run a coroutine to its end and return its result.

    In a notebook cell a loop is running in this thread: then a thread of its own is used. An
    interrupt of the cell does there what it does here: where the coroutine knows how to stop in
    order (`stopped_by_interrupt`) it is told to, anywhere else it is cancelled and cleans up.

    Args:
        coroutine: what to run.
        new_loop: makes the event loop; asyncio's own when None.

    Raises:
        KeyboardInterrupt: the coroutine was cancelled by an interrupt.
    """
    if not _in_event_loop():
        return _run(coroutine, new_loop)
    began: Future[_Distant] = Future()

    async def noted() -> T:
        distant = _Distant(_this_task())
        _distant.set(distant)
        began.set_result(distant)
        return await coroutine

    with ThreadPoolExecutor(1) as thread:
        # What is printed or displayed there belongs to the cell that waits here.
        running = thread.submit(copy_context().run, _run, noted(), new_loop)
        while True:
            try:
                return running.result()
            except BaseException:
                if running.done() or not began.result().interrupt():
                    raise


@contextmanager
def stopped_by_interrupt(stop: Stop) -> Iterator[None]:
    """Within the block the first interrupt of who waits in `run_sync` calls `stop`, no more.

    Elsewhere nothing changes.

    Args:
        stop: called in the event loop of the coroutine that this is in.
    """
    distant = _distant.get()
    if distant is None:
        yield
        return
    distant.stop = stop
    try:
        yield
    finally:
        distant.stop = None


@dataclass(slots=True)
class _Distant:
    """A coroutine in a thread of its own, as the waiting thread sees it."""

    task: asyncio.Task[Any]
    stop: Stop | None = None

    def interrupt(self) -> bool:
        """Stop it in order if it knows how to, else cancel it; whether to wait on."""
        stop, self.stop = self.stop, None
        with suppress(RuntimeError):  # its loop has closed: it has ended in the meantime
            self.task.get_loop().call_soon_threadsafe(stop or self.task.cancel)
        return stop is not None


_distant: ContextVar[_Distant | None] = ContextVar("_distant", default=None)


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
