"""Paired cluster bootstrap of quantiles: any number of quantiles of both arms in one pass.

A replicate draws clusters with replacement and weighs each pair by how often its cluster came up;
both arms use the same weights, which is what keeps them paired. A weighted quantile needs the
cumulated weights only in a window around the sample quantile; all that lies below is counted by
one matrix product. Should a replicate ever fall outside its window, all is drawn again with wider
windows, so they save time and change no result.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from hhperf.analysis.draws import make_cells
from hhperf.analysis.estimate import REPLICATES, Replicates
from hhperf.analysis.ranks import rank_of
from hhperf.analysis.samples import FloatArray, IntArray, Pairs

_WINDOW_SD = 5.0  # one replicate in a million falls outside


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """A sorted stretch start:stop of one arm that should hold all a statistic needs.

    Attributes:
        values: the whole arm, sorted, shape (n,).
        owners: cluster of each sorted value, shape (n,).
        start: first place of the stretch.
        stop: one past its last place.
    """

    values: FloatArray
    owners: IntArray
    start: int
    stop: int


class Quantile(Protocol):
    """An estimator of a quantile that can be computed from weighted sorted values."""

    @property
    def q(self) -> float:
        """The quantile, in 0..1."""

    def span(self, n: int) -> tuple[int, int]:
        """First and last place, among n sorted values, that the estimate depends on."""

    def read(
        self, window: Window, inside: FloatArray, total: FloatArray, below: FloatArray
    ) -> FloatArray | None:
        """Estimate the quantile from weights.

        Args:
            window: the stretch that was looked at.
            inside: cumulated weights in it, shape (rows, stop - start).
            total: weight of all values, shape (rows,).
            below: weight of the values below the stretch, shape (rows,).

        Returns:
            Shape (rows,), or None when the stretch does not reach far enough.
        """


@dataclass(frozen=True, slots=True)
class OrderStatistic:
    """The quantile as the ceil(n q)-th smallest value."""

    q: float

    def span(self, n: int) -> tuple[int, int]:
        """One value and no other."""
        rank = rank_of(self.q, n)
        return rank - 1, rank - 1

    def read(
        self, window: Window, inside: FloatArray, total: FloatArray, below: FloatArray
    ) -> FloatArray | None:
        """The smallest value with q of the weight at or below it."""
        need = np.maximum(np.ceil(total * self.q - 1e-9), 1.0) - below
        if (need <= 0).any() or (inside[:, -1] < need).any():
            return None
        steps = (inside < need[:, None]).sum(axis=1)
        return np.asarray(window.values[window.start + steps])


def bootstrap_quantiles(
    pairs: Pairs,
    quantiles: Sequence[float],
    *,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> list[Replicates]:
    """Resample clusters (or single pairs) and take every quantile of both arms.

    Args:
        pairs: checked pairs; without clusters each pair is drawn by itself.
        quantiles: in 0..1; they share each draw, so joint statements can be made of them.
        replicates: B, how many times to resample.
        seed: of the generator.

    Returns:
        One ``Replicates`` per quantile. Memory is bounded whatever B.

    Source: Davison and Hinkley, Bootstrap Methods and their Application, 1997, sections 2.4, 3.8.
    """
    return bootstrap(pairs, [OrderStatistic(q) for q in quantiles], replicates, seed)


def bootstrap(
    pairs: Pairs, estimators: Sequence[Quantile], replicates: int, seed: int
) -> list[Replicates]:
    """As ``bootstrap_quantiles``, for any estimators of quantiles."""
    owners = canonical_clusters(pairs)
    sizes = np.bincount(owners, minlength=pairs.n_clusters).astype(np.intp)
    arms = [_sorted(values, owners) for values in (pairs.control, pairs.treatment)]
    jobs = [(arm, estimator) for arm in arms for estimator in estimators]
    reach = _WINDOW_SD
    while (found := _resample(jobs, sizes, reach, replicates, seed)) is None:
        reach *= 2
    half = len(estimators)
    return [Replicates(found[i], found[half + i]) for i in range(half)]


def canonical_clusters(pairs: Pairs) -> IntArray:
    """Cluster codes; single pairs are numbered by their latencies.

    So that reordering the pairs changes nothing.
    """
    if pairs.clusters is not None:
        return pairs.clusters
    codes = np.empty(pairs.n, dtype=np.intp)
    codes[np.lexsort((pairs.treatment, pairs.control))] = np.arange(pairs.n)
    return codes


def _sorted(values: FloatArray, owners: IntArray) -> Window:
    order = np.argsort(values)
    return Window(values[order], owners[order], 0, len(values))


def _resample(
    jobs: Sequence[tuple[Window, Quantile]],
    sizes: IntArray,
    reach: float,
    replicates: int,
    seed: int,
) -> FloatArray | None:
    """Replicates of each job, (jobs, B); None when a window was too narrow."""
    windows = [_narrow(arm, estimator, sizes, reach) for arm, estimator in jobs]
    below = [_count_below(window, window.start, sizes) for window in windows]
    inside = [window.owners[window.start : window.stop] for window in windows]
    single = np.zeros(len(sizes), dtype=np.bool_)
    single[np.concatenate(inside)] = True
    cells = make_cells(single, [sizes, *below])
    places = [cells.cell_of[owners] for owners in inside]
    weights = np.stack(
        [trait[cells.members] for trait in (sizes, *below)], axis=1, dtype=np.float64
    )
    found = np.empty((len(jobs), replicates))
    position = 0
    for counts in cells.draw(replicates, max(map(len, places)), seed):
        totals = counts @ weights
        rows = slice(position, position + len(counts))
        for j, (_, estimator) in enumerate(jobs):
            cumulated = np.cumsum(np.take(counts, places[j], axis=1), axis=1)
            values = estimator.read(windows[j], cumulated, totals[:, 0], totals[:, 1 + j])
            if values is None:
                return None
            found[j, rows] = values
        position += len(counts)
    return found


def _narrow(arm: Window, estimator: Quantile, sizes: IntArray, reach: float) -> Window:
    n = len(arm.values)
    under = _count_below(arm, rank_of(estimator.q, n), sizes)
    spread = math.sqrt(float(np.sum((under - estimator.q * sizes) ** 2)))
    half = math.ceil(reach * spread) + int(sizes.max())
    first, last = estimator.span(n)
    return Window(arm.values, arm.owners, max(first - half, 0), min(last + half + 1, n))


def _count_below(window: Window, place: int, sizes: IntArray) -> IntArray:
    """Pairs of each cluster among the lowest ``place`` values."""
    return np.bincount(window.owners[:place], minlength=len(sizes)).astype(np.intp)
