"""A paired bootstrap of one quantile that draws four counts instead of n pairs.

Resampling pairs moves each arm's quantile to another order statistic; how far is decided by how
many of the drawn pairs lie below the quantile in both arms, in one, or in none. Those four counts
are multinomial, so a replicate costs the same for a thousand pairs and for a million.
"""

from collections.abc import Sequence

import numpy as np

from hhperf.analysis.estimate import REPLICATES, Replicates
from hhperf.analysis.ranks import rank_of
from hhperf.analysis.samples import BoolArray, FloatArray, IntArray, Pairs


def multinomial_quantiles(
    pairs: Pairs,
    q: float,
    *,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> Replicates:
    """Resample the quantile ``q`` of both arms for independent pairs.

    Valid only without clusters and with n min(q, 1 - q) >= 20.

    Args:
        pairs: checked pairs, whose clusters are ignored.
        q: the quantile, in 0..1.
        replicates: B.
        seed: of the generator; each quantile has a stream of its own.

    Returns:
        B resampled quantiles of both arms.
    """
    n, rank = pairs.n, rank_of(q, pairs.n)
    low_x = lowest(pairs.control, pairs.treatment, rank)
    low_y = lowest(pairs.treatment, pairs.control, rank)
    ranks_x, ranks_y = draw_ranks(
        n, q, int(np.count_nonzero(low_x & low_y)), replicates=replicates, seed=seed
    )
    return Replicates(_ranked(pairs.control, ranks_x), _ranked(pairs.treatment, ranks_y))


def draw_ranks(
    n: int, q: float, low_in_both: int, *, replicates: int = REPLICATES, seed: int = 0
) -> tuple[IntArray, IntArray]:
    """The ranks, from 1, of the order statistics that each replicate's quantiles are.

    Args:
        n: pairs.
        q: the quantile, in 0..1.
        low_in_both: pairs that are among the lowest ``rank_of(q, n)`` of both arms.
        replicates: B.
        seed: of the generator.

    Returns:
        Ranks in the control and in the treatment, each of shape (B,).
    """
    share = float(low_in_both) / n
    both = min(max(share, 2 * q - 1, 0.0), q)
    cells = np.array([both, q - both, q - both, max(1 - 2 * q + both, 0.0)])
    rng = np.random.default_rng([seed, round(q * 1e9)])
    drawn = rng.multinomial(n + 1, cells / cells.sum(), size=(replicates + 1) // 2)
    # Each draw serves twice, once with the arms swapped: then swapping the arms mirrors the result
    # exactly, and the noise of the simulation is less.
    first, second = drawn[:, 0] + drawn[:, 1], drawn[:, 0] + drawn[:, 2]
    ranks_x = np.concatenate([first, second])[:replicates]
    ranks_y = np.concatenate([second, first])[:replicates]
    return np.clip(ranks_x, 1, n), np.clip(ranks_y, 1, n)


def multinomial_curves(
    pairs: Pairs,
    quantiles: Sequence[float],
    *,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> list[Replicates]:
    """Resample several quantiles of both arms together, for independent pairs.

    The same idea with as many cells as the quantiles cut the plane into. For thousands of pairs:
    a rank is rounded to a whole pair.

    Args:
        pairs: checked pairs, whose clusters are ignored.
        quantiles: in 0..1.
        replicates: B.
        seed: of the generator.
    """
    n, cuts = pairs.n, sorted({rank_of(q, pairs.n) for q in quantiles})
    strips = len(cuts) + 1
    # Ties are broken by the other arm, so that the order of the pairs does not matter.
    strip_x = _strips(np.lexsort((pairs.treatment, pairs.control)), cuts)
    strip_y = _strips(np.lexsort((pairs.control, pairs.treatment)), cuts)
    table = np.bincount(strip_x * strips + strip_y, minlength=strips**2) / n
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(n + 1, table, size=replicates).reshape(-1, strips, strips)
    below_x = np.cumsum(drawn.sum(axis=2), axis=1)
    below_y = np.cumsum(drawn.sum(axis=1), axis=1)
    x, y = np.sort(pairs.control), np.sort(pairs.treatment)
    places = [cuts.index(rank_of(q, n)) for q in quantiles]
    return [
        Replicates(x[np.clip(below_x[:, place], 1, n) - 1], y[np.clip(below_y[:, place], 1, n) - 1])
        for place in places
    ]


def _strips(order: IntArray, cuts: Sequence[int]) -> IntArray:
    """Between which cuts each pair's rank lies, given the pairs in order of rank."""
    strips = np.empty(len(order), dtype=np.intp)
    strips[order] = np.searchsorted(cuts, np.arange(len(order)), "right")
    return strips


def _ranked(values: FloatArray, ranks: IntArray) -> FloatArray:
    """The values at 1-based ``ranks``, sorting no more than the stretch they come from."""
    ranks = ranks - 1
    start, stop = int(ranks.min()), int(ranks.max())
    stretch = np.partition(values, (start, stop))[start : stop + 1]
    stretch.sort()
    return stretch[ranks - start]


def lowest(values: FloatArray, ties: FloatArray, rank: int) -> BoolArray:
    """Mark the ``rank`` smallest values; among equal ones, those with the smaller tie-breaker."""
    limit = np.partition(values, rank - 1)[rank - 1]
    low: BoolArray = values < limit
    tied = np.flatnonzero(values == limit)
    missing = rank - np.count_nonzero(low)
    if missing == len(tied):
        low[tied] = True
    else:
        low[tied[np.argsort(ties[tied], kind="stable")[:missing]]] = True
    return low
