"""Paired cluster bootstrap of quantiles: any number of quantiles of both arms in one pass.

A replicate draws clusters with replacement and weighs each pair by how often its cluster came up;
both arms use the same weights, which is what keeps them paired. A weighted quantile needs the
cumulated weights only in a window around the sample quantile; all that lies below is counted by
one matrix product. Should a replicate ever fall outside its window, all is drawn again with wider
windows, so they save time and change no result.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from hhperf.analysis.draws import make_cells
from hhperf.analysis.estimate import REPLICATES, Replicates
from hhperf.analysis.estimators import HarrellDavis, OrderStatistic, Window
from hhperf.analysis.ranks import rank_of
from hhperf.analysis.samples import FloatArray, IntArray, Pairs

Quantile = OrderStatistic | HarrellDavis

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
    reach = _WINDOW_SD
    while (found := _resample(jobs, sizes, reach, replicates, seed)) is None:
        reach *= 2
    return [Replicates(*both) for both in zip(*np.split(found, 2), strict=True)]


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
    return replace(arm, start=max(first - half, 0), stop=min(last + half + 1, n))


def _count_below(window: Window, place: int, sizes: IntArray) -> IntArray:
    """Pairs of each cluster among the lowest ``place`` values."""
    return np.bincount(window.owners[:place], minlength=len(sizes)).astype(np.intp)
