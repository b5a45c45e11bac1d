"""Waking up in time."""

import asyncio
from collections.abc import Callable
from time import perf_counter_ns

import pytest
import uvloop

from hhperf.harness import alarm
from hhperf.harness.alarm import Alarm

LOOPS = [asyncio.new_event_loop, uvloop.new_event_loop]


async def _woken() -> list[int]:
    """How late three alarms rang, in nanoseconds."""
    late = []
    with Alarm() as clock:
        for _ in range(3):
            at_ns = perf_counter_ns() + 700_000
            await clock.until(at_ns)
            late.append(perf_counter_ns() - at_ns)
    return late


@pytest.mark.parametrize("new_loop", LOOPS)
def test_it_never_rings_early(new_loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    """On either event loop."""
    with asyncio.Runner(loop_factory=new_loop) as runner:
        assert min(runner.run(_woken())) >= 0


async def test_it_rings_where_there_is_no_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    """As off Linux."""
    monkeypatch.setattr(alarm, "_timer", lambda: None)
    assert min(await _woken()) >= 0


async def test_the_past_is_not_waited_for() -> None:
    """Nothing else gets to run."""
    ran: list[bool] = []
    asyncio.get_running_loop().call_soon(ran.append, True)
    with Alarm() as clock:
        await clock.until(perf_counter_ns() - 1)
    assert not ran


async def test_a_wait_given_up_leaves_the_alarm_usable() -> None:
    """The next one rings at its own time."""
    with Alarm() as clock:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.005):
                await clock.until(perf_counter_ns() + 20_000_000)
        at_ns = perf_counter_ns() + 40_000_000
        await clock.until(at_ns)
        assert perf_counter_ns() >= at_ns
