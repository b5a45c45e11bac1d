"""A paired bootstrap of one quantile that draws four counts instead of n pairs.

Resampling pairs moves each arm's quantile to another order statistic; how far is decided by how
many of the drawn pairs lie below the quantile in both arms, in one, or in none. Those four counts
are multinomial, so a replicate costs the same for a thousand pairs and for a million.
"""

import numpy as np

from hhperf.analysis.ranks import rank_of
from hhperf.analysis.replicates import REPLICATES, Replicates
from hhperf.analysis.samples import BoolArray, FloatArray, Pairs


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
    low_x = _lowest(pairs.control, pairs.treatment, rank)
    low_y = _lowest(pairs.treatment, pairs.control, rank)
    share = float(np.count_nonzero(low_x & low_y)) / n
    both = min(max(share, 2 * q - 1, 0.0), q)
    cells = np.array([both, q - both, q - both, max(1 - 2 * q + both, 0.0)])
    rng = np.random.default_rng([seed, round(q * 1e9)])
    drawn = rng.multinomial(n + 1, cells / cells.sum(), size=(replicates + 1) // 2)
    # Each draw serves twice, once with the arms swapped: then swapping the arms mirrors the result
    # exactly, and the noise of the simulation is less.
    first, second = drawn[:, 0] + drawn[:, 1], drawn[:, 0] + drawn[:, 2]
    ranks_x = np.concatenate([first, second])[:replicates]
    ranks_y = np.concatenate([second, first])[:replicates]
    return Replicates(_ranked(pairs.control, ranks_x), _ranked(pairs.treatment, ranks_y))


def _ranked(values: FloatArray, ranks: np.ndarray[tuple[int], np.dtype[np.int64]]) -> FloatArray:
    """The values at 1-based ``ranks``, sorting no more than the stretch they come from."""
    ranks = np.clip(ranks, 1, len(values)) - 1
    start, stop = int(ranks.min()), int(ranks.max())
    stretch = np.partition(values, (start, stop))[start : stop + 1]
    stretch.sort()
    return stretch[ranks - start]


def _lowest(values: FloatArray, ties: FloatArray, rank: int) -> BoolArray:
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
