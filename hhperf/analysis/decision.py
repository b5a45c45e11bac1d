"""From an interval to one of four words, and the correction for asking several questions."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum

from hhperf.analysis.estimate import Estimate
from hhperf.shown import Displayed


class Verdict(Displayed, StrEnum):
    """What the data say of "the saving is more than the threshold"."""

    EXCEEDS = "EXCEEDS"
    BELOW = "BELOW"
    INCONCLUSIVE = "INCONCLUSIVE"
    NOT_MEASURABLE = "NOT_MEASURABLE"


def decide(estimate: Estimate, threshold: float) -> Verdict:
    """Read the verdict off the interval.

    Both wrong verdicts together have at most the interval's error rate, and a reader can check
    the word against the printed interval.

    Args:
        estimate: of the saving.
        threshold: the saving that is claimed, in 0..1.

    Returns:
        EXCEEDS when the whole interval lies above the threshold, BELOW when it lies below it,
        NOT_MEASURABLE when there is no estimate, else INCONCLUSIVE.
    """
    if not estimate.defined:
        return Verdict.NOT_MEASURABLE
    if estimate.lower > threshold:
        return Verdict.EXCEEDS
    if estimate.upper < threshold:
        return Verdict.BELOW
    return Verdict.INCONCLUSIVE


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Adjust p-values for the claim "at least one of these savings is above the threshold".

    A claim about all of them needs no correction: each is tested at its own level.

    Args:
        p_values: by statistic.

    Returns:
        Adjusted p-values in the same order, comparable with the overall level. An undefined
        (NaN) p-value counts as 1.

    Source: Holm, A simple sequentially rejective multiple test procedure, 1979.
    """
    ranked = sorted(p_values, key=lambda name: _or_one(p_values[name]))
    adjusted: dict[str, float] = {}
    running = 0.0
    for position, name in enumerate(ranked):
        running = max(running, min(1.0, (len(ranked) - position) * _or_one(p_values[name])))
        adjusted[name] = running
    return {name: adjusted[name] for name in p_values}


def _or_one(p_value: float) -> float:
    return 1.0 if math.isnan(p_value) else p_value


@dataclass(frozen=True, slots=True)
class Gate(Displayed):
    """One condition without which a run has no verdict.

    Attributes:
        name: of the condition, short.
        passed: whether it holds.
        figure: what was measured, ready to print.
        limit: what it had to keep to, ready to print.
        detail: what the figure means, and what to do when the gate fails.
    """

    name: str
    passed: bool
    figure: str
    limit: str
    detail: str = ""

    def to_dict(self) -> dict[str, object]:
        """As plain data for JSON."""
        return asdict(self)

    def __repr__(self) -> str:
        return f"Gate({'pass' if self.passed else 'FAIL'}, {self.name}: {self.figure})"

    def __str__(self) -> str:
        return f"{'pass' if self.passed else 'FAIL'}  {self.name}: {self.figure} ({self.limit})"
