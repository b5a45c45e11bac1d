"""When a paired replay ends before its plan does."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import takewhile
from typing import Protocol, TypeVar

from hhperf.runs.observation import Arm, Observation, Outcome
from hhperf.runs.pairs import COLUMNS, Statistic, align
from hhperf.runs.run import Run

Item = TypeVar("Item")
Latencies = tuple[float, float]

Enough = Callable[[Sequence[Run]], bool]
"""Asked at each of the plan's looks: the runs so far, one a treatment; whether they will do."""


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

    @property
    def is_enough(self) -> bool:
        """Whether the rule has seen enough."""
        return self._is_enough

    def until_enough(self, items: Iterable[Item]) -> Iterator[Item]:
        """The items as long as the rule wants more."""
        return takewhile(lambda _: not self._is_enough, items)

    def note(self, pair: int, observations: Iterable[Observation]) -> None:
        """Take note of a pair that has ended."""
        self._tell(pair, _latencies({each.arm: each for each in observations}))

    def recall(self, run: Run, done: frozenset[int]) -> None:
        """Tell the rule what a run that is gone on with has measured.

        Args:
            run: as it was left.
            done: the numbers of its pairs that are whole.
        """
        if self._rule is None or not done:
            return
        pairs = align(run.table(COLUMNS), Statistic.SERVICE_TIME)
        told = zip(pairs.control.tolist(), pairs.treatment.tolist(), strict=True)
        known = dict(zip(pairs.pair.tolist(), told, strict=True))
        for number in sorted(done):
            self._tell(number, known.get(number))

    def _tell(self, pair: int, latencies: Latencies | None) -> None:
        if self._rule is None:
            return
        self._ended[pair] = latencies
        while self._next in self._ended and not self._is_enough:
            next_ones = self._ended.pop(self._next)
            self._next += 1
            if next_ones is not None:
                self._is_enough = self._rule(*next_ones)


def _latencies(seen: dict[Arm, Observation]) -> Latencies | None:
    """Both arms' seconds; None for a pair that the comparison leaves out."""
    if len(seen) < len(Arm) or any(
        each.outcome is Outcome.CANCELLED or each.results_match is False for each in seen.values()
    ):
        return None
    return _seconds(seen[Arm.CONTROL]), _seconds(seen[Arm.TREATMENT])


def _seconds(seen: Observation) -> float:
    return (seen.end_ns - seen.start_ns) / 1e9 if seen.outcome is Outcome.OK else float("inf")
