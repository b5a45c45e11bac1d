"""Ends a replay whose target, somebody's live system, answers worse than it may."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from statistics import median

from hhperf.errors import TargetError
from hhperf.harness.safety import Safety
from hhperf.runs.observation import Arm, Observation, Outcome

LAST = 100
"""Requests of an arm among which failures are counted."""

FEW = 50
"""Answers whose median is compared: the last with the first."""

ASK_EVERY = 5

_FAILURES = (Outcome.ERROR, Outcome.TIMEOUT)


class Abort:
    """Looks at each answer for whether a bound was passed.

    Each arm is looked at alone: one that fails is not hidden by one that does not.

    Args:
        safety: has the bounds; None for none.
    """

    def __init__(self, safety: Safety | None) -> None:
        self._safety = safety
        self._arms: dict[Arm, _Arm] = {}
        self.reason = ""
        self.call: Callable[[], object] | None = None

    def see(self, arm: Arm, outcome: Outcome, latency_s: float) -> None:
        """Take in what came of a request; what was not sent or was given up says nothing."""
        if self._safety is None or self.reason:
            return
        if outcome is not Outcome.OK and outcome not in _FAILURES:
            return
        seen = self._arms.setdefault(arm, _Arm())
        seen.add(latency_s if outcome is Outcome.OK else None)
        if said := seen.beyond(self._safety):
            self.end(f"ended for the safety of the target: {arm.value} {said}")

    def end(self, reason: str) -> None:
        """End what runs, or what is about to; the first reason counts."""
        if self.reason:
            return
        self.reason = reason
        if self.call is not None:
            self.call()

    def note(self, observations: Iterable[Observation]) -> None:
        """Take in requests that have ended.

        Raises:
            TargetError: a bound was passed.
        """
        for each in observations:
            self.see(each.arm, each.outcome, (each.end_ns - each.start_ns) / 1e9)
        self.check()

    def check(self) -> None:
        """Go on only where nothing ends it.

        Raises:
            TargetError: a bound was passed, or somebody else ended it.
        """
        if self.reason:
            raise TargetError(self.reason)


class _Arm:
    """The answers of one arm."""

    def __init__(self) -> None:
        self._failed: deque[bool] = deque(maxlen=LAST)
        self._first: list[float] = []
        self._last: deque[float] = deque(maxlen=FEW)
        self._answers = 0
        self._first_s = 0.0

    def add(self, latency_s: float | None) -> None:
        """An answer, or None for a failure."""
        self._failed.append(latency_s is None)
        if latency_s is None:
            return
        self._answers += 1
        self._last.append(latency_s)
        if len(self._first) < FEW:
            self._first.append(latency_s)
            self._first_s = median(self._first)

    def beyond(self, safety: Safety) -> str:
        """Which bound was passed, in words; empty for none."""
        failures = sum(self._failed)
        if failures > safety.abort_errors * LAST:
            return (
                f"failed {failures} of its last {len(self._failed)} requests, more than"
                f" {safety.abort_errors:.0%} of {LAST}"
            )
        if len(self._last) < FEW or self._answers % ASK_EVERY:
            return ""
        now_s, factor, most_s = median(self._last), safety.abort_factor, safety.abort_latency_s
        took = f"took {now_s * 1e3:,.0f} ms at the median of its last {FEW} requests"
        if factor is not None and now_s > factor * self._first_s:
            return f"{took}, more than {factor:g} times the {self._first_s * 1e3:,.0f} ms at first"
        if most_s is not None and now_s > most_s:
            return f"{took}, more than {most_s * 1e3:,.0f} ms"
        return ""


@asynccontextmanager
async def ended_by(abort: Abort) -> AsyncIterator[None]:
    """Within the block a bound that is passed cancels what runs, and is raised at its end.

    Raises:
        TargetError: a bound was passed, here or before.
    """
    abort.check()
    task = asyncio.current_task()
    assert task is not None
    abort.call = task.cancel
    try:
        yield
    except asyncio.CancelledError:
        if abort.reason and task.uncancel() == 0:
            raise TargetError(abort.reason) from None
        raise
    finally:
        abort.call = None
