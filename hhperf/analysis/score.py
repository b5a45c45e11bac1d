"""A second opinion without resampling: the weighted paired score test of one quantile.

At a ratio r compare y with z = r x. If r is the true ratio, both have the same p-quantile c, so as
many y as z lie below the pooled c, up to noise. The noise is that of psi = (1-w) a - w b, with a
and b the centred indicators of lying below c; the weight w, the share of y among the latencies
near c, takes out the error of estimating c.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy import special

from hhperf.analysis.density import half_window
from hhperf.analysis.estimate import Estimate, undefined
from hhperf.analysis.ranks import check_quantile, quantile, rank_of
from hhperf.analysis.samples import FloatArray, Pairs

METHOD = "weighted paired score test"


@dataclass(frozen=True, slots=True, eq=False)
class SortedPairs:
    """Pairs with each arm sorted as well, so that many ratios can be tried cheaply.

    Attributes:
        pairs: as they were.
        control: sorted, shape (n,).
        treatment: sorted, shape (n,).
        control_mass: weight of the lowest k, for k of 0 to n, shape (n + 1,); k without weights.
        treatment_mass: the same of the treatment.
    """

    pairs: Pairs
    control: FloatArray
    treatment: FloatArray
    control_mass: FloatArray
    treatment_mass: FloatArray


def sort_pairs(pairs: Pairs) -> SortedPairs:
    """Sort each arm once, for any number of quantiles and ratios."""
    control, control_mass = _sorted(pairs.control, pairs.weights)
    treatment, treatment_mass = _sorted(pairs.treatment, pairs.weights)
    return SortedPairs(pairs, control, treatment, control_mass, treatment_mass)


def _sorted(values: FloatArray, weights: FloatArray | None) -> tuple[FloatArray, FloatArray]:
    if weights is None:
        return np.sort(values), np.arange(len(values) + 1.0)
    order = np.argsort(values)
    return values[order], np.concatenate([[0.0], np.cumsum(weights[order])])


def score_statistic(arms: SortedPairs, q: float, ratio: float) -> float:
    """The score at ``ratio``: about standard normal if that is the true ratio at ``q``.

    Positive when the treatment's quantile lies below ``ratio`` times the control's. NaN when the
    pooled quantile falls among failed requests, 0 when nothing differs.

    Args:
        arms: the pairs, sorted.
        q: the quantile, in 0..1.
        ratio: of the treatment's quantile to the control's.
    """
    pairs = arms.pairs
    scaled = replace(arms, control=ratio * arms.control)
    centre = _pooled_quantile(scaled, q)
    if math.isinf(centre):
        return math.nan
    weight = _weight(scaled, q)
    below_y, below_z = pairs.treatment <= centre, ratio * pairs.control <= centre
    lower_z, lower_y = _masses(scaled, centre, "right")
    surplus = (lower_y - lower_z) / 2
    psi = (1 - weight) * (below_y - q) - weight * (below_z - q)
    noise = math.sqrt(float(np.sum(pairs.cluster_sums(psi) ** 2)))
    return surplus / noise if noise > 0 else 0.0


def score_p_value(arms: SortedPairs, q: float, *, threshold: float = 0.20) -> float:
    """One-sided p-value of "the saving at ``q`` is at most the threshold"."""
    return p_value_of(score_statistic(arms, q, 1 - threshold))


def p_value_of(score: float) -> float:
    """One-sided, of a score that is standard normal if the claimed saving is the true one."""
    return float(special.ndtr(-score))


def score_saving(
    pairs: Pairs, q: float, *, threshold: float = 0.20, confidence: float = 0.95
) -> Estimate:
    """The saving at a quantile with the interval of ratios that the score test does not reject.

    Args:
        pairs: checked pairs; with clusters the noise is that of their sums.
        q: the quantile, in 0..1.
        threshold: saving that the p-value tests.
        confidence: of the two-sided interval.
    """
    q = check_quantile(q)
    x, y = quantile(pairs.control, q), quantile(pairs.treatment, q)
    if math.isinf(x) or math.isinf(y):
        reason = "the quantile falls among failed requests"
        return undefined(reason, confidence=confidence, method=METHOD)
    arms = sort_pairs(pairs)
    critical = float(special.ndtri(0.5 + confidence / 2))
    lowest = _edge(lambda log: score_statistic(arms, q, math.exp(log)) < -critical, y / x, -1)
    highest = _edge(lambda log: score_statistic(arms, q, math.exp(log)) > critical, y / x, +1)
    return Estimate(
        point=1 - y / x,
        lower=1 - highest,
        upper=1 - lowest,
        confidence=confidence,
        p_value=score_p_value(arms, q, threshold=threshold),
        method=METHOD,
    )


def _edge(rejected: Callable[[float], bool], ratio: float, sign: int) -> float:
    """The last ratio, going down or up from ``ratio``, that is not rejected."""
    inside, step = math.log(ratio), 0.05
    while not rejected(outside := math.log(ratio) + sign * step):
        inside, step = outside, 2 * step
        if step > _FAR:
            return math.inf if sign > 0 else 0.0
    while abs(outside - inside) > _PRECISION:
        middle = (inside + outside) / 2
        inside, outside = (inside, middle) if rejected(middle) else (middle, outside)
    return math.exp(inside)


_FAR = 50.0
_PRECISION = 1e-6


def _weight(scaled: SortedPairs, q: float) -> float:
    """Share of y among the pooled latencies near the quantile, half a count added to each."""
    half = half_window(q, 2 * round(_worth(scaled.pairs)))
    low, high = _pooled_quantile(scaled, q - half), _pooled_quantile(scaled, q + half)
    return weight_of(_masses(scaled, low, "left"), _masses(scaled, high, "right"))


def weight_of(under: tuple[float, float], upto: tuple[float, float]) -> float:
    """Share of y among the pooled latencies near a quantile, half a count added to each.

    Args:
        under: weight of z = ratio x, and of y, below the least that is near.
        upto: the same up to the greatest.
    """
    near_z, near_y = (upper - lower + 0.5 for upper, lower in zip(upto, under, strict=True))
    return float(near_y / (near_y + near_z))


def _worth(pairs: Pairs) -> float:
    """Pairs of equal weight that are worth as many as these (Kish, Survey Sampling, 1965)."""
    if pairs.weights is None:
        return pairs.n
    return float(pairs.weights.sum() ** 2 / np.square(pairs.weights).sum())


def _masses(arms: SortedPairs, value: float, side: Literal["left", "right"]) -> tuple[float, float]:
    """Weight of the control's latencies, and of the treatment's, below ``value``."""
    return (
        float(arms.control_mass[np.searchsorted(arms.control, value, side)]),
        float(arms.treatment_mass[np.searchsorted(arms.treatment, value, side)]),
    )


def _pooled_quantile(arms: SortedPairs, q: float) -> float:
    """The quantile of both arms together."""
    if arms.pairs.weights is None:
        return _pooled(arms.control, arms.treatment, rank_of(q, 2 * arms.pairs.n))
    values = np.concatenate([arms.control, arms.treatment])
    weights = np.concatenate([np.diff(arms.control_mass), np.diff(arms.treatment_mass)])
    order = np.argsort(values)
    mass = np.cumsum(weights[order])
    place = int(np.searchsorted(mass, q * mass[-1] - 1e-9))
    return float(values[order[place]])


def _pooled(a: FloatArray, b: FloatArray, rank: int) -> float:
    """The ``rank``-th smallest (1-based) of two sorted arrays together, by bisection."""
    low, high = max(0, rank - len(b)), min(rank, len(a))
    while low < high:  # how many of the lowest `rank` come from a
        taken = (low + high) // 2
        if a[taken] < b[rank - taken - 1]:
            low = taken + 1
        else:
            high = taken
    candidates = ([a[low - 1]] if low else []) + ([b[rank - low - 1]] if rank > low else [])
    return float(max(candidates))
