"""From an interval to one of four words, and the correction for asking several questions."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum

from hhperf.analysis.estimate import Estimate
from hhperf.shown import Displayed, counted


class Verdict(Displayed, StrEnum):
    """What the data say of "the saving is more than the threshold".

    Example:
        >>> import numpy as np
        >>> control = np.random.default_rng(0).lognormal(-1, 0.3, size=400)
        >>> found = hhperf.compare_samples(control, 0.7 * control)
        >>> found.verdict is hhperf.Verdict.EXCEEDS
        True
    """

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


class GateState(StrEnum):
    """What the data say of a gate's condition.

    Example:
        >>> [str(state) for state in hhperf.GateState]
        ['pass', 'FAIL', 'too few']
    """

    PASSED = "pass"
    FAILED = "FAIL"
    TOO_FEW = "too few"
    """It may hold or not: there were too few pairs to tell."""

    @classmethod
    def of(cls, holds: bool) -> "GateState":
        """Of a condition that can always be told."""
        return cls.PASSED if holds else cls.FAILED


EVERY_STATISTIC = ("all",)
"""In place of names: what is wrong with the run is wrong with all its numbers."""


@dataclass(frozen=True, slots=True)
class Gate(Displayed):
    """One condition without which some or all statistics have no verdict.

    Attributes:
        name: of the condition, short.
        state: whether it holds, or too few pairs were measured to tell.
        figure: what was measured, ready to print.
        limit: what it had to keep to, ready to print.
        detail: what the figure means, so why it voids, and what to do when the gate fails.
        voids: the statistics that have no verdict without it, by name; by default all.
        needs: pairs in total that would do where it could not tell; None where that is unknown.
        bias: where it could not tell, by how much latencies may be biased at most, as a share;
            None where that is unknown.

    Example:
        >>> run = hhperf.load_run(hhperf.data_dir() / "runs" / "claim" / "plan")
        >>> all(gate.passed for gate in hhperf.compare(run).gates)
        True
    """

    name: str
    state: GateState
    figure: str
    limit: str
    detail: str = ""
    voids: tuple[str, ...] = EVERY_STATISTIC
    needs: int | None = None
    bias: float | None = None

    @property
    def passed(self) -> bool:
        """Whether it is known to hold."""
        return self.state is GateState.PASSED

    @property
    def voided(self) -> str:
        """The statistics that it voids, in words."""
        if self.voids == EVERY_STATISTIC:
            return "every statistic"
        return ", ".join(self.voids) or "nothing"

    @property
    def advice(self) -> str:
        """How many pairs would tell, in words."""
        return (
            "more pairs are needed"
            if self.needs is None
            else f"{counted(self.needs, 'pair')} would do"
        )

    @property
    def text(self) -> str:
        """What became of it, what that voids and why, in one sentence."""
        match self.state:
            case GateState.PASSED:
                said = f"passed; failing it would void {self.voided}"
            case GateState.FAILED:
                said = f"failed, which voids {self.voided}"
            case GateState.TOO_FEW:
                said = (
                    f"too few pairs to tell, so no verdict at {self.voided} that it could change:"
                    f" {self.advice}"
                )
        return f"{self.name}: {said} ({self.detail})." if self.detail else f"{self.name}: {said}."

    def concerns(self, statistic: str) -> bool:
        """Whether a statistic has no verdict without it."""
        return self.voids == EVERY_STATISTIC or statistic in self.voids

    def to_dict(self) -> dict[str, object]:
        """As plain data for JSON."""
        return {"name": self.name, "passed": self.passed, **asdict(self), "voids": list(self.voids)}

    def __repr__(self) -> str:
        return f"Gate({self.state}, {self.name}: {self.figure})"

    def __str__(self) -> str:
        return f"{self.state:<7}  {self.name}: {self.figure} ({self.limit})"
