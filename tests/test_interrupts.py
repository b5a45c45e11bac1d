"""Interrupts: heeded once, wherever they come, and what they leave."""

import asyncio
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hhperf.errors import InterruptionError, RunError
from hhperf.interrupts import breaking_off, is_being_stopped, stoppable, stopped_by
from hhperf.long_work import run_sync
from hhperf.runs.run import Run, load_run
from hhperf.runs.tables import RunWarning


@pytest.fixture
def as_a_kernel_has_it() -> Iterator[Callable[[], None]]:
    """An interrupt that nobody heeds is a KeyboardInterrupt, also in the loop of a test."""
    before = signal.getsignal(signal.SIGINT)

    def begin() -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)

    yield begin
    signal.signal(signal.SIGINT, before)


def interrupt_after(*delays_s: float) -> None:
    """Have this process interrupted."""
    main = threading.main_thread().ident or 0
    for delay_s in delays_s:
        threading.Timer(delay_s, signal.pthread_kill, [main, signal.SIGINT]).start()


async def for_ever() -> str:
    """Until it is cancelled."""
    await asyncio.Event().wait()
    return ""


async def stopped_in_order() -> str:
    """Until it is told to stop; then there is a result, and a moment until all is closed."""
    stop = asyncio.Event()
    with stopped_by(stop.set):
        await stop.wait()
    await asyncio.sleep(0.01)
    return "stopped"


async def test_what_has_no_result_yet_is_cancelled_and_says_so() -> None:
    """In a sentence, and not as a cancellation that says nothing."""
    interrupt_after(0.05)
    with pytest.raises(InterruptionError, match="by Ctrl-C: nothing was measured"):
        await stoppable(for_ever())


async def test_what_can_stop_in_order_has_a_result() -> None:
    """Which is the caller's."""
    interrupt_after(0.05)
    assert await stoppable(stopped_in_order()) == "stopped"


async def test_what_closes_goes_to_its_end() -> None:
    """All was measured: there is nothing to stop any more."""

    async def closes() -> str:
        with stopped_by(list):
            pass
        interrupt_after(0.02)
        await asyncio.sleep(0.1)
        return "closed"

    assert await stoppable(closes()) == "closed"


async def test_the_part_that_is_under_way_is_stopped_and_the_whole_knows() -> None:
    """As of a sweep, which goes on to no other load."""

    async def sweep() -> tuple[str, bool]:
        return await stoppable(stopped_in_order()), is_being_stopped()

    interrupt_after(0.05)
    assert await stoppable(sweep()) == ("stopped", True)


async def test_what_begins_after_the_interrupt_is_stopped_too() -> None:
    """It came while nothing was under way, such as between two loads."""

    async def sweep() -> str:
        interrupt_after(0)
        with stopped_by(list):
            await asyncio.sleep(0.05)
        return await stoppable(for_ever())

    with pytest.raises(InterruptionError):
        await stoppable(sweep())


async def test_a_cancellation_by_the_caller_stays_one() -> None:
    """Nobody has interrupted anything."""
    task = asyncio.create_task(stoppable(for_ever()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_the_interrupt_means_afterwards_what_it_did() -> None:
    """Whoever handled it before handles the next."""
    before = signal.getsignal(signal.SIGINT)
    interrupt_after(0.05)
    await stoppable(stopped_in_order())
    assert signal.getsignal(signal.SIGINT) == before


async def test_what_awaits_nothing_is_broken_off_in_a_cell_too() -> None:
    """Where the kernel would heed the interrupt at the next await."""
    signal.signal(signal.SIGINT, lambda *_: None)
    with (
        pytest.raises(KeyboardInterrupt, match="interrupted by Ctrl-C: the servers"),
        breaking_off("the servers"),
    ):
        signal.raise_signal(signal.SIGINT)


async def test_a_notebook_shows_one_line() -> None:
    """And no traceback, which would tell of this package's insides."""
    assert InterruptionError("by Ctrl-C")._render_traceback_() == ["by Ctrl-C"]


async def test_an_interrupt_inside_a_loop_ends_the_coroutine(
    as_a_kernel_has_it: Callable[[], None],
) -> None:
    """Stopping a notebook's cell stops what it began, after it has cleaned up."""
    as_a_kernel_has_it()
    cleaned = threading.Event()

    async def endless() -> None:
        interrupt_after(0.05)
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.01)
            cleaned.set()

    with pytest.raises(KeyboardInterrupt):
        run_sync(endless())
    assert cleaned.is_set()


async def test_an_interrupt_that_does_not_wake_the_cell_is_heeded_soon(
    as_a_kernel_has_it: Callable[[], None],
) -> None:
    """As one does not that another thread gets, or that comes just as the cell begins to wait."""
    as_a_kernel_has_it()

    def elsewhere() -> None:
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)

    async def long() -> None:
        threading.Timer(0.2, elsewhere).start()
        await asyncio.sleep(10)

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run_sync(long())
    assert time.monotonic() - began < 9


async def test_an_interrupt_before_the_cell_knows_of_its_work_ends_it_too(
    as_a_kernel_has_it: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread may be at work before who handed it over has come back from that."""
    as_a_kernel_has_it()
    ended = threading.Event()
    hand_over = ThreadPoolExecutor.submit

    def slowly(*work: object) -> object:
        handed: object = hand_over(*work)  # type: ignore[arg-type]
        time.sleep(0.1)
        return handed

    async def long() -> None:
        interrupt_after(0.02)
        try:
            await asyncio.sleep(10)
        finally:
            ended.set()

    monkeypatch.setattr(ThreadPoolExecutor, "submit", slowly)
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run_sync(long())
    assert ended.is_set()
    assert time.monotonic() - began < 9


async def test_an_interrupt_inside_a_loop_stops_what_can_stop_in_order(
    as_a_kernel_has_it: Callable[[], None],
) -> None:
    """In the thread where it is."""
    as_a_kernel_has_it()
    interrupt_after(0.05)
    assert run_sync(stoppable(stopped_in_order())) == "stopped"


async def test_an_interrupt_inside_a_loop_says_what_there_is(
    as_a_kernel_has_it: Callable[[], None],
) -> None:
    """A script's interrupt, with the sentence."""
    as_a_kernel_has_it()
    interrupt_after(0.05)
    with pytest.raises(KeyboardInterrupt, match="nothing was measured"):
        run_sync(stoppable(for_ever()))


async def test_the_second_interrupt_is_not_held_back(
    as_a_kernel_has_it: Callable[[], None],
) -> None:
    """Who does not stop in order is cancelled."""
    as_a_kernel_has_it()

    async def stubborn() -> None:
        with stopped_by(list):
            await asyncio.Event().wait()

    interrupt_after(0.05, 0.15)
    with pytest.raises(KeyboardInterrupt):
        run_sync(stoppable(stubborn()))


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
        except (RunError, RunWarning):  # looked at in the middle of a write
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
