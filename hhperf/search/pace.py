"""Modelled delays: a stage is made to last at least as long as it does elsewhere."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import perf_counter_ns

DelayOf = Callable[[str, str], float]
"""The least time, in seconds, of a stage (first argument) for a request id (second)."""


def no_delay(_stage: str, _request_id: str) -> float:
    """Nothing is modelled: every stage takes what it takes."""
    return 0.0


@asynccontextmanager
async def lasting(at_least_s: float) -> AsyncIterator[None]:
    """Run the block, then wait until it has lasted `at_least_s`; the work is inside, not added.

    A block that fails is not made to last.
    """
    start = perf_counter_ns()
    yield
    await wait_until(start + round(at_least_s * 1e9))


async def wait_until(deadline_ns: int) -> None:
    """Sleep until the monotonic clock has passed the deadline.

    An event loop's clock is coarser than this one and may wake a sleeper early: look again.
    """
    while (left_ns := deadline_ns - perf_counter_ns()) > 0:  # noqa: ASYNC110
        await asyncio.sleep(left_ns / 1e9)
