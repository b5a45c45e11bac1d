"""Ctrl-C, or the stop button of a notebook, as an orderly stop."""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from hhperf.sync import stopped_by_interrupt


@contextmanager
def stopped_by_ctrl_c(stop: Callable[[], object]) -> Iterator[None]:
    """Within the block the first Ctrl-C calls `stop`; the next one does what it did before.

    Off the main thread the interrupt comes from the thread that waits; where an event loop takes no
    signal handlers, nothing changes.
    """
    before = signal.getsignal(signal.SIGINT)
    loop = asyncio.get_running_loop()

    def give_back() -> None:
        loop.remove_signal_handler(signal.SIGINT)
        signal.signal(signal.SIGINT, before)

    def stop_once() -> None:
        give_back()
        stop()

    if not _can_handle(loop, stop_once):
        with stopped_by_interrupt(stop):
            yield
        return
    try:
        yield
    finally:
        give_back()


def _can_handle(loop: asyncio.AbstractEventLoop, handler: Callable[[], None]) -> bool:
    if threading.current_thread() is not threading.main_thread():
        return False
    try:
        loop.add_signal_handler(signal.SIGINT, handler)
    except NotImplementedError:
        return False
    return True
