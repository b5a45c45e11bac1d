"""Counts and sums over parts: all that savings need of the pairs beside their order statistics."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from hhperf.analysis.mean import Moments, moments_from
from hhperf.analysis.multinomial import lowest
from hhperf.analysis.passes import CODES, Column, Part, Passes, column
from hhperf.analysis.samples import FloatArray, IntArray

Counts = NDArray[np.int64]
Both = tuple[tuple[Column, float], tuple[Column, float]]
"""A value in each of two columns."""
Limit = tuple[Column, float, Literal["left", "right"]]
"""A value in a column, and on which side of it what equals it lies."""


@dataclass(frozen=True, slots=True)
class Spread:
    """The mean of some rows of numbers, and how they spread about it.

    Attributes:
        count: of columns.
        mean: of each row, shape (m,).
        products: sums of products of deviations, shape (m, m).
    """

    count: int
    mean: FloatArray
    products: FloatArray

    def with_more(self, other: "Spread") -> "Spread":
        """Both together.

        Source: Chan, Golub and LeVeque, Updating formulae and a pairwise algorithm, 1979.
        """
        if not self.count or not other.count:
            return self if self.count else other
        count, apart = self.count + other.count, other.mean - self.mean
        return Spread(
            count,
            self.mean + apart * (other.count / count),
            self.products
            + other.products
            + np.outer(apart, apart) * (self.count * other.count / count),
        )


def spread_of(rows: FloatArray) -> Spread:
    """Of numbers in memory, shape (m, n)."""
    count = rows.shape[1]
    if not count:
        return Spread(0, np.zeros(len(rows)), np.zeros((len(rows), len(rows))))
    mean = rows.mean(axis=1)
    apart = rows - mean[:, None]
    return Spread(count, mean, apart @ apart.T)


def upto_by_cluster(
    passes: Passes, limits: Sequence[tuple[Column, float]], clusters: int
) -> Counts:
    """How many values of each cluster are at or below each limit, shape (limits, clusters)."""
    return summed(passes.each(_upto_by_cluster, limits, clusters))


def _upto_by_cluster(part: Part, limits: Sequence[tuple[Column, float]], clusters: int) -> Counts:
    codes = part[CODES]
    return np.stack(
        [
            np.bincount(codes[column(part, each) <= limit], minlength=clusters)
            for each, limit in limits
        ]
    )


def masses(passes: Passes, limits: Sequence[Limit]) -> Counts:
    """How many values are below each limit, or with ``right`` at it too, shape (limits,)."""
    return summed(passes.each(_masses, limits))


def _masses(part: Part, limits: Sequence[Limit]) -> Counts:
    found = []
    for each, limit, side in limits:
        values = column(part, each)
        found.append(np.count_nonzero(values <= limit if side == "right" else values < limit))
    return np.array(found)


def joint_upto(passes: Passes, limits: Sequence[Both]) -> Counts:
    """Pairs at or below neither limit, the second alone, the first alone, both.

    Returns:
        Shape (limits, 4).
    """
    return summed(passes.each(_joint_upto, limits))


def _joint_upto(part: Part, limits: Sequence[Both]) -> Counts:
    found = []
    for (first, one), (second, other) in limits:
        kind = 2 * (column(part, first) <= one) + (column(part, second) <= other)
        found.append(np.bincount(kind, minlength=4))
    return np.stack(found)


def low_in_both(passes: Passes, limits: Sequence[Both], ranks: Sequence[int]) -> list[int]:
    """Pairs among the lowest of both columns, each limit being the value at its rank.

    Of equal values those count as lower whose other value is.
    """
    parts = list(passes.each(_about_limits, limits))
    found = []
    for number, rank in enumerate(ranks):
        mine = [part[number] for part in parts]
        low, first, second = summed(counts for counts, _ in mine)
        tied = np.concatenate([pairs for _, pairs in mine], axis=1)
        low_x = lowest(tied[0], tied[1], rank - int(first))
        low_y = lowest(tied[1], tied[0], rank - int(second))
        found.append(int(low) + int(np.count_nonzero(low_x & low_y)))
    return found


def _about_limits(part: Part, limits: Sequence[Both]) -> list[tuple[Counts, FloatArray]]:
    """Pairs below both limits, below one of them and not at the other; and those at either."""
    found = []
    for (first, one), (second, other) in limits:
        x, y = column(part, first), column(part, second)
        counts = (x < one) & (y < other), (x < one) & (y != other), (y < other) & (x != one)
        tied = (x == one) | (y == other)
        found.append(
            (np.array([np.count_nonzero(each) for each in counts]), np.stack([x, y])[:, tied])
        )
    return found


def moments_in_passes(
    passes: Passes, columns: Sequence[str], cut: float | None, clusters: int | None
) -> Moments:
    """Means and the covariance of those means, of two columns.

    Args:
        passes: over the parts.
        columns: of the control and of the treatment.
        cut: no latency counts as more; None where none is cut.
        clusters: how many there are; None for single pairs.
    """
    if clusters is None:
        found = Spread(0, np.zeros(2), np.zeros((2, 2)))
        for spread in passes.each(_spread, columns, cut):
            found = found.with_more(spread)
    else:
        found = spread_of(summed(passes.each(_sums, columns, cut, clusters)))
    means = float(found.mean[0]), float(found.mean[1])
    return moments_from(found.count, means, found.products / (found.count - 1))


def _spread(part: Part, columns: Sequence[str], cut: float | None) -> Spread:
    return spread_of(np.stack([_cut(part[each], cut) for each in columns]))


def _sums(part: Part, columns: Sequence[str], cut: float | None, clusters: int) -> FloatArray:
    codes = part[CODES]
    return np.stack(
        [np.bincount(codes, weights=_cut(part[each], cut), minlength=clusters) for each in columns]
    )


def _cut(values: FloatArray, cut: float | None) -> FloatArray:
    return values if cut is None else np.minimum(values, cut)


def sizes_in_passes(passes: Passes, clusters: int) -> IntArray:
    """Pairs in each cluster, shape (clusters,)."""
    return np.asarray(summed(passes.each(_sizes, clusters)), dtype=np.intp)


def _sizes(part: Part, clusters: int) -> Counts:
    return np.bincount(part[CODES], minlength=clusters)


def summed(parts: Iterable[NDArray[Any]]) -> NDArray[Any]:
    """Arrays of one shape, one at the least, added up in their order."""
    rest = iter(parts)
    total = next(rest).copy()
    for each in rest:
        total += each
    return total
