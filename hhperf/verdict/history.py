"""A history of runs: its points, each held against a baseline, and where its level changed."""

import math
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np

from hhperf.analysis.decision import Verdict
from hhperf.analysis.estimate import Estimate
from hhperf.shown import Displayed, counted

SAVING = "saving"
MEASURES = (SAVING, "control", "treatment")
"""What is followed: the saving, or an arm's own latency."""


class Against(StrEnum):
    """What a point is against the baseline."""

    BASELINE = "baseline"
    BETTER = "BETTER"
    WORSE = "WORSE"
    ALIKE = "ALIKE"
    """No further apart than the margin."""
    INCONCLUSIVE = "INCONCLUSIVE"
    NOT_MEASURABLE = "NOT_MEASURABLE"


@dataclass(frozen=True, slots=True)
class Moment:
    """What was recorded of one commit, or at one time.

    Attributes:
        name: of its folder.
        at: when it was recorded.
        commit: of the code, if it was said; else empty.
        logs: of each run ln(treatment/control) at the statistic, or ln of an arm's latency in
            seconds; none where it has no verdict.
        within: variance of such a number that the pairs within a run account for.
        claim: what the run says of the claim; None where a latency is followed.
        notes: what to know of it, such as why it is left out.
    """

    name: str
    at: datetime
    commit: str = ""
    logs: tuple[float, ...] = ()
    within: float = 0.0
    claim: Verdict | None = None
    notes: tuple[str, ...] = ()

    @property
    def log(self) -> float:
        """The mean over its runs; NaN for none."""
        return float(np.mean(self.logs)) if self.logs else math.nan

    @property
    def called(self) -> str:
        """Its folder, and its commit where that is known and another word."""
        return f"{self.name} ({self.commit})" if self.commit not in ("", self.name) else self.name


@dataclass(frozen=True, slots=True)
class Point:
    """A moment, judged.

    Attributes:
        moment: what was recorded.
        level: the saving as a share, or the latency in seconds; NaN where there is none.
        lower: lower end of its interval, which holds the spread between runs; NaN where unknown.
        upper: upper end.
        change: what it saves against the baseline (of the treatment's share of the control, or of
            the latency): above 0 is better.
        word: the verdict against the baseline.
    """

    moment: Moment
    level: float
    lower: float
    upper: float
    change: Estimate
    word: Against


@dataclass(frozen=True, slots=True)
class NamedChange:
    """A change of level, by the names of points.

    Attributes:
        at: the first point after it, the likeliest.
        first: the earliest that it may be.
        last: the latest.
        change: what the new level saves against the old one.
        p_value: of the test that found it.
        index: of `at` among the points.
    """

    at: str
    first: str
    last: str
    change: Estimate
    p_value: float
    index: int

    @property
    def word(self) -> Against:
        """Whether it is a change for the better."""
        return Against.BETTER if self.change.point > 0 else Against.WORSE

    def __str__(self) -> str:
        where = "" if self.first == self.last else f" (between {self.first} and {self.last})"
        saved = f"{self.change.point:+.1%} ({self.change.lower:+.1%} to {self.change.upper:+.1%})"
        return f"{self.word} from {self.at} on{where}: {saved}, p = {self.p_value:.3f}"


@dataclass(frozen=True, slots=True, repr=False)
class History(Displayed):
    """Points in order of time, and where their level changed.

    Attributes:
        title: what was measured, under which conditions.
        measure: `saving`, `control` or `treatment`.
        statistic: `mean`, `p95`, …
        baseline: the name of the point that others are held against.
        base_points: how many points the baseline's level has, which others are held against.
        base_level: that level, as a share or in seconds.
        margin: a change that is too small to matter, as a share.
        points: each moment, judged.
        changes: of the level, in order.
        spread: standard deviation of a point's log about its level; NaN where unknown.
        warnings: what concerns all of it.
    """

    title: str
    measure: str
    statistic: str
    baseline: str
    base_points: int
    base_level: float
    margin: float
    points: tuple[Point, ...]
    changes: tuple[NamedChange, ...]
    spread: float
    warnings: tuple[str, ...] = ()

    @property
    def newest(self) -> Point:
        """The last point."""
        return self.points[-1]

    @property
    def held_against(self) -> str:
        """What points are held against, in words."""
        if self.base_points == 1:
            return self.baseline
        return f"the level of {self.baseline}, {counted(self.base_points, 'point')}"

    @property
    def about(self) -> str:
        """What is followed, in words."""
        if self.measure == SAVING:
            return f"saving at {self.statistic}"
        return f"{self.statistic} of the {self.measure}"

    def __repr__(self) -> str:
        return (
            f"History({self.about}, {counted(len(self.points), 'point')},"
            f" {counted(len(self.changes), 'change')}, newest {self.newest.word})"
        )
