"""Where the level of a short, noisy series changed, how surely, and by how much.

Detection is hierarchical, by energy distances, with a permutation test at each stage: a series
without a change is found changed as rarely as the level says, whatever the noise is distributed
like. Where exactly a change lies is never certain; its place and size come from the posterior of
one shift of the mean within the neighbouring changes.

Sources: Matteson and James, A nonparametric approach for multiple change point analysis of
multivariate data, 2014 (E-divisive means); Daly and others, The use of change point detection to
identify software performance regressions in a continuous integration system, 2020 (its use on
histories of commits); Smith, A Bayesian approach to inference about a change-point in a sequence of
random variables, 1975 (place and size).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from hhperf.analysis.samples import FloatArray, IntArray
from hhperf.errors import SampleError

LEVEL = 0.05
"""How often a series without any change may be found changed."""

CONFIDENCE = 0.95
PERMUTATIONS = 499
SHORTEST = 2
"""Points on either side of a change: one alone is an outlier, or not yet a level."""

FEWEST = 7
"""Points in which a change could be told at the level above: of so many there are 35 ways to choose
three, of six only 20 and their mirror images."""

MOST = 2_000
_DRAWS = 4_000
_CELLS = 4_000_000
"""Distances that are held at the same time."""

Segment = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ChangePoint:
    """A change of level, with its uncertainty.

    Attributes:
        index: the first point of the new level, from 0: the likeliest.
        first: the earliest point that may be it, in the `CONFIDENCE` set.
        last: the latest.
        shift: the new level less the old one, in the unit of the series.
        lower: lower end of the shift's interval, which allows for not knowing the place.
        upper: upper end.
        p_value: of the stage that found it.
    """

    index: int
    first: int
    last: int
    shift: float
    lower: float
    upper: float
    p_value: float


def find_changes(
    values: Sequence[float] | FloatArray,
    *,
    level: float = LEVEL,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
) -> tuple[ChangePoint, ...]:
    """The changes of a series, in its order; none where there are too few points to tell.

    A change in the last point alone cannot be told from an outlier. Points that depend on each
    other (a machine that drifts) are found changed more often than the level says.

    Args:
        values: one a point, in order, shape (n,); finite.
        level: how often a series without a change may be found changed.
        permutations: of each stage's test.
        seed: of the permutations.

    Raises:
        SampleError: a value is not finite, or there are more than `MOST`.
    """
    series = np.asarray(values, dtype=np.float64)
    if series.ndim != 1 or not np.isfinite(series).all() or len(series) > MOST:
        raise SampleError(
            f"a series of shape {series.shape}: changes are looked for in up to {MOST:,} finite"
            " numbers, one a point"
        )
    if len(series) < FEWEST:
        return ()
    found, rng = dict[int, float](), np.random.default_rng(seed)
    distances = np.abs(series[:, None] - series[None, :])
    while True:
        segments = _segments(found, len(series))
        best, split = _best(distances, segments)
        if split is None or not best > 0:
            break
        p_value = _p_value(best, distances, segments, permutations, rng)
        if p_value > level:
            break
        found[split] = p_value
    edges = [0, *sorted(found), len(series)]
    return tuple(
        _placed(series, (low, high), found[middle])
        for low, middle, high in zip(edges, edges[1:], edges[2:], strict=False)
    )


def _segments(splits: Iterable[int], n: int) -> list[Segment]:
    return list(pairwise([0, *sorted(splits), n]))


def _best(distances: FloatArray, segments: Sequence[Segment]) -> tuple[float, int | None]:
    """The split of any segment whose sides differ most, and by how much."""
    best, place = 0.0, None
    for low, high in segments:
        scores = _scores(distances[None, low:high, low:high])
        if scores.size and scores.max() > best:
            best, place = float(scores.max()), low + SHORTEST + int(scores.argmax())
    return best, place


def _scores(distances: FloatArray) -> FloatArray:
    """Scaled energy distance between both sides of each split.

    Args:
        distances: between the points of a segment, shape (batch, n, n).

    Returns:
        Shape (batch, n - 2 SHORTEST + 1), for a first part of SHORTEST points and more.
    """
    n = distances.shape[-1]
    left = np.arange(SHORTEST, n - SHORTEST + 1)
    right = n - left
    sums = distances.cumsum(axis=1).cumsum(axis=2)
    total = sums[:, -1, -1][:, None]
    within_left = sums[:, left - 1, left - 1]
    between = sums[:, left - 1, -1] - within_left
    within_right = total - within_left - 2 * between
    energy = (
        2 * between / (left * right)
        - within_left / (left * (left - 1))
        - within_right / (right * (right - 1))
    )
    return np.asarray(energy * left * right / n)


def _p_value(
    best: float,
    distances: FloatArray,
    segments: Sequence[Segment],
    permutations: int,
    rng: np.random.Generator,
) -> float:
    """How often shuffling within the segments gives a split as good."""
    highest = np.zeros(permutations)
    for low, high in segments:
        if high - low < 2 * SHORTEST:
            continue
        part = distances[low:high, low:high]
        orders = rng.permuted(np.tile(np.arange(high - low), (permutations, 1)), axis=1)
        size = max(1, _CELLS // (high - low) ** 2)
        for start in range(0, permutations, size):
            some = orders[start : start + size]
            shuffled = part[some[:, :, None], some[:, None, :]]
            chunk = highest[start : start + size]
            np.maximum(chunk, _scores(shuffled).max(axis=1), out=chunk)
    return float(1 + np.count_nonzero(highest >= best * (1 - 1e-12))) / (permutations + 1)


def _placed(series: FloatArray, window: Segment, p_value: float) -> ChangePoint:
    """Where in a window that has one shift of the mean it lies, and how large it is."""
    low, high = window
    part = series[low:high]
    left = np.arange(SHORTEST, len(part) - SHORTEST + 1)
    before, after, spread = _sides(part, left)
    weights = _posterior(left, len(part), spread)
    likely = np.sort(np.argsort(-weights, kind="stable")[: _needed(weights)])
    best = int(weights.argmax())
    lower, upper = _size(after - before, left, len(part), spread, weights)
    return ChangePoint(
        index=int(low + left[best]),
        first=int(low + left[likely[0]]),
        last=int(low + left[likely[-1]]),
        shift=float(after[best] - before[best]),
        lower=lower,
        upper=upper,
        p_value=p_value,
    )


def _sides(part: FloatArray, left: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Mean before, mean after, and squared residuals, for each split."""
    sums, squares = part.cumsum(), (part**2).cumsum()
    right = len(part) - left
    before, after = sums[left - 1] / left, (sums[-1] - sums[left - 1]) / right
    rest = squares[-1] - left * before**2 - right * after**2
    least = max(float(squares[-1]), 1e-300) * 1e-14  # of a series that is nothing but two levels
    return before, after, np.maximum(rest, least)


def _posterior(left: IntArray, n: int, spread: FloatArray) -> FloatArray:
    """Of each place, under flat priors on place, both means and the log of the noise."""
    logs = -0.5 * np.log(left * (n - left)) - (n - 2) / 2 * np.log(spread)
    weights = np.exp(logs - logs.max())
    return np.asarray(weights / weights.sum())


def _needed(weights: FloatArray) -> int:
    """How many of the likeliest places hold the set's confidence."""
    return int(np.searchsorted(np.sort(weights)[::-1].cumsum(), CONFIDENCE - 1e-12)) + 1


def _size(
    shifts: FloatArray, left: IntArray, n: int, spread: FloatArray, weights: FloatArray
) -> tuple[float, float]:
    """The interval of the shift: over the places, a t distribution each."""
    rng = np.random.default_rng(0)  # for quantiles of a known mixture, not for data
    place = rng.choice(len(weights), _DRAWS, p=weights)
    error = np.sqrt(spread / (n - 2) * (1 / left + 1 / (n - left)))
    drawn = shifts[place] + error[place] * rng.standard_t(n - 2, _DRAWS)
    lower, upper = np.quantile(drawn, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(lower), float(upper)
