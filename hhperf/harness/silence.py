"""Tells when there is nothing left to measure: no arm answers any more."""

from collections.abc import Iterable

from hhperf.errors import TargetError
from hhperf.runs.observation import Observation, Outcome

ENOUGH = 60
"""Refused requests in a row, of all arms together, after which a part that they share is gone. An
arm that fails alone goes on: how often it fails is a finding."""


class Silence:
    """Counts the requests in a row that were refused.

    One that took too long is no refusal: the service may be slow, and is what is measured.
    """

    def __init__(self) -> None:
        self._refused = 0

    def note(self, observations: Iterable[Observation]) -> None:
        """Take note of requests that have ended.

        Raises:
            TargetError: none of so many was answered.
        """
        for each in observations:
            self._refused = self._refused + 1 if each.outcome is Outcome.ERROR else 0
            if self._refused >= ENOUGH:
                raise TargetError(
                    f"none of the last {ENOUGH} requests was answered, to whichever arm;"
                    f" the last by {each.arm}: {each.error}"
                )
