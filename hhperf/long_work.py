"""Long work: started from any code, shown by a bar, and stopped in order by an interrupt."""

import asyncio
import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from contextvars import ContextVar, copy_context
from dataclasses import dataclass
from typing import Any, TypeVar

from tqdm import tqdm

T = TypeVar("T")
NewLoop = Callable[[], asyncio.AbstractEventLoop]
Stop = Callable[[], object]

ENDING_SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)
)

EVERY_S = 0.5
"""Between two looks of the bar: what it costs must not show in what is measured."""


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
        task = asyncio.current_task()
        assert task is not None
        distant = _Distant(task)
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


def _in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


async def end_task(task: asyncio.Task[Any]) -> None:
    """Cancel a task until it has ended, however it does.

    Once may not do: a client with a timeout of its own can take the cancellation for its end, and
    what goes on in a loop then goes on for ever.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=1.0)
    if not task.cancelled():
        task.exception()  # seen: nobody asks what became of it


_heard: list[signal.Signals] = []


def heed_signals() -> None:
    """From here on SIGTERM and SIGHUP do what Ctrl-C does; one that is ignored stays ignored.

    For a program's beginning, in its main thread.
    """
    _heard.clear()
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
    """What has interrupted long work, in a word."""
    return signal_heard().name if _heard else "Ctrl-C"


@contextmanager
def stopped_by_ctrl_c(stop: Stop) -> Iterator[None]:
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


def lengthen(bar: "tqdm[Any]", total: int) -> None:
    """Let a bar go on to more steps than it was made for."""
    bar.total = total


def progress_bar(
    what: str,
    total: int | None,
    progress: bool | None = None,
    *,
    unit: str = "it",
    keep: bool = True,
) -> "tqdm[Any]":
    """A bar on stderr; in a notebook a widget, which goes away when it is closed.

    Args:
        what: its label.
        total: how many steps there are, none of which makes no bar; None when that is not known.
        progress: whether to show it; None for only where somebody looks, on a terminal and in a
            notebook.
        unit: what a step is.
        keep: whether a terminal keeps it when it is closed.
    """
    # tqdm itself leaves the bar out off a terminal when `disable` is None.
    hidden = True if total == 0 else None if progress is None else not progress
    options: dict[str, Any] = {"total": total, "desc": what, "unit": unit, "mininterval": EVERY_S}
    if not hidden and in_notebook():
        return _widget_bar(options)
    return tqdm(**options, disable=hidden, leave=keep, dynamic_ncols=True)


def tell(line: str) -> None:
    """Say what happened meanwhile on stderr, above the bar if there is one."""
    tqdm.write(line, file=sys.stderr)


def in_notebook() -> bool:
    """Whether this process is a Jupyter kernel."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return getattr(shell, "kernel", None) is not None


_VIEW = "application/vnd.jupyter.widget-view+json"


def _widget_bar(options: dict[str, Any]) -> "tqdm[Any]":
    """Tqdm's widget, which leaves nothing behind.

    Only the widget itself is put out, without the text that stands for it where there are no
    widgets: that text would be stored with the notebook and tell for ever of a bar at its
    beginning. What is stored in the end is a view of no model, which is not shown: a view of one
    that has gone with its kernel would be shown as an error.
    """
    from IPython.display import DisplayHandle  # noqa: PLC0415  (only kernels have widgets)
    from tqdm.notebook import tqdm_notebook  # noqa: PLC0415

    class WidgetBar(tqdm_notebook):  # type: ignore[misc]  # tqdm has no types
        """A bar that takes its view away with it."""

        def __init__(self) -> None:
            super().__init__(**options, leave=False, display=False)
            self._handle = DisplayHandle()  # type: ignore[no-untyped-call]
            view = _view(self.container.model_id)
            self._handle.display(view, raw=True)  # type: ignore[no-untyped-call]

        def close(self) -> None:
            """Take it away, also where the end was not reached."""
            if self.disable:  # closed before: tqdm does it again when the bar is collected
                return
            super().close()
            self.container.close()
            self._handle.update(_view(""), raw=True)  # type: ignore[no-untyped-call]

    return WidgetBar()


def _view(model_id: str) -> dict[str, dict[str, Any]]:
    return {_VIEW: {"version_major": 2, "version_minor": 0, "model_id": model_id}}
