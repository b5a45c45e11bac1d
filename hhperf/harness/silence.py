"""Tells when there is nothing left to measure: no arm answers any more."""

from collections.abc import Iterable

from hhperf.errors import TargetError
from hhperf.harness.flight import attempt
from hhperf.harness.pace import Pace
from hhperf.harness.target import Request, Target
from hhperf.runs.observation import Observation, Outcome

ENOUGH = 60
"""Refused requests in a row, of all arms together, after which a part that they share is gone. An
arm that fails alone goes on: how often it fails is a finding."""


class Silence:
    """Counts the requests in a row that were refused.

    One that took too long is no refusal: the service may be slow, and is what is measured.
    """

    def __init__(self) -> None:
        self._refused: list[Observation] = []

    @property
    def pairs(self) -> tuple[int, ...]:
        """The pairs of the requests that were refused last."""
        return tuple({each.pair: None for each in self._refused})

    @property
    def since_ns(self) -> int:
        """When the first of these was sent, on `perf_counter_ns`; 0 without any."""
        return min((each.start_ns for each in self._refused), default=0)

    def note(self, observations: Iterable[Observation]) -> str:
        """Take note of requests that have ended.

        Returns:
            That none of so many was answered, in words, once; empty while somebody answers.
        """
        for each in observations:
            if each.outcome is not Outcome.ERROR:
                self._refused = []
                continue
            self._refused.append(each)
            if len(self._refused) == ENOUGH:
                return (
                    f"none of the last {ENOUGH} requests was answered, to whichever arm;"
                    f" the last by {each.arm}: {each.error}"
                )
        return ""


class Answering:
    """Asks for an answer to a request, as the replay itself would; nobody records it."""

    def __init__(
        self, target: Target, request: Request, timeout_s: float, pace: Pace | None
    ) -> None:
        self._pace = pace
        self._target = target
        self._request = request
        self._timeout_s = timeout_s

    async def ask(self) -> None:
        """Send the request.

        Raises:
            TargetError: it was refused.
        """
        if self._pace is not None:
            await self._pace.turn()
        came = await attempt(self._target, self._request, self._timeout_s)
        if came.outcome is not Outcome.OK:
            raise TargetError(came.error)

    async def close(self) -> None:
        """The target belongs to the replay."""
