"""Judges a history: each point against a baseline, and where the level changed.

The unit is the run, as in `analysis.several_runs`: how far two runs differ without a cause is read
off the history itself (the spread about its levels) or off restarts of the process, never off the
pairs within one run alone.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from hhperf.analysis.change_points import FEWEST, ChangePoint, find_changes
from hhperf.analysis.estimate import Estimate, undefined
from hhperf.analysis.samples import FloatArray
from hhperf.errors import SampleError, unknown
from hhperf.shown import counted
from hhperf.verdict.history import SAVING, Against, History, Moment, NamedChange, Point

CONFIDENCE = 0.95
MARGIN = 0.05
"""A change that is too small to matter."""

FEWEST_TO_SPREAD = 3
"""Degrees of freedom from which the history itself tells how far runs differ."""

METHOD = "t interval over runs"
UNKNOWN_SPREAD = (
    "how far runs differ without a cause is not known from so few: record each with --runs 3 or"
    " more, or at least four points"
)


@dataclass(frozen=True, slots=True)
class Spread:
    """How far points lie apart without a cause.

    Attributes:
        variance: of a point's log, beyond which its own noise counts; NaN where unknown.
        freedom: degrees of freedom it is known with.
        restarts: variance of a run's log among restarts of one point; NaN without restarts.
    """

    variance: float
    freedom: int
    restarts: float

    def of(self, moment: Moment) -> float:
        """The variance of a moment's log: that of points, or its own where that is more.

        Args:
            moment: with a number.
        """
        single = moment.within if math.isnan(self.restarts) else self.restarts
        return max(self.variance, single / len(moment.logs))

    def half(self, variance: float) -> float:
        """Half the interval of a normal number of such a variance; NaN where unknown."""
        if self.freedom < 1:
            return math.nan
        return float(special.stdtrit(self.freedom, 0.5 + CONFIDENCE / 2)) * math.sqrt(variance)


def make_history(
    title: str,
    moments: Sequence[Moment],
    *,
    measure: str = SAVING,
    statistic: str = "p95",
    baseline: str | None = None,
    margin: float = MARGIN,
    seed: int = 0,
) -> History:
    """Judge each moment against a baseline, and find where the level changed.

    What points are held against is the level that the baseline is on, where there are enough points
    to tell levels: a single run may be a lucky one, and all verdicts would share its luck.

    Args:
        title: what was measured.
        moments: in any order; they are taken in order of time.
        measure: what their logs are of.
        statistic: the same.
        baseline: a name or a commit; the first moment that has a number when None.
        margin: a change that is too small to matter, as a share.
        seed: of the tests.

    Raises:
        SampleError: there is no moment with a number, or none of the baseline's name.
    """
    ordered = sorted(moments, key=lambda each: (each.at, each.name))
    usable = [place for place, each in enumerate(ordered) if each.logs]
    if not usable:
        why = "; ".join(dict.fromkeys(note for each in ordered for note in each.notes))
        raise SampleError(f"{title}: no run has a number at {statistic} ({why or 'no run'})")
    known = [ordered[place] for place in usable]
    base = _baseline(known, baseline)
    found = find_changes([each.log for each in known], seed=seed)
    spread = spread_of(known, found)
    level = _base_level(known, base, found, spread)
    return History(
        title=title,
        measure=measure,
        statistic=statistic,
        baseline=base.name,
        base_points=level.points,
        base_level=_in_unit(level.log, measure),
        margin=margin,
        points=tuple(_point(each, base, level, spread, measure, margin) for each in ordered),
        changes=tuple(_named(each, known, usable) for each in found),
        spread=math.sqrt(spread.variance) if spread.freedom else math.nan,
        warnings=_warnings(len(usable), spread),
    )


def spread_of(moments: Sequence[Moment], changes: Sequence[ChangePoint] = ()) -> Spread:
    """How far points lie apart without a cause: about their levels, else by restarts alone.

    Args:
        moments: with a number each, in order.
        changes: between levels.
    """
    repeated = [np.array(each.logs) for each in moments if len(each.logs) > 1]
    among = sum(len(logs) - 1 for logs in repeated)
    restarts = sum(float(logs.var()) * len(logs) for logs in repeated) / among if among else np.nan
    freedom = len(moments) - len(changes) - 1
    if freedom >= FEWEST_TO_SPREAD:
        return Spread(_about_levels(moments, changes) / freedom, freedom, restarts)
    if among:
        return Spread(0.0, among, restarts)
    return Spread(math.nan, 0, restarts)


def _about_levels(moments: Sequence[Moment], changes: Sequence[ChangePoint]) -> float:
    """Sum of squared deviations from the mean of each level."""
    series: FloatArray = np.array([each.log for each in moments])
    parts = np.split(series, [each.index for each in changes])
    return sum(float(((part - part.mean()) ** 2).sum()) for part in parts)


@dataclass(frozen=True, slots=True)
class _Level:
    """What points are held against: the mean log of so many, and the variance of that."""

    log: float
    points: int
    variance: float


def _base_level(
    known: Sequence[Moment], base: Moment, changes: Sequence[ChangePoint], spread: Spread
) -> _Level:
    """All points between the changes around the baseline: one alone may be a lucky one.

    Where changes cannot be told, the baseline stands alone.
    """
    if len(known) < FEWEST:
        return _Level(base.log, 1, spread.of(base))
    place = known.index(base)
    low = max((each.index for each in changes if each.index <= place), default=0)
    high = min((each.index for each in changes if each.index > place), default=len(known))
    among = known[low:high]
    variance = sum(spread.of(each) for each in among) / len(among) ** 2
    return _Level(float(np.mean([each.log for each in among])), len(among), variance)


def _baseline(known: Sequence[Moment], wanted: str | None) -> Moment:
    if wanted is None:
        return known[0]
    for each in known:
        if wanted == each.name or (len(wanted) >= 4 and each.commit.startswith(wanted)):
            return each
    names = [each.name for each in known]
    raise SampleError(f"baseline {wanted!r}: {unknown(wanted, names)}")


def _point(
    moment: Moment, base: Moment, level: _Level, spread: Spread, measure: str, margin: float
) -> Point:
    if not moment.logs:
        nan, why = math.nan, "; ".join(moment.notes)
        nothing = undefined(why, confidence=CONFIDENCE, method=METHOD)
        return Point(moment, nan, nan, nan, nothing, Against.NOT_MEASURABLE)
    own = spread.of(moment)
    half, apart = spread.half(own), spread.half(own + level.variance)
    lower, upper = sorted(_in_unit(moment.log + shift, measure) for shift in (half, -half))
    difference = moment.log - level.log
    change = saved(difference, difference - apart, difference + apart)
    word = Against.BASELINE if moment is base else against(change, margin)
    return Point(moment, _in_unit(moment.log, measure), lower, upper, change, word)


def _in_unit(log: float, measure: str) -> float:
    return -math.expm1(log) if measure == SAVING else math.exp(log)


def saved(log: float, lowest: float, highest: float) -> Estimate:
    """What a change of a log saves, with the ends of its interval turned about."""
    point, upper, lower = (-math.expm1(each) for each in (log, lowest, highest))
    return Estimate(point, lower, upper, CONFIDENCE, method=METHOD)


def against(change: Estimate, margin: float) -> Against:
    """The word for a change: alike where all of its interval lies within the margin."""
    if math.isnan(change.lower):
        return Against.INCONCLUSIVE
    if -margin < change.lower and change.upper < margin:
        return Against.ALIKE
    if change.lower > 0:
        return Against.BETTER
    return Against.WORSE if change.upper < 0 else Against.INCONCLUSIVE


def _named(found: ChangePoint, moments: Sequence[Moment], places: Sequence[int]) -> NamedChange:
    return NamedChange(
        at=moments[found.index].called,
        first=moments[found.first].called,
        last=moments[found.last].called,
        change=saved(found.shift, found.lower, found.upper),
        p_value=found.p_value,
        index=places[found.index],
    )


def _warnings(n: int, spread: Spread) -> tuple[str, ...]:
    said = []
    if n < FEWEST:
        said.append(f"{counted(n, 'point')} with a number: changes of level are looked for from"
                    f" {FEWEST} on")  # fmt: skip
    if not spread.freedom:
        said.append(UNKNOWN_SPREAD)
    elif n > 2:
        said.append("each verdict against the baseline answers for its point alone: of 20 without a"
                    " change one is called so")  # fmt: skip
    return tuple(said)
