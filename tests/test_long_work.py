"""Bars where somebody looks, interrupts that stop in order, and both under a real terminal."""

import asyncio
import os
import pty
import signal
import subprocess
import sys
import termios
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from hhperf.errors import RunError
from hhperf.long_work import (
    end_task,
    in_notebook,
    progress_bar,
    run_sync,
    stopped_by_interrupt,
)
from hhperf.runs.run import Run, load_run

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


async def test_an_interrupt_inside_a_loop_ends_the_coroutine() -> None:
    """Stopping a notebook's cell stops what it began, after it has cleaned up."""
    cleaned = threading.Event()

    async def endless() -> None:
        main = threading.main_thread().ident or 0
        threading.Timer(0.05, signal.pthread_kill, [main, signal.SIGINT]).start()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.01)
            cleaned.set()

    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # as a notebook's kernel does
    try:
        with pytest.raises(KeyboardInterrupt):
            run_sync(endless())
    finally:
        signal.signal(signal.SIGINT, before)
    assert cleaned.is_set()


async def test_an_interrupt_inside_a_loop_stops_what_can_stop_in_order() -> None:
    """What was stopped in order has a result, which is the caller's."""

    async def stoppable() -> str:
        stop = asyncio.Event()
        main = threading.main_thread().ident or 0
        with stopped_by_interrupt(stop.set):
            threading.Timer(0.05, signal.pthread_kill, [main, signal.SIGINT]).start()
            await stop.wait()
        return "stopped"

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        assert run_sync(stoppable()) == "stopped"
    finally:
        signal.signal(signal.SIGINT, before)


async def test_the_second_interrupt_is_not_held_back() -> None:
    """Who does not stop in order is cancelled."""

    async def stubborn() -> None:
        main = threading.main_thread().ident or 0
        for delay_s in (0.05, 0.15):
            threading.Timer(delay_s, signal.pthread_kill, [main, signal.SIGINT]).start()
        with stopped_by_interrupt(lambda: None):
            await asyncio.Event().wait()

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            run_sync(stubborn())
    finally:
        signal.signal(signal.SIGINT, before)


async def test_where_nobody_waits_nothing_is_stopped() -> None:
    """In a loop of its own a coroutine leaves interrupts to others."""
    stopped: list[int] = []
    with stopped_by_interrupt(lambda: stopped.append(1)):
        await asyncio.sleep(0)
    assert stopped == []


def start(folder: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.harness.endless", str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for_pairs(folder: Path, count: int) -> Run:
    """Look at the growing run from outside until it has so many pairs."""
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up:
        try:
            run = load_run(folder)
            if len(run.pairs()) >= count:
                return run
        except RunError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"{folder} has not got {count} pairs")


def test_a_killed_run_is_readable(tmp_path: Path) -> None:
    """After kill -9 all that was on disk before is there, in whole pairs."""
    process = start(tmp_path / "run")
    seen = len(wait_for_pairs(tmp_path / "run", 100).pairs())
    time.sleep(1.5)
    process.kill()
    process.communicate()
    run = load_run(tmp_path / "run")
    assert process.returncode == -signal.SIGKILL
    assert run.status == "cut off"
    assert len(run.pairs()) > seen
    assert run.pairs().incomplete == 0


def test_ctrl_c_ends_a_run_in_order(tmp_path: Path) -> None:
    """The script goes on with a usable, interrupted run."""
    process = start(tmp_path / "run")
    wait_for_pairs(tmp_path / "run", 50)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    run = load_run(tmp_path / "run")
    assert (process.returncode, err) == (0, "")
    assert out.split() == ["interrupted", str(len(run.pairs()))]
    assert run.status == "interrupted"


@pytest.mark.parametrize("name", ["observations.parquet", "health.parquet"])
def test_an_interrupted_run_is_compacted(tmp_path: Path, name: str) -> None:
    """It looks like any finished run on disk."""
    process = start(tmp_path / "run")
    wait_for_pairs(tmp_path / "run", 10)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert (tmp_path / "run" / name).exists()


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
