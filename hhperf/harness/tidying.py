"""Has targets remove what their requests left behind, while none is timed or little by little.

Without it a cold cache state fills the cache, whose evictions would then meet a run in its middle.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from hhperf.harness.target import LeavesKeys, Target
from hhperf.long_work import end_task

EVERY_S = 1.0
"""Under load: seldom enough to send many keys at a time, often enough to keep them few."""

EVERY_PAIRS = 16


async def tidy(targets: Iterable[Target]) -> None:
    """Have each of them remove what requests that have ended left."""
    for target in targets:
        if isinstance(target, LeavesKeys):
            await target.tidy()


@asynccontextmanager
async def tidied(target: Target) -> AsyncIterator[None]:
    """Within the block a target under load tidies now and then, and once more when all has ended.

    Where the block ends by an error nothing more is removed: closing the target does it.
    """
    sweeping = asyncio.create_task(_sweep(target))
    try:
        yield
    finally:
        await end_task(sweeping)
    await tidy([target])


async def _sweep(target: Target) -> None:
    while isinstance(target, LeavesKeys):
        await asyncio.sleep(EVERY_S)
        await target.tidy()
