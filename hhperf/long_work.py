"""Long work: started from any code, and shown by a bar."""

import asyncio
import sys
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from contextvars import copy_context
from typing import Any, TypeVar

from tqdm import tqdm

from hhperf.errors import InterruptionError
from hhperf.interrupts import PutOff, StoppedAtOnce, Waiter, waited_for_elsewhere

T = TypeVar("T")
NewLoop = Callable[[], asyncio.AbstractEventLoop]

EVERY_S = 0.5
"""Between two looks of who waits or shows: what they cost must not show in what is measured."""


def run_sync(coroutine: Coroutine[Any, Any, T], new_loop: NewLoop | None = None) -> T:
    """Run a coroutine to its end and return its result.

    In a notebook cell a loop is running in this thread: then a thread of its own is used. An
    interrupt of the cell does there what it does here: where something is `stoppable` it is
    stopped in order, anywhere else the coroutine is cancelled and cleans up.

    Args:
        coroutine: what to run.
        new_loop: makes the event loop; asyncio's own when None.

    Raises:
        KeyboardInterrupt: an interrupt ended the coroutine before it had a result.
    """
    try:
        if not _in_event_loop():
            return _run(coroutine, new_loop)
        return _run_beside(coroutine, new_loop)
    except InterruptionError as stopped:
        raise StoppedAtOnce(str(stopped)) from None


def _run_beside(coroutine: Coroutine[Any, Any, T], new_loop: NewLoop | None) -> T:
    """Run it in a thread of its own; whoever waits here is interrupted in its place."""
    began: Future[Waiter] = Future()

    async def noted() -> T:
        began.set_result(waited_for_elsewhere())
        return await coroutine

    with ThreadPoolExecutor(1) as thread:
        # To start a thread is to wait for it, and an interrupt meanwhile would leave it at work
        # with nobody to stop it: so it is started before there is any work.
        try:
            thread.submit(int).result()
        except BaseException:
            coroutine.close()
            raise
        # What is printed or displayed there belongs to the cell that waits here. The thread may be
        # at work before this one knows it: what comes meanwhile is heeded as soon as it does.
        later = PutOff()
        running = thread.submit(copy_context().run, _run, noted(), new_loop)
        while True:
            try:
                later.end()
                # An interrupt that comes just as this thread goes to wait, or to another thread,
                # is seen when it wakes: so it wakes now and then.
                while not wait([running], EVERY_S).done:
                    pass
                return running.result()
            except BaseException:
                if running.done() or not began.result().interrupt():
                    raise


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


_tellers: list[Callable[[str], object]] = []


def tell(line: str) -> None:
    """Say what happened meanwhile on stderr, above the bar or whatever is drawn there."""
    if _tellers:
        _tellers[-1](line)
    else:
        tqdm.write(line, file=sys.stderr)


@contextmanager
def telling_through(teller: Callable[[str], object]) -> Iterator[None]:
    """Within the block what is told goes to whoever draws on the terminal."""
    _tellers.append(teller)
    try:
        yield
    finally:
        _tellers.remove(teller)


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
