"""One timer for all requests that share a timeout: what starts first runs out first.

`asyncio.timeout` sets a timer for each request, which costs as much as sending it.
"""

import asyncio
from collections import deque
from time import perf_counter_ns


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
        return task is not None and self.has_passed and task.uncancel() == 0


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
