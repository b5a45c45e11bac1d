"""Coroutines run to their end, with and without a loop around."""

import asyncio
import signal
import threading

import pytest

from hhperf.sync import run_sync, stopped_by_interrupt


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
