"""Bars where somebody looks, interrupts that stop in order, and both under a real terminal."""

import asyncio
import os
import pty
import subprocess
import sys
import termios
import threading
from contextlib import suppress

import pytest

from hhperf.long_work import (
    end_task,
    in_notebook,
    progress_bar,
    run_sync,
)

PROGRAM = """
from hhperf.long_work import progress_bar
with progress_bar("measure", 3) as bar:
    bar.update(3)
"""


def test_a_pipe_gets_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    """What is written to a file is what was measured."""
    with progress_bar("measure", 3) as bar:
        bar.update(3)
    assert capsys.readouterr() == ("", "")


def test_a_bar_that_is_asked_for_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """On stderr, with its label and how far it is."""
    with progress_bar("measure", 3, progress=True) as bar:
        bar.update(3)
    out, err = capsys.readouterr()
    assert out == ""
    assert "measure: 100%" in err


def test_nothing_to_do_has_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    """Also where one is asked for."""
    with progress_bar("warm up", 0, progress=True):
        pass
    assert capsys.readouterr().err == ""


def test_a_terminal_gets_a_bar() -> None:
    """Without being asked for one."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    subprocess.run([sys.executable, "-c", PROGRAM], stderr=theirs, check=True)
    os.close(theirs)
    assert "measure: 100%" in os.read(ours, 100_000).decode()
    os.close(ours)


def test_this_is_no_notebook() -> None:
    """Tests run in plain Python."""
    assert not in_notebook()


async def double(number: int) -> int:
    """Twice the number, later."""
    await asyncio.sleep(0)
    return 2 * number


async def fail() -> None:
    """Fails, later."""
    await asyncio.sleep(0)
    raise ValueError("no")


def test_without_a_loop() -> None:
    """A script's call."""
    assert run_sync(double(2)) == 4


async def test_inside_a_loop() -> None:
    """A notebook cell's call."""
    assert run_sync(double(2)) == 4


def test_a_failure_without_a_loop() -> None:
    """What the coroutine raises is the caller's."""
    with pytest.raises(ValueError, match="no"):
        run_sync(fail())


async def test_a_failure_inside_a_loop() -> None:
    """Also from another thread."""
    with pytest.raises(ValueError, match="no"):
        run_sync(fail())


async def test_an_interrupt_while_the_thread_starts_leaves_nothing_at_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A slow machine gives the thread time to work before its start is over."""
    at_work, start = threading.Event(), threading.Thread.start

    async def work() -> None:
        at_work.set()

    def start_slowly(thread: threading.Thread) -> None:
        start(thread)
        at_work.wait(0.2)
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "start", start_slowly)
    with pytest.raises(KeyboardInterrupt):
        run_sync(work())
    assert not at_work.is_set()


async def test_a_task_that_swallows_a_cancellation_is_ended_all_the_same() -> None:
    """As one does in which a client's own timeout comes at the same moment."""
    begun = asyncio.Event()

    async def goes_on() -> None:
        begun.set()
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
        await asyncio.sleep(60)

    task = asyncio.create_task(goes_on())
    await begun.wait()
    async with asyncio.timeout(10):
        await end_task(task)
    assert task.cancelled()
