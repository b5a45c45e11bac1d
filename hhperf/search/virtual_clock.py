"""A stage sped up virtually: the others are delayed while it runs, and the delay is taken off.

How a stage would matter if it were quicker can be tried without making it quicker. While it runs,
a virtual clock goes slower by the factor; every other stage lasts on that clock what it really
took, so that it ends later by as much as the sped-up stage gained meanwhile. What depends on what,
and what meets what, is then real; only the gain itself is modelled.

Source: Curtsinger and Berger, Coz: finding code that counts with causal profiling, SOSP 2015.
"""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from time import perf_counter_ns
from typing import Any

from hhperf.errors import ScheduleError
from hhperf.search.arm_names import marked
from hhperf.search.trace import Span, wait_until


@dataclass(frozen=True, slots=True)
class Speedup:
    """Which stage is to seem quicker.

    Attributes:
        stage: of the arm.
        factor: of its time, 0 to 1; 0.5 for half of it, 0 for none.

    Raises:
        ScheduleError: the factor is no such number.
    """

    stage: str
    factor: float

    def __post_init__(self) -> None:
        if not 0 <= self.factor <= 1:
            raise ScheduleError(
                f"virtual speedup: {self.stage}={self.factor:g}: a factor of the stage's time is"
                " from 0 to 1; 0.5 is half of it"
            )

    def named(self, arm: str) -> str:
        """An arm's name with what is modelled of it, which shows wherever the arm is named."""
        return marked(arm, f"{self.stage} × {self.factor:g} modelled")


class VirtualClock:
    """The clock of one search, which goes slower while the sped-up stage runs."""

    def __init__(self, speedup: Speedup) -> None:
        self._speedup = speedup
        self._begun_ns: int | None = None
        self._ended_ns: int | None = None
        self._ended = asyncio.Event()

    @property
    def gained_ns(self) -> int:
        """By how much the virtual clock is behind."""
        now_ns = perf_counter_ns()
        return now_ns - self._at(now_ns)

    async def around(self, stage: str, work: Awaitable[Any]) -> Any:
        """Do a stage's work, and let it last on the virtual clock what it took."""
        if stage == self._speedup.stage:
            return await self._sped_up(work)
        real_ns = perf_counter_ns()
        virtual_ns = self._at(real_ns)
        result = await work
        await self._until(virtual_ns + perf_counter_ns() - real_ns)
        return result

    def mapped(self, span: Span) -> Span:
        """A span on the virtual clock: only the sped-up stage takes another time there."""
        start_ns, end_ns = self._at(span.start_ns), span.end_ns
        if span.stage != self._speedup.stage:
            return replace(span, start_ns=start_ns, end_ns=start_ns + span.duration_ns)
        quicker_ns = self._at(end_ns) - start_ns
        delay_ns = round((span.modelled_ns or span.duration_ns) * self._speedup.factor)
        return replace(
            span, start_ns=start_ns, end_ns=start_ns + quicker_ns, modelled_ns=max(delay_ns, 1)
        )

    async def _sped_up(self, work: Awaitable[Any]) -> Any:
        self._begun_ns = perf_counter_ns()
        try:
            return await work
        finally:
            self._ended_ns = perf_counter_ns()
            self._ended.set()

    async def _until(self, virtual_ns: int) -> None:
        """Wait until the virtual clock shows a time."""
        while (left_ns := virtual_ns - self._at(perf_counter_ns())) > 0:
            if self._begun_ns is None or self._ended.is_set():
                await wait_until(perf_counter_ns() + left_ns)
                continue
            factor = self._speedup.factor
            longest_s = left_ns / factor / 1e9 if factor else None
            try:
                async with asyncio.timeout(longest_s):
                    await self._ended.wait()
            except TimeoutError:
                pass

    def _at(self, real_ns: int) -> int:
        """What the virtual clock shows at a moment of the real one."""
        if self._begun_ns is None or real_ns <= self._begun_ns:
            return real_ns
        until_ns = real_ns if self._ended_ns is None else min(real_ns, self._ended_ns)
        return real_ns - round((1 - self._speedup.factor) * (until_ns - self._begun_ns))
