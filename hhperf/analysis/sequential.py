"""Stopping early without peeking: bounds that hold at every look at once.

A fixed-size test that is looked at twenty times errs a quarter of the time. A confidence sequence
is wide enough that looking costs nothing: stop as soon as its lower bound passes the threshold
(EXCEEDS), or its upper bound falls below it (BELOW, futility). Its pairs must be independent, or
come in clusters that are: then it is wider. It is not for open loop.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from hhperf.analysis.decision import Verdict
from hhperf.analysis.density import ratio_influence
from hhperf.analysis.mean import moments, ratio_interval
from hhperf.analysis.ranks import pairs_to_measure, parse_statistic, quantile
from hhperf.analysis.samples import FloatArray, Pairs, make_pairs
from hhperf.errors import SampleError
from hhperf.shown import Displayed, counted

FIRST_LOOK = 100
"""Pairs before the first look: the bounds lean on the central limit theorem. (With bimodal
latencies nine in ten of the false alarms at the median came between 50 and 80 pairs.)"""

GROWTH = 1.05
"""Each look has this many times the pairs of the one before."""


@dataclass(frozen=True, slots=True)
class SequentialPath(Displayed):
    """A confidence sequence of the saving, look by look.

    Attributes:
        statistic: ``"mean"``, ``"p95"``, ...
        looks: pairs at each look.
        savings: the saving at each look.
        lower: bound below which the true saving never lies at any look, but for ``alpha``.
        upper: bound above which it never lies at any look, but for ``alpha``.
        threshold: the saving that is claimed.
        alpha: chance of a wrong EXCEEDS over all looks together.
        verdict: at the first look that settled it, INCONCLUSIVE if none did, NOT_MEASURABLE when
            there were too few pairs for a single look.
        stopped_at: pairs at that look, or None.
    """

    statistic: str
    looks: tuple[int, ...]
    savings: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    threshold: float
    alpha: float
    verdict: Verdict
    stopped_at: int | None

    def __repr__(self) -> str:
        settled = "" if self.stopped_at is None else f" after {self.stopped_at:,} pairs"
        looks = counted(len(self.looks), "look")
        return f"SequentialPath({self.verdict} at {self.statistic}{settled}, {looks})"


def sequential_test(  # noqa: PLR0913
    control: ArrayLike,
    treatment: ArrayLike,
    statistic: str = "p95",
    *,
    clusters: ArrayLike | None = None,
    threshold: float = 0.20,
    alpha: float = 0.05,
    looks: Sequence[int] | None = None,
    optimal_at: int | None = None,
    timeout: float | None = None,
) -> SequentialPath:
    """Follow a run as its pairs come in and say where it may stop.

    Args:
        control: latencies in the order they were measured, shape (n,); +inf for failures.
        treatment: latencies of the same requests.
        statistic: ``"mean"``, ``"p50"``, ``"p95"``, ...
        clusters: a label per pair, whose pairs are alike; the spread is then that of cluster sums,
            where that is wider.
        threshold: the saving that is claimed.
        alpha: one-sided error over all looks.
        looks: numbers of pairs to look at; by default each 5% more than the last, and all pairs.
        optimal_at: pairs at which the bounds are tightest, fixed before the run; by default near
            what telling 25% from 20% takes.
        timeout: where failed requests are cut for the mean.

    Returns:
        The whole path, also past the look that settled it.

    Raises:
        SampleError: for latencies, looks or options that cannot be used.

    Source: Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, Time-uniform central limit theory and
    asymptotic confidence sequences, arXiv 2103.06476.
    """
    pairs, q = make_pairs(control, treatment, clusters), parse_statistic(statistic)
    if not 0 < alpha < 0.5:
        raise SampleError(f"alpha {alpha:g} must lie between 0 and 0.5")
    first = first_look(q)
    chosen = look_schedule(pairs.n, first) if looks is None else _checked(looks, pairs.n, first)
    if q is None:
        pairs = _finite(pairs, timeout)
    best = optimal_at or max(500, 5 * first)
    one, two = boundary(alpha, best), boundary(alpha, best, two_sided=True)
    found = [_look(pairs, t, q, one(t), two(t)) for t in chosen]
    verdict, stopped_at = _first_verdict(chosen, found, threshold)
    savings, lower, upper = zip(*found, strict=True) if found else ((), (), ())
    return SequentialPath(
        statistic, tuple(chosen), savings, lower, upper, threshold, alpha, verdict, stopped_at
    )


def boundary(alpha: float, optimal_at: int, *, two_sided: bool = False) -> Callable[[int], float]:
    """Half-width of the confidence sequence in standard deviations, as a function of the pairs.

    Args:
        alpha: error over all looks together; one-sided unless ``two_sided``.
        optimal_at: pairs at which it is tightest.
        two_sided: for a sequence that is bounded on both sides.
    """
    share = alpha if two_sided else 2 * alpha
    lambert = float(special.lambertw(-(share**2) / math.e, -1).real)
    rho2 = (-lambert - 1) / optimal_at

    def half_width(t: int) -> float:
        growth = t * rho2 + 1
        inside = math.sqrt(growth) / share + (0.0 if two_sided else 1.0)
        return math.sqrt(2 * growth / (t**2 * rho2) * math.log(inside))

    return half_width


def first_look(q: float | None) -> int:
    """Pairs before the first look: 100, and 20 beyond the quantile."""
    return FIRST_LOOK if q is None else max(FIRST_LOOK, pairs_to_measure(q))


def look_schedule(n: int, first: int) -> list[int]:
    """Looks from ``first`` on, each 5% later than the one before, ending with all ``n`` pairs.

    The schedule does not depend on n but for its end, so a run that goes on keeps its looks.
    """
    looks, following = [], first
    while following < n:
        looks.append(following)
        following = math.ceil(following * GROWTH)
    return [*looks, n] if n >= first else []


def _checked(looks: Sequence[int], n: int, first: int) -> list[int]:
    chosen = sorted({int(look) for look in looks})
    if chosen and (chosen[0] < first or chosen[-1] > n):
        raise SampleError(f"looks must lie between {first:,} and the {n:,} pairs there are")
    return chosen


def _finite(pairs: Pairs, timeout: float | None) -> Pairs:
    failed = np.isinf(pairs.control).any() or np.isinf(pairs.treatment).any()
    if failed and timeout is None:
        raise SampleError("requests failed: the mean needs a timeout at which they are cut")
    return pairs if timeout is None else pairs.truncated(timeout)


def _look(
    pairs: Pairs, t: int, q: float | None, one: float, two: float
) -> tuple[float, float, float]:
    """Saving, lower and upper bound from the first t pairs; widths in standard deviations."""
    codes = None if pairs.clusters is None else pairs.clusters[:t]
    some = Pairs(pairs.control[:t], pairs.treatment[:t], codes, pairs.n_clusters)
    return _mean_look(some, one, two) if q is None else _quantile_look(some, q, one, two)


def _mean_look(some: Pairs, one: float, two: float) -> tuple[float, float, float]:
    x, y = some.control, some.treatment
    found = moments(Pairs(x, y, None, len(x)))
    # The moments hold variances of means, the half-widths count standard deviations of one pair.
    wider = math.sqrt(len(x)) * _widening(some, y - found.y / found.x * x)
    lower = ratio_interval(found, one * wider)[0]
    upper = ratio_interval(found, two * wider)[1]
    return 1 - found.y / found.x, lower, upper


def _quantile_look(some: Pairs, q: float, one: float, two: float) -> tuple[float, float, float]:
    x, y = some.control, some.treatment
    at_x, at_y = quantile(x, q), quantile(y, q)
    if math.isinf(at_x) or math.isinf(at_y):
        return math.nan, -math.inf, 1.0
    influence = ratio_influence(x, y, q)
    if influence is None:
        return 1 - at_y / at_x, -math.inf, 1.0
    centre, spread = math.log(at_y / at_x), float(np.std(influence)) * _widening(some, influence)
    lower, upper = (-math.expm1(centre + shift) for shift in (one * spread, -two * spread))
    return 1 - at_y / at_x, lower, upper


def _widening(some: Pairs, influence: FloatArray) -> float:
    """How much wider the clusters' sums spread than as many independent pairs, 1 or more."""
    if some.clusters is None:
        return 1.0
    each = influence - influence.mean()
    alone, together = float(np.sum(each**2)), float(np.sum(some.cluster_sums(each) ** 2))
    return math.sqrt(max(1.0, together / alone)) if alone > 0 else 1.0


def _first_verdict(
    looks: Sequence[int], found: Sequence[tuple[float, float, float]], threshold: float
) -> tuple[Verdict, int | None]:
    for look, (_, lower, upper) in zip(looks, found, strict=True):
        if lower > threshold:
            return Verdict.EXCEEDS, look
        if upper < threshold:
            return Verdict.BELOW, look
    return (Verdict.INCONCLUSIVE if looks else Verdict.NOT_MEASURABLE), None
