"""Coroutines from code that is not asynchronous, also where an event loop already runs."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
NewLoop = Callable[[], asyncio.AbstractEventLoop]


def run_sync(coroutine: Coroutine[Any, Any, T], new_loop: NewLoop | None = None) -> T:
    """Run a coroutine to its end and return its result.

    In a notebook cell a loop is running in this thread: then a thread of its own is used.

    Args:
        coroutine: what to run.
        new_loop: makes the event loop; asyncio's own when None.
    """

    def run() -> T:
        with asyncio.Runner(loop_factory=new_loop) as runner:
            return runner.run(coroutine)

    if not _in_event_loop():
        return run()
    outcome: list[T] = []
    failure: list[BaseException] = []

    def target() -> None:
        try:
            outcome.append(run())
        except BaseException as error:  # noqa: BLE001 - handed over to the caller's thread
            failure.append(error)

    thread = threading.Thread(target=target)
    thread.start()
    thread.join()
    if failure:
        raise failure[0]
    return outcome[0]


def _in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
