"""The shift function: the saving at every quantile, with a band that holds for all at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from hhperf.analysis.bootstrap import bootstrap_quantiles
from hhperf.analysis.censoring import Censoring, any_stall, check_censoring
from hhperf.analysis.estimate import REPLICATES, Replicates
from hhperf.analysis.multinomial import multinomial_curves
from hhperf.analysis.product_limit import product_limit_quantile
from hhperf.analysis.ranks import check_quantile, measurable, rank_of
from hhperf.analysis.samples import FloatArray, Pairs, make_pairs
from hhperf.analysis.stall_free import (
    StallFreePairs,
    cut_at_stalls,
    stall_free_replicates,
    stall_obstacle,
)
from hhperf.errors import SampleError
from hhperf.shown import Displayed

GRID = (*(round(0.05 * k, 2) for k in range(1, 20)), 0.97, 0.98, 0.99, 0.995, 0.999)
_MANY = 10_000  # pairs from which the joint shortcut is used


@dataclass(frozen=True, slots=True, eq=False)
class ShiftFunction(Displayed):
    """Savings by quantile.

    Attributes:
        quantiles: in 0..1, shape (Q,).
        savings: shape (Q,); NaN where an arm's quantile falls among its failures, or where stalls
            hid it.
        lower: lower edge of the band, shape (Q,); may be -inf.
        upper: upper edge of the band.
        confidence: that the whole curve lies within the band.
        method: how the band was made.
    """

    quantiles: FloatArray
    savings: FloatArray
    lower: FloatArray
    upper: FloatArray
    confidence: float
    method: str

    def __repr__(self) -> str:
        first, last = (f"p{100 * self.quantiles[end]:g}" for end in (0, -1))
        count = len(self.quantiles)
        return (
            f"ShiftFunction({count} quantiles from {first} to {last}, {self.confidence:.0%} band)"
        )


def shift_function(  # noqa: PLR0913
    control: ArrayLike,
    treatment: ArrayLike,
    clusters: ArrayLike | None = None,
    *,
    quantiles: Sequence[float] | None = None,
    confidence: float = 0.95,
    censoring: Censoring | None = None,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> ShiftFunction:
    """The saving at each quantile with a simultaneous band.

    The band is the pointwise percentile band, widened until the stated share of the resampled
    curves lies within it from end to end.

    Args:
        control: latencies, shape (n,), +inf for failures.
        treatment: latencies of the same requests.
        clusters: one label per pair, or None.
        quantiles: in 0..1; by default 0.05 to 0.999 as far as there are 20 pairs beyond.
        confidence: for the whole curve.
        censoring: what the machine's stalls did to the requests. Where they met any, the savings
            are those without stalls, and undefined where too little is left to say.
        replicates: bootstrap resamples.
        seed: of the generator.

    Raises:
        SampleError: when there are too few pairs for any quantile, or stalls hid every one.

    Source: Montiel Olea and Plagborg-Moller, Simultaneous confidence bands, 2019 (the quantile
    based sup-t band); the shift function is Doksum's, 1974.
    """
    pairs = make_pairs(control, treatment, clusters)
    chosen = quantiles or [q for q in GRID if measurable(q, pairs.n)]
    grid = [check_quantile(q) for q in chosen]
    if not grid:
        raise SampleError(f"{pairs.n:,} pairs are too few for a shift function; 40 give the median")
    if censoring is not None:
        check_censoring(censoring, pairs)
        if any_stall(pairs, censoring):
            cut = cut_at_stalls(pairs, censoring)
            return _without_stalls(cut, grid, confidence, replicates, seed)
    found, method = _resample(pairs, grid, replicates, seed)
    lower, upper = simultaneous_band(found, confidence)
    ranks = np.array([rank_of(q, pairs.n) for q in grid]) - 1
    x, y = np.sort(pairs.control)[ranks], np.sort(pairs.treatment)[ranks]
    defined = np.isfinite(x) & np.isfinite(y)
    savings = 1 - np.divide(y, x, out=np.full(len(grid), np.nan), where=defined)
    return ShiftFunction(
        np.array(grid),
        savings,
        np.where(defined, np.fmin(lower, savings), np.nan),
        np.where(defined, np.fmax(upper, savings), np.nan),
        confidence,
        f"{method}, simultaneous percentile band",
    )


def _without_stalls(
    cut: StallFreePairs, grid: Sequence[float], confidence: float, replicates: int, seed: int
) -> ShiftFunction:
    """The product limit of both arms; the band is that of either way of resampling, and holds both.

    The savings that stalls leave not measurable are undefined, and the band need not hold them.
    """
    obstacles = [stall_obstacle(cut, q) for q in grid]
    known = [q for q, obstacle in zip(grid, obstacles, strict=True) if obstacle is None]
    if not known:
        raise SampleError(obstacles[0] or "stalls hid every quantile")
    points = np.array([[product_limit_quantile(arm, q) for q in known] for arm in cut.arms])
    both = stall_free_replicates(cut, known, replicates=replicates, seed=seed)
    bands = np.array([simultaneous_band(found, confidence) for found in both])
    savings = 1 - np.where(np.isfinite(points).all(axis=0), points[1] / points[0], np.nan)
    lost = np.isnan(savings)
    columns = np.full((3, len(grid)), np.nan)
    columns[:, [obstacle is None for obstacle in obstacles]] = (
        savings,
        np.where(lost, np.nan, np.fmin(bands[:, 0].min(axis=0), savings)),
        np.where(lost, np.nan, np.fmax(bands[:, 1].max(axis=0), savings)),
    )
    points_and_band = columns[0], columns[1], columns[2]
    method = "product limit, simultaneous percentile band over clusters and stretches of time"
    return ShiftFunction(np.array(grid), *points_and_band, confidence, method)


def simultaneous_band(
    replicates: Sequence[Replicates], confidence: float
) -> tuple[FloatArray, FloatArray]:
    """Lower and upper edges, each of shape (Q,), that hold jointly."""
    worst = 1 - np.column_stack([found.ratios(np.inf) for found in replicates])
    best = 1 - np.column_stack([found.ratios(0.0) for found in replicates])
    low, high = np.sort(worst, axis=0), np.sort(best, axis=0)
    count = len(worst)
    depth = np.full(count, count)
    for j in range(worst.shape[1]):
        from_below = np.searchsorted(low[:, j], worst[:, j], "right")
        from_above = count - np.searchsorted(high[:, j], best[:, j], "left")
        depth = np.minimum(depth, np.minimum(from_below, from_above))
    # Curves shallower than this, a share of 1 - confidence, may leave the band.
    outside = int((count + 1) * (1 - confidence))
    level = max(int(np.sort(depth)[outside]), 1)
    return low[level - 1], high[count - level]


def _resample(
    pairs: Pairs, grid: Sequence[float], replicates: int, seed: int
) -> tuple[list[Replicates], str]:
    thick = pairs.n >= _MANY and all(measurable(q, pairs.n) for q in grid)
    if pairs.clusters is None and thick:
        found = multinomial_curves(pairs, grid, replicates=replicates, seed=seed)
        return found, "multinomial paired bootstrap"
    found = bootstrap_quantiles(pairs, grid, replicates=replicates, seed=seed)
    return found, "paired bootstrap" if pairs.clusters is None else "paired cluster bootstrap"
