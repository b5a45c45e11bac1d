"""Requests under way: bounded, never waited for by those that come after."""

import asyncio
from collections.abc import Callable
from time import perf_counter_ns
from typing import NamedTuple

from hhperf.harness.attempt import Attempt, answered, failed
from hhperf.harness.deadlines import Deadline, Deadlines
from hhperf.harness.target import Request, Target
from hhperf.runs import Outcome

TOO_MANY = "not sent: too many requests were in flight"
UNSETTLED = "not answered when the block ended"


class Sent(NamedTuple):
    """One request of a block and what came of it; clocks are those of `perf_counter_ns`."""

    slot: int
    intended_ns: int
    dispatched_ns: int
    attempt: Attempt


Record = Callable[[Sent], None]


class Flight:
    """Sends requests to one target and keeps those that are under way.

    Args:
        target: what to send to.
        most: how many may be under way.
        timeout_s: when one is given up.
        record: told what came of each, also of those that were not sent.
    """

    def __init__(self, target: Target, most: int, timeout_s: float, record: Record) -> None:
        self._target = target
        self._most = most
        self._deadlines = Deadlines(timeout_s)
        self._record = record
        self._tasks: set[asyncio.Task[None]] = set()
        self._settled = False

    def launch(self, slot: int, intended_ns: int, request: Request) -> None:
        """Send without waiting; a request too many is dropped and recorded as such."""
        now_ns = perf_counter_ns()
        if len(self._tasks) >= self._most:
            dropped = Attempt(now_ns, now_ns, Outcome.DROPPED, error=TOO_MANY)
            self._record(Sent(slot, intended_ns, now_ns, dropped))
            return
        task = asyncio.create_task(self.send(slot, intended_ns, now_ns, request))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def send(self, slot: int, intended_ns: int, dispatched_ns: int, request: Request) -> None:
        """Send, wait for the end and record it.

        Raises:
            asyncio.CancelledError: the replay was cancelled; recorded too.
        """
        came = await self._attempt(request)
        self._record(Sent(slot, intended_ns, dispatched_ns, came))
        if came.outcome is Outcome.CANCELLED:
            raise asyncio.CancelledError

    async def _attempt(self, request: Request) -> Attempt:
        start_ns = perf_counter_ns()
        deadline = self._deadlines.start(start_ns)
        try:
            reply = await self._target.send(request)
        except asyncio.CancelledError as cancelled:
            return self._cancelled(start_ns, deadline, cancelled)
        except Exception as failure:  # noqa: BLE001  a failed request is a measurement
            deadline.meet()
            return failed(start_ns, failure)
        deadline.meet()
        return answered(start_ns, reply)

    def _cancelled(
        self, start_ns: int, deadline: Deadline, cancelled: asyncio.CancelledError
    ) -> Attempt:
        """Whose cancellation it was decides what came of the request."""
        task = deadline.task
        if deadline.meet():
            return failed(start_ns, TimeoutError())
        if task is None or not task.cancelling():
            return failed(start_ns, cancelled)  # the target's own
        if self._settled:
            return Attempt(start_ns, perf_counter_ns(), Outcome.TIMEOUT, error=UNSETTLED)
        return Attempt(start_ns, perf_counter_ns(), Outcome.CANCELLED)

    async def settle(self, within_s: float) -> None:
        """Wait for what is under way; what takes longer is given up as a timeout."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=within_s)
        self._settled = True
        await self.abandon()

    async def abandon(self) -> None:
        """Give up what is under way and see it recorded."""
        left = set(self._tasks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        self._deadlines.close()
