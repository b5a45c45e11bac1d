"""Interrupts: what Ctrl-C, the stop button and ending signals do to work that is under way.

Work that can be stopped runs as `stoppable`. The first interrupt stops it in order: it says itself
how while it measures (`stopped_by`), is cancelled before, and goes to its end after, since it then
closes. The next interrupt does what it would do without any of this.
"""

import asyncio
import signal
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar

from hhperf.errors import InterruptionError

T = TypeVar("T")
Stop = Callable[[], object]

ENDING_SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)
)

_heard: list[signal.Signals] = []
_stopped = threading.Event()


def heed_signals() -> None:
    """From here on SIGTERM and SIGHUP do what Ctrl-C does; one that is ignored stays ignored.

    For a program's beginning, in its main thread.
    """
    _heard.clear()
    _stopped.clear()
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A shell has programs in the background ignore it; what ends them is passed on by it here.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in ENDING_SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as `nohup` has it
            signal.signal(number, _like_ctrl_c)


def _like_ctrl_c(number: int, _frame: object) -> None:
    _heard.append(signal.Signals(number))
    signal.raise_signal(signal.SIGINT)


def signal_heard() -> signal.Signals:
    """Which signal ends this program, once something does: the first that was heeded."""
    return _heard[0] if _heard else signal.SIGINT


def interruption() -> str:
    """What has interrupted work, in a word."""
    return signal_heard().name if _heard else "Ctrl-C"


def was_stopped() -> bool:
    """Whether anything has been stopped since the program began, also what was at its end."""
    return _stopped.is_set()


@dataclass(slots=True)
class _Work:
    """Work that can be stopped, as whoever hears the interrupt sees it."""

    task: "asyncio.Task[Any] | None" = None
    is_stopped: bool = False
    stop: Stop | None = None
    is_closing: bool = False
    within: list["_Work"] = field(default_factory=list)

    def interrupt(self) -> None:
        """Stop it, in its own event loop."""
        self.is_stopped = True
        _stopped.set()
        if self.within:
            self.within[-1].interrupt()
        elif self.stop is not None:
            self.stop()
        elif self.task is not None and not self.is_closing:
            self.task.cancel()


class Waiter:
    """Whoever waits in another thread for a coroutine, and is interrupted in its place.

    Attributes:
        work: what can be stopped in order, while there is something.
    """

    def __init__(self, task: "asyncio.Task[Any]") -> None:
        self.work: _Work | None = None
        self._task = task

    def interrupt(self) -> bool:
        """Stop the work in order, else cancel the coroutine; whether to wait on."""
        work, self.work = self.work, None
        try:
            self._task.get_loop().call_soon_threadsafe(
                work.interrupt if work is not None else self._task.cancel
            )
        except RuntimeError:  # its loop has closed: it has ended in the meantime
            return False
        return work is not None


_waiter: ContextVar[Waiter | None] = ContextVar("_waiter", default=None)
_current: ContextVar[_Work | None] = ContextVar("_current", default=None)


def waited_for_elsewhere() -> Waiter:
    """From here on the running task is interrupted by whoever waits for it in another thread."""
    task = asyncio.current_task()
    assert task is not None
    waiter = Waiter(task)
    _waiter.set(waiter)
    _current.set(None)  # of the other thread
    return waiter


async def stoppable(work: Coroutine[Any, Any, T], kept: str = "nothing was measured") -> T:
    """Do work that the first interrupt stops.

    Args:
        work: what to do.
        kept: what there is of it when it was stopped before it had a result, in words.

    Raises:
        InterruptionError: it was stopped before it had a result.
        asyncio.CancelledError: the calling task was cancelled.
    """
    mine, outer = _Work(), _current.get()
    token = _current.set(mine)
    mine.task = task = asyncio.create_task(work)
    _current.reset(token)
    with _heard_by(mine, outer):
        try:
            return await task
        except asyncio.CancelledError:
            caller = asyncio.current_task()
            if not mine.is_stopped or (caller is not None and caller.cancelling()):
                raise
            raise InterruptionError(f"interrupted by {interruption()}: {kept}") from None


@contextmanager
def stopped_by(stop: Stop) -> Iterator[None]:
    """Within the block an interrupt of the work calls `stop`; after it there is nothing to stop.

    Args:
        stop: called in the event loop of the work.
    """
    work = _current.get()
    if work is None:
        yield
        return
    work.stop = stop
    try:
        yield
    finally:
        work.stop, work.is_closing = None, True


def is_being_stopped() -> bool:
    """Whether the work that this is part of was interrupted."""
    work = _current.get()
    return work is not None and work.is_stopped


@contextmanager
def _heard_by(work: _Work, outer: _Work | None) -> Iterator[None]:
    """Within the block the first interrupt is told to the work."""
    there = _waiter.get()
    if outer is not None:
        if outer.is_stopped:  # before there was anything within
            work.interrupt()
        outer.within.append(work)
        try:
            yield
        finally:
            outer.within.remove(work)
    elif there is not None:
        there.work = work
        try:
            yield
        finally:
            there.work = None
    else:
        with _of_this_thread(work.interrupt):
            yield


@contextmanager
def _of_this_thread(stop: Stop) -> Iterator[None]:
    """Within the block the first Ctrl-C calls `stop`; the next one does what it did before.

    Where an event loop takes no signal handlers, or off the main thread, nothing changes.
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


@contextmanager
def breaking_off(what: str) -> Iterator[None]:
    """Within the block, which awaits nothing, an interrupt breaks off at once.

    In a notebook cell that awaits something it would else be heeded only where the cell next does.

    Args:
        what: is broken off, for the message.

    Raises:
        KeyboardInterrupt: with what was broken off.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        raise StoppedAtOnce(f"interrupted by {interruption()}: {what}") from None
    finally:
        signal.signal(signal.SIGINT, before)


class PutOff:
    """From here to its `end` an interrupt of this thread waits, for what must not be torn apart.

    Off the main thread, which no interrupt reaches, nothing changes.
    """

    def __init__(self) -> None:
        self._came = False
        self._before: Any = None
        is_main = threading.current_thread() is threading.main_thread()
        # A handler that Python did not set, None here, could not be given back.
        if is_main and signal.getsignal(signal.SIGINT) is not None:
            self._before = signal.signal(signal.SIGINT, self._note)

    def _note(self, _number: int, _frame: object) -> None:
        self._came = True

    def end(self) -> None:
        """Heed interrupts again; once more there is nothing to end.

        Raises:
            KeyboardInterrupt: one came meanwhile.
        """
        before, self._before = self._before, None
        if before is not None:
            signal.signal(signal.SIGINT, before)
        came, self._came = self._came, False
        if came:
            raise KeyboardInterrupt


class StoppedAtOnce(KeyboardInterrupt):
    """An interrupt that says what it broke off, in a notebook in one line."""

    _render_traceback_ = InterruptionError._render_traceback_
