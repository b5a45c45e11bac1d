"""Any async callable as a target."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from time import perf_counter_ns

from hhperf.errors import TargetError
from hhperf.harness.target import Reply, Request

Call = Callable[[Request], Awaitable[object]]


class CallableTarget:
    """A target that awaits a callable with each request.

    Args:
        call: given a logged request (`request_id`, `tenant`, `session`, `body`). A `Reply` that it
            returns is recorded with its results and spans, so that results can be compared;
            whatever else it returns counts as an answer without results.
        name: what serves the arm; the callable's own name when None.
    """

    def __init__(self, call: Call, name: str | None = None) -> None:
        self._call = call
        self.name: str = name or str(getattr(call, "__name__", type(call).__name__))

    async def open(self) -> None:
        """Nothing to do: the callable is ready."""

    async def close(self) -> None:
        """Nothing to do: the callable belongs to its caller."""

    async def send(self, request: Request) -> Reply:
        """Answer one request.

        Raises:
            TargetError: the callable's `Reply` has results that cannot be compared.
        """
        answer = await self._call(request)
        end_ns = perf_counter_ns()
        if not isinstance(answer, Reply):
            return _ANSWERED
        _check(answer)  # after the clock was read: checking is no part of the answer's time
        return answer if answer.end_ns or not answer.results else replace(answer, end_ns=end_ns)


_ANSWERED = Reply()


def _check(reply: Reply) -> None:
    for result in reply.results:
        match result:
            case (str(), int() | float()):
                continue
        raise TargetError(f"Reply.results: {result!r} is no pair of an id (text) and a score")
