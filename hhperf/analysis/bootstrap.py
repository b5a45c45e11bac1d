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

import numpy as np

from hhperf.analysis.draws import make_cells
from hhperf.analysis.estimate import REPLICATES, Replicates
from hhperf.analysis.estimators import OrderStatistic, Window
from hhperf.analysis.ranks import rank_of
from hhperf.analysis.samples import FloatArray, IntArray, Pairs
from hhperf.analysis.stretches import Quantile, make_stretch

_WINDOW_SD = 5.0  # one replicate in a million falls outside


def bootstrap_quantiles(
    pairs: Pairs,
    quantiles: Sequence[float],
    *,
    estimator: type[Quantile] = OrderStatistic,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> list[Replicates]:
    """Resample clusters (or single pairs) and take every quantile of both arms.

    Args:
        pairs: checked pairs; without clusters each pair is drawn by itself.
        quantiles: in 0..1; they share each draw, so joint statements can be made of them.
        estimator: of the quantiles.
        replicates: B, how many times to resample.
        seed: of the generator.

    Returns:
        One ``Replicates`` per quantile. Memory is bounded whatever B.

    Source: Davison and Hinkley, Bootstrap Methods and their Application, 1997, sections 2.4, 3.8.
    """
    owners = canonical_clusters(pairs)
    sizes = np.bincount(owners, minlength=pairs.n_clusters).astype(np.intp)
    arms = [_sorted(values, owners) for values in (pairs.control, pairs.treatment)]
    jobs = [(arm, estimator(q)) for arm in arms for q in quantiles]
    estimators, reach = [each for _, each in jobs], _WINDOW_SD
    while True:
        windows = [_narrow(arm, each, sizes, reach) for arm, each in jobs]
        found = resample(windows, estimators, sizes, replicates=replicates, seed=seed)
        if found is not None:
            return [Replicates(*both) for both in zip(*np.split(found, 2), strict=True)]
        reach *= 2


def canonical_clusters(pairs: Pairs) -> IntArray:
    """Cluster codes; single pairs are numbered by their latencies.

    So that reordering the pairs changes nothing.
    """
    if pairs.clusters is not None:
        return pairs.clusters
    codes = np.empty(pairs.n, dtype=np.intp)
    codes[np.lexsort((pairs.treatment, pairs.control))] = np.arange(pairs.n)
    return codes


def resample(
    windows: Sequence[Window],
    estimators: Sequence[Quantile],
    sizes: IntArray,
    *,
    replicates: int,
    seed: int,
) -> FloatArray | None:
    """Draw clusters, and take a quantile within each window.

    Args:
        windows: all over the same clusters.
        estimators: of the quantile in each.
        sizes: pairs in each cluster, shape (n_clusters,).
        replicates: B.
        seed: of the generator.

    Returns:
        The replicates of each window, shape (windows, B); None when a window was too narrow.
    """
    below = [window.below for window in windows]
    inside = [window.owners for window in windows]
    single = np.zeros(len(sizes), dtype=np.bool_)
    for owners in inside:
        single[owners] = True
    cells = make_cells(single, [sizes, *below])
    stretches = [
        make_stretch(window, estimator, cells)
        for window, estimator in zip(windows, estimators, strict=True)
    ]
    weights = np.stack(
        [trait[cells.members] for trait in (sizes, *below)], axis=1, dtype=np.float64
    )
    found = np.empty((len(windows), replicates))
    position = 0
    for counts in cells.draw(replicates, max(map(len, inside)), seed):
        totals = counts @ weights
        rows = slice(position, position + len(counts))
        for j, stretch in enumerate(stretches):
            values = stretch.read(counts, totals[:, 0], totals[:, 1 + j])
            if values is None:
                return None
            found[j, rows] = values
        position += len(counts)
    return found


def places_needed(
    estimator: Quantile, under: IntArray, sizes: IntArray, reach: float = _WINDOW_SD
) -> slice:
    """Where among the sorted values of an arm the replicates of a quantile fall.

    Args:
        estimator: of the quantile.
        under: how many of each cluster's values are at or below it, shape (n_clusters,).
        sizes: pairs in each cluster, shape (n_clusters,).
        reach: how far, in standard deviations of the rank.
    """
    n = int(sizes.sum())
    spread = math.sqrt(float(np.sum((under - estimator.q * sizes) ** 2)))
    half = math.ceil(reach * spread) + int(sizes.max())
    first, last = estimator.span(n)
    return slice(max(first - half, 0), min(last + half + 1, n))


@dataclass(frozen=True, slots=True, eq=False)
class _Arm:
    values: FloatArray
    owners: IntArray

    def count_below(self, place: int, clusters: int) -> IntArray:
        """Values of each cluster among the lowest ``place``."""
        return np.bincount(self.owners[:place], minlength=clusters).astype(np.intp)


def _sorted(values: FloatArray, owners: IntArray) -> _Arm:
    order = np.argsort(values)
    return _Arm(values[order], owners[order])


def _narrow(arm: _Arm, estimator: Quantile, sizes: IntArray, reach: float) -> Window:
    values, n = arm.values, len(arm.values)
    quantile = values[rank_of(estimator.q, n) - 1]
    under = arm.count_below(int(np.searchsorted(values, quantile, "right")), len(sizes))
    wanted = places_needed(estimator, under, sizes, reach)
    start = int(np.searchsorted(values, values[wanted.start], "left"))
    stop = int(np.searchsorted(values, values[wanted.stop - 1], "right"))
    below = arm.count_below(start, len(sizes))
    return Window(values[start:stop], arm.owners[start:stop], below, start, n)
