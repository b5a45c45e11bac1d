"""Paired cluster bootstrap of quantiles: every quantile of both arms in one pass.

A replicate draws clusters with replacement and weighs each pair by how often its cluster came up;
both arms use the same weights, which is what keeps them paired. The weighted quantile needs the
cumulated weights only near the sample quantile: all pairs below a window are counted by one matrix
product over clusters. A replicate whose quantile falls outside its window is recomputed from all
pairs, so the windows save time and never change a result.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from hhperf.analysis.ranks import rank_of
from hhperf.analysis.replicates import REPLICATES, Replicates
from hhperf.analysis.samples import FloatArray, IntArray, Pairs

_ELEMENTS = 2_000_000  # per work array: 16 MB each, whatever the number of pairs
_WINDOW_SD = 5.0  # one replicate in a million falls outside


@dataclass(frozen=True, slots=True, eq=False)
class _Window:
    """A quantile of one arm and the sorted stretch that surely holds its replicates."""

    values: FloatArray  # the arm, sorted
    clusters: IntArray  # cluster of each sorted value
    below: FloatArray  # pairs of each cluster that lie below the window
    q: float
    start: int
    stop: int


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
        quantiles: in 0..1.
        replicates: B, how many times to resample.
        seed: of the generator.

    Returns:
        One ``Replicates`` per quantile. Time grows with B times the clusters, memory is bounded
        whatever B.

    Source: Davison and Hinkley, Bootstrap Methods and their Application, 1997, sections 2.4, 3.8.
    """
    clusters = _canonical_clusters(pairs)
    windows = [
        window
        for values in (pairs.control, pairs.treatment)
        for window in _windows(values, clusters, pairs.n_clusters, quantiles)
    ]
    sizes = np.bincount(clusters, minlength=pairs.n_clusters).astype(np.float64)
    found = np.empty((len(windows), replicates))
    position = 0
    widest = max(window.stop - window.start for window in windows)
    for counts in _draws(pairs.n_clusters, replicates, widest, seed):
        total = counts @ sizes
        for row, window in zip(found, windows, strict=True):
            row[position : position + len(counts)] = _weighted_quantile(window, counts, total)
        position += len(counts)
    half = len(quantiles)
    return [Replicates(found[i], found[half + i]) for i in range(half)]


def _canonical_clusters(pairs: Pairs) -> IntArray:
    if pairs.clusters is not None:
        return pairs.clusters
    # Number single pairs by their latencies, so that reordering the pairs changes nothing.
    codes = np.empty(pairs.n, dtype=np.intp)
    codes[np.lexsort((pairs.treatment, pairs.control))] = np.arange(pairs.n)
    return codes


def _windows(
    values: FloatArray, clusters: IntArray, n_clusters: int, quantiles: Sequence[float]
) -> Iterator[_Window]:
    order = np.argsort(values)
    ordered, owners = values[order], clusters[order]
    sizes = np.bincount(clusters, minlength=n_clusters)
    for q in quantiles:
        rank = rank_of(q, len(values))
        under = np.bincount(owners[:rank], minlength=n_clusters)
        spread = math.sqrt(float(np.sum((under - q * sizes) ** 2)))
        reach = math.ceil(_WINDOW_SD * spread) + int(sizes.max())
        start, stop = max(rank - 1 - reach, 0), min(rank + reach, len(values))
        below = np.bincount(owners[:start], minlength=n_clusters).astype(np.float64)
        yield _Window(ordered, owners, below, q, start, stop)


def _draws(n_clusters: int, replicates: int, widest: int, seed: int) -> Iterator[FloatArray]:
    """Yield how often each cluster was drawn, a few replicates (rows) at a time."""
    rng = np.random.default_rng(seed)
    rows = max(1, _ELEMENTS // max(n_clusters, widest))
    for start in range(0, replicates, rows):
        counts = np.empty((min(rows, replicates - start), n_clusters))
        for row in counts:
            drawn = rng.integers(0, n_clusters, n_clusters)
            row[:] = np.bincount(drawn, minlength=n_clusters)
        yield counts


def _weighted_quantile(window: _Window, counts: FloatArray, total: FloatArray) -> FloatArray:
    """The weighted quantile under each row of ``counts``, shape (rows,)."""
    target = np.maximum(np.ceil(total * window.q - 1e-9), 1.0)
    need = target - counts @ window.below
    inside = counts[:, window.clusters[window.start : window.stop]]
    np.cumsum(inside, axis=1, out=inside)
    steps = (inside < need[:, None]).sum(axis=1)
    outside = np.flatnonzero((need <= 0) | (steps == inside.shape[1]))
    steps[outside] = 0
    result: FloatArray = window.values[window.start + steps]
    for row in outside:
        cumulated = np.cumsum(counts[row][window.clusters])
        result[row] = window.values[np.searchsorted(cumulated, target[row])]
    return result
