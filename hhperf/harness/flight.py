"""One request to one target, timed. What the target raises is an outcome, never a crash."""

import asyncio
from collections import deque
from collections.abc import Callable
from time import perf_counter_ns
from typing import NamedTuple

from hhperf.harness.target import Reply, Request, Target
from hhperf.harness.together import end_if_cancelled, is_being_cancelled
from hhperf.masking import masked
from hhperf.runs.observation import Outcome

LONGEST_ERROR = 300


class Attempt(NamedTuple):
    """What came of one request, and when; the reply is there if the outcome is OK."""

    start_ns: int
    end_ns: int
    outcome: Outcome
    reply: Reply | None = None
    error: str = ""

    @property
    def is_impaired(self) -> bool:
        """Whether it met something that a missing part would explain."""
        reply = self.reply
        return reply is None or bool(reply.missing or reply.cache_failures)


async def attempt(target: Target, request: Request, timeout_s: float) -> Attempt:
    """Send the request and wait for its end.

    Args:
        target: what to send to.
        request: what to send.
        timeout_s: when to give up; the latency up to then is recorded.

    Returns:
        OK with the reply, TIMEOUT (whoever's clock ran out) or ERROR in words.

    Raises:
        asyncio.CancelledError: the calling task is being cancelled.
    """
    end_if_cancelled()
    start_ns = perf_counter_ns()
    try:
        async with asyncio.timeout(timeout_s):
            reply = await target.send(request)
    except asyncio.CancelledError as cancelled:
        if is_being_cancelled():
            raise
        return failed(start_ns, cancelled)
    except Exception as failure:  # noqa: BLE001  a failed request is a measurement
        return failed(start_ns, failure)
    return answered(start_ns, reply)


def answered(start_ns: int, reply: Reply) -> Attempt:
    """An attempt that ended with a reply, now or when the reply says."""
    return Attempt(start_ns, reply.end_ns or perf_counter_ns(), Outcome.OK, reply)


def failed(start_ns: int, error: BaseException) -> Attempt:
    """An attempt that ended with an error, now; any kind of timeout is one."""
    outcome = Outcome.TIMEOUT if isinstance(error, TimeoutError) else Outcome.ERROR
    return Attempt(start_ns, perf_counter_ns(), outcome, error=in_words(error))


def in_words(error: BaseException) -> str:
    """The error's type and message on one line of at most 300 characters, without secrets."""
    message = masked(" ".join(str(error).split()))
    return f"{type(error).__name__}: {message}".removesuffix(": ")[:LONGEST_ERROR]


class Deadline:
    """A task's time for one request."""

    __slots__ = ("at_ns", "has_passed", "is_met", "task")

    def __init__(self, task: "asyncio.Task[None]", at_ns: int) -> None:
        self.task: asyncio.Task[None] | None = task
        self.at_ns = at_ns
        self.is_met = False
        self.has_passed = False

    def meet(self) -> bool:
        """Stop the clock; whether it had run out, and nobody else cancelled the task."""
        task, self.task, self.is_met = self.task, None, True
        if task is None or not self.has_passed:
            return False
        return task.uncancel() == 0 or not is_being_cancelled()


class Deadlines:
    """Cancels tasks whose time has passed.

    Args:
        timeout_s: what each request has.
    """

    def __init__(self, timeout_s: float) -> None:
        self._timeout_ns = round(timeout_s * 1e9)
        self._waiting: deque[Deadline] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def start(self, start_ns: int) -> Deadline:
        """Give the running task its time from now on."""
        task = asyncio.current_task()
        assert task is not None
        deadline = Deadline(task, start_ns + self._timeout_ns)
        self._waiting.append(deadline)
        if self._timer is None:
            self._wait(deadline)
        elif self._waiting[0].is_met:
            self._waiting.popleft()
        return deadline

    def close(self) -> None:
        """Watch no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _wait(self, deadline: Deadline) -> None:
        left_s = max(0, deadline.at_ns - perf_counter_ns()) / 1e9
        self._timer = asyncio.get_running_loop().call_later(left_s, self._look)

    def _look(self) -> None:
        self._timer = None
        waiting, now_ns = self._waiting, perf_counter_ns()
        while waiting and (waiting[0].is_met or waiting[0].at_ns <= now_ns):
            first = waiting.popleft()
            if first.task is not None:
                first.has_passed = True
                first.task.cancel()
        if waiting:
            self._wait(waiting[0])


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
        end_if_cancelled()
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
        if deadline.meet():
            return failed(start_ns, TimeoutError())
        if not is_being_cancelled():
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
