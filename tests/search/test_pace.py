"""A modelled stage lasts at least its time, with the work inside."""

import asyncio
from time import perf_counter_ns

import pytest

from hhperf.search.pace import lasting, no_delay, wait_until


async def test_never_early() -> None:
    """An event loop may wake a sleeper before its time; the stage is not over then."""
    for _ in range(20):
        deadline = perf_counter_ns() + 1_234_567
        await wait_until(deadline)
        assert perf_counter_ns() >= deadline


async def test_the_work_is_inside() -> None:
    """Work of 20 ms in a stage of 30 ms leaves 10 ms to wait for, not 30."""
    slept: list[float] = []
    real = asyncio.sleep

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await real(seconds)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asyncio, "sleep", sleep)
        async with lasting(0.03):
            await real(0.02)
    assert 0 < sum(slept[:1]) <= 0.01


async def test_a_failing_block_is_not_made_to_last() -> None:
    """A refused connection does not wait out its budget."""
    with pytest.raises(OSError, match="refused"):
        async with asyncio.timeout(5), lasting(60):
            raise OSError("refused")


async def test_a_deadline_that_has_passed() -> None:
    """Nothing is waited for, not even one turn of the loop."""
    turned: list[bool] = []
    asyncio.get_running_loop().call_soon(turned.append, True)
    await wait_until(perf_counter_ns() - 1)
    assert not turned


def test_nothing_is_modelled_by_default() -> None:
    """Every stage takes what it takes."""
    assert no_delay("vector", "r-1") == 0.0
