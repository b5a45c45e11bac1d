"""So many requests a second and no more, where each is sent as soon as may be."""

import asyncio
from time import perf_counter_ns


class Pace:
    """Lets through so many a second, evenly.

    Args:
        rate_hz: how many.
    """

    def __init__(self, rate_hz: float) -> None:
        self._gap_ns = round(1e9 / rate_hz)
        self._next_ns = 0

    async def turn(self) -> None:
        """Wait for one's turn, in the order of asking."""
        now_ns = perf_counter_ns()
        mine_ns = max(now_ns, self._next_ns)
        self._next_ns = mine_ns + self._gap_ns
        if mine_ns > now_ns:
            await asyncio.sleep((mine_ns - now_ns) / 1e9)
