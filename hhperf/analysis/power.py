"""How many pairs a verdict takes."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from hhperf.analysis.density import ratio_influence
from hhperf.analysis.estimate import Estimate
from hhperf.analysis.ranks import MIN_TAIL, pairs_to_measure, parse_statistic
from hhperf.analysis.samples import Pairs, make_pairs
from hhperf.errors import SampleError
from hhperf.shown import Displayed, counted


def pairs_needed(
    variance: float,
    *,
    alternative: float = 0.25,
    threshold: float = 0.20,
    confidence: float = 0.95,
    power: float = 0.90,
) -> int:
    """Pairs after which a true saving of ``alternative`` is seen to exceed ``threshold``.

    Args:
        variance: of the log ratio of the two statistics, times the number of pairs.
        alternative: the true saving that should be found; below the threshold it plans for BELOW.
        threshold: the saving that is claimed.
        confidence: of the two-sided interval that the verdict is read off; 0.90 plans a one-sided
            test at 0.05.
        power: the chance of finding it.

    Returns:
        n = V (z(1-alpha) + z(power))^2 / ln((1-s1)/(1-s0))^2, rounded up.

    Raises:
        SampleError: when the alternative is the threshold, or either is 1 or more.
    """
    _check_goal(alternative, threshold, confidence, power)
    effect = math.log((1 - alternative) / (1 - threshold))
    z = float(special.ndtri(0.5 + confidence / 2) + special.ndtri(power))
    return math.ceil(variance * (z / effect) ** 2)


def _check_goal(alternative: float, threshold: float, confidence: float, power: float) -> None:
    savings = (alternative, threshold)
    taken = {1 - each for each in savings}
    if len(taken) == 1 or not all(-math.inf < each < 1 for each in savings):
        raise SampleError(
            f"no number of pairs tells a saving of {alternative:g} from {threshold:g}"
        )
    for name, share in (("confidence", confidence), ("power", power)):
        if not 0 < share < 1:
            raise SampleError(f"{name} {share:g} must lie between 0 and 1")


def variance_from(estimate: Estimate, n: int) -> float:
    """The variance ``pairs_needed`` takes, read off an interval from ``n`` pairs.

    Whatever the interval allows for (clusters, blocks, runs) is then in the plan too.
    """
    if not estimate.upper < 1 or not math.isfinite(estimate.lower):
        return math.inf
    width = math.log1p(-estimate.lower) - math.log1p(-estimate.upper)
    z = float(special.ndtri(0.5 + estimate.confidence / 2))
    return n * (width / (2 * z)) ** 2


@dataclass(frozen=True, slots=True)
class Goal:
    """What a run is planned for.

    Attributes:
        alternative: the true saving that should be found.
        threshold: the saving that is claimed.
        confidence: of the two-sided interval the verdict is read off; 0.90 plans a one-sided test
            at 5%.
        power: chance of finding it.
    """

    alternative: float = 0.25
    threshold: float = 0.20
    confidence: float = 0.95
    power: float = 0.90

    def __post_init__(self) -> None:
        _check_goal(self.alternative, self.threshold, self.confidence, self.power)

    def pairs(self, variance: float) -> int:
        """Pairs that find it at a variance such as `pairs_needed` takes."""
        return pairs_needed(variance, **asdict(self))


@dataclass(frozen=True, slots=True)
class Extension:
    """What an inconclusive comparison is told about the pairs (or runs) it would take.

    Attributes:
        n: pairs there are.
        threshold: the saving that is claimed.
        alternative: the true saving that should be found.
        power: the chance of finding it.
        unit: what ``n`` counts.
    """

    n: int
    threshold: float
    alternative: float
    power: float = 0.90
    unit: str = "pairs"

    def total(self, estimate: Estimate) -> int | None:
        """Pairs in total that would settle it; None when no number would."""
        variance = variance_from(estimate, self.n)
        if not math.isfinite(variance) or not self.threshold < self.alternative < 1:
            return None
        goal = Goal(self.alternative, self.threshold, estimate.confidence, self.power)
        return goal.pairs(variance)

    def advice(self, estimate: Estimate) -> str:
        """One sentence for the reader."""
        needed = self.total(estimate)
        if needed is None:
            return f"the noise is too large to say how many {self.unit} would settle it"
        chance = f"{self.power:.0%} power at a true saving of {self.alternative:.0%}"
        if needed > self.n:
            return f"about {needed - self.n:,} more {self.unit} ({needed:,} in all) give {chance}"
        return (
            f"{self.n:,} {self.unit} already give {chance}: the saving is probably closer to the "
            f"threshold than that, or below it"
        )


STATISTICS = ("mean", "p50", "p90", "p95", "p99")


@dataclass(frozen=True, slots=True)
class Plan(Displayed):
    """What a verdict on one statistic takes.

    Attributes:
        statistic: ``"mean"``, ``"p95"``, ...
        pairs: pairs to run; None when no number would do.
        variance: of the log ratio, times the pairs.
        alternative: the true saving that is found with the stated power.
        threshold: the saving that is claimed.
        confidence: of the two-sided interval the verdict is read off.
        power: chance of EXCEEDS.
        source: ``"pilot"`` or ``"assumption"``.
    """

    statistic: str
    pairs: int | None
    variance: float
    alternative: float
    threshold: float
    confidence: float
    power: float
    source: str

    def __repr__(self) -> str:
        pairs = "no number of pairs" if self.pairs is None else counted(self.pairs, "pair")
        found = f"{self.alternative:.0%} against {self.threshold:.0%}"
        return f"Plan({self.statistic}: {pairs} to find {found}, from {self.source})"

    def minutes(self, pairs_per_s: float) -> float | None:
        """How long the run takes at a rate of pairs per second."""
        if not pairs_per_s > 0:
            raise SampleError(f"a rate of {pairs_per_s:g} pairs per second never ends")
        return None if self.pairs is None else self.pairs / pairs_per_s / 60


def plan_from_pilot(
    control: ArrayLike,
    treatment: ArrayLike,
    clusters: ArrayLike | None = None,
    *,
    statistics: Sequence[str] = STATISTICS,
    goal: Goal | None = None,
    timeout: float | None = None,
) -> tuple[Plan, ...]:
    """Plan with the spread and the correlation that a pilot run showed.

    The pilot's own saving does not matter: its treatment is scaled to the alternative.

    Args:
        control: latencies, shape (n,); a few hundred make a pilot.
        treatment: latencies of the same requests.
        clusters: one label per pair; the plan then holds for requests that come in such clusters.
        statistics: to plan for.
        goal: what the run should find.
        timeout: where failed requests are cut for the mean.
    """
    goal = goal or Goal()
    pairs = make_pairs(control, treatment, clusters)
    if pairs.n < MIN_TAIL:
        raise SampleError(f"{pairs.n} pairs make no pilot: {MIN_TAIL} or more show a spread")
    return tuple(
        _plan(name, _pilot_variance(pairs, parse_statistic(name), goal, timeout), goal, "pilot")
        for name in statistics
    )


def plan_from_assumptions(
    sigma_control: float = 0.6,
    sigma_treatment: float = 0.5,
    correlation: float = 0.8,
    *,
    statistics: Sequence[str] = STATISTICS,
    goal: Goal | None = None,
) -> tuple[Plan, ...]:
    """Plan for lognormal latencies.

    Args:
        sigma_control: standard deviation of the control's log latency.
        sigma_treatment: the same for the treatment.
        correlation: of the log latencies of a pair; 0 plans an unpaired comparison.
        statistics: to plan for.
        goal: what the run should find.
    """
    goal = goal or Goal()
    sigmas = (sigma_control, sigma_treatment)
    if not all(0 < sigma < math.inf for sigma in sigmas) or not -1 < correlation < 1:
        raise SampleError("spreads must be positive and the correlation between -1 and 1")
    spreads = sigma_control, sigma_treatment, correlation
    return tuple(
        _plan(name, _lognormal_variance(*spreads, parse_statistic(name), goal), goal, "assumption")
        for name in statistics
    )


def _plan(name: str, variance: float, goal: Goal, source: str) -> Plan:
    q, pairs = parse_statistic(name), None
    if math.isfinite(variance):
        least = MIN_TAIL if q is None else pairs_to_measure(q)
        pairs = max(goal.pairs(variance), least)
    return Plan(name, pairs, variance, **asdict(goal), source=source)


def _pilot_variance(pairs: Pairs, q: float | None, goal: Goal, timeout: float | None) -> float:
    if q is not None:
        influence = ratio_influence(pairs.control, pairs.treatment, q)
        if influence is None:
            return math.inf
        return float(np.sum(pairs.cluster_sums(influence) ** 2)) / pairs.n
    if timeout is not None:
        pairs = pairs.truncated(timeout)
    x, y = pairs.control, pairs.treatment
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        return math.inf
    y = y * ((1 - goal.alternative) * x.mean() / y.mean())
    difference = y - (1 - goal.threshold) * x
    sums = pairs.cluster_sums(difference - difference.mean())
    return _mean_variance(float(np.sum(sums**2)) / pairs.n, float(x.mean()), goal)


def _lognormal_variance(
    sigma_x: float, sigma_y: float, rho: float, q: float | None, goal: Goal
) -> float:
    if q is None:
        # Of d = y - r0 x, with the mean of x at 1 and that of y at r1.
        r0, r1 = 1 - goal.threshold, 1 - goal.alternative
        spread = r1**2 * math.expm1(sigma_y**2) + r0**2 * math.expm1(sigma_x**2)
        spread -= 2 * r0 * r1 * math.expm1(rho * sigma_x * sigma_y)
        return _mean_variance(spread, 1.0, goal)
    z = float(special.ndtri(q))
    density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    s_x, s_y = sigma_x / density, sigma_y / density
    # P(X <= z, Y <= z) of correlated normals, by Owen's T function.
    joint = q - 2 * float(special.owens_t(z, math.sqrt((1 - rho) / (1 + rho))))
    return q * (1 - q) * (s_x**2 + s_y**2) - 2 * (joint - q * q) * s_x * s_y


def _mean_variance(spread: float, mean: float, goal: Goal) -> float:
    """The log-scale variance that gives the t test on d the pairs it needs.

    That test needs n = var(d) (z + z)^2 / ((s1 - s0) mean)^2, the formula in use divides by
    ln(r1/r0)^2.
    """
    effect = math.log((1 - goal.alternative) / (1 - goal.threshold))
    return spread / mean**2 * (effect / (goal.alternative - goal.threshold)) ** 2
