"""Ending a paired replay early, by a rule that looks at the pairs in the order of the plan."""

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

from hhperf.runs import Arm, Observation, Outcome

Item = TypeVar("Item")
Latencies = tuple[float, float]


class StopRule(Protocol):
    """Told each pair's latencies, says when it has seen enough."""

    def __call__(self, control_s: float, treatment_s: float, /) -> bool:
        """Whether the replay may end; a failed request is +inf seconds."""


class Stopper:
    """Tells a rule the pairs in the plan's order, however they end.

    Pairs measured side by side end shortest first: a rule told as they end would see too many short
    ones.
    """

    def __init__(self, rule: StopRule | None) -> None:
        self._rule = rule
        self._ended: dict[int, Latencies | None] = {}
        self._next = 0
        self._is_enough = False

    def until_enough(self, items: Iterable[Item]) -> Iterator[Item]:
        """The items as long as the rule wants more."""
        for item in items:
            if self._is_enough:
                return
            yield item

    def note(self, pair: int, observations: Iterable[Observation]) -> None:
        """Take note of a pair that has ended."""
        if self._rule is None:
            return
        self._ended[pair] = _latencies({each.arm: each for each in observations})
        while self._next in self._ended and not self._is_enough:
            latencies = self._ended.pop(self._next)
            self._next += 1
            if latencies is not None:
                self._is_enough = self._rule(*latencies)


def _latencies(seen: dict[Arm, Observation]) -> Latencies | None:
    """Both arms' seconds; None for a pair that the comparison leaves out."""
    if len(seen) < len(Arm):
        return None
    if any(
        each.outcome is Outcome.CANCELLED or each.results_match is False for each in seen.values()
    ):
        return None
    return _seconds(seen[Arm.CONTROL]), _seconds(seen[Arm.TREATMENT])


def _seconds(seen: Observation) -> float:
    if seen.outcome is not Outcome.OK:
        return float("inf")
    return (seen.end_ns - seen.start_ns) / 1e9
