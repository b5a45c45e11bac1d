"""Resampling a series in blocks of random length, so that neighbours stay neighbours.

As in ``bootstrap``, a quantile needs the weights only in a window of the sorted series; what lies
below is counted block by block. A replicate costs the blocks and the window, not the series.
"""

import math
from dataclasses import dataclass

import numpy as np

from hhperf.analysis.ranks import rank_of
from hhperf.analysis.samples import FloatArray, IntArray
from hhperf.errors import SampleError

_WINDOW_SD = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """Stretches of a circular series of n places; together they hold n places.

    Attributes:
        starts: first places, shape (k,), each in 0..n-1.
        stops: one past the last places, shape (k,); past n the series begins anew.
    """

    starts: IntArray
    stops: IntArray

    def counts_at(self, places: IntArray, n: int) -> IntArray:
        """How often each of ``places`` was drawn."""
        starts, stops = np.sort(self.starts), np.sort(self.stops)
        begun = np.searchsorted(starts, places, "right")
        ended = np.searchsorted(stops, places, "right")
        wrapped = len(stops) - np.searchsorted(stops, places + n, "right")
        return np.asarray(begun - ended + wrapped, dtype=np.intp)


def draw_blocks(n: int, length: float, rng: np.random.Generator) -> Blocks:
    """Draw blocks of geometric length until ``n`` places are filled.

    Args:
        n: places of the series.
        length: mean block length, 1 or more.
        rng: the generator.
    """
    expected = n / length
    lengths = rng.geometric(1 / length, int(expected + 6 * math.sqrt(expected)) + 10)
    while lengths.sum() < n:
        lengths = np.concatenate([lengths, rng.geometric(1 / length, len(lengths))])
    ends = np.cumsum(lengths)
    used = int(np.searchsorted(ends, n)) + 1
    lengths = lengths[:used]
    lengths[-1] -= int(ends[used - 1]) - n
    starts = rng.integers(0, n, used)
    return Blocks(starts, starts + lengths)


def stationary_quantiles(
    series: FloatArray, q: float, length: float, replicates: int, seed: int
) -> FloatArray:
    """Resampled quantiles of a series, shape (replicates,).

    Args:
        series: in the order of time, shape (n,).
        q: the quantile, in 0..1.
        length: mean block length, 1 or more.
        replicates: B.
        seed: of the generator.

    Raises:
        SampleError: for a block length below one.

    Source: Politis and Romano, The stationary bootstrap, 1994.
    """
    if not length >= 1:
        msg = f"block length {length:g} must be 1 or more"
        raise SampleError(msg)
    order = np.argsort(series)
    # Blocks of geometric length that are all alike inside inflate the variance 2 b times.
    reach = _WINDOW_SD * math.sqrt(len(series) * q * (1 - q) * 2 * length)
    while (found := _resample(series, order, q, length, reach, (replicates, seed))) is None:
        reach *= 2
    return found


def _resample(
    series: FloatArray,
    order: IntArray,
    q: float,
    length: float,
    reach: float,
    draws: tuple[int, int],
) -> FloatArray | None:
    """The replicates; None when one fell outside the window."""
    n, (replicates, seed) = len(series), draws
    rank = rank_of(q, n)
    start, stop = max(rank - 1 - math.ceil(reach), 0), min(rank + math.ceil(reach), n)
    low = np.zeros(n, dtype=np.intp)
    low[order[:start]] = 1
    low_before = np.concatenate([[0], np.cumsum(np.concatenate([low, low]))])
    inside, values = order[start:stop], series[order[start:stop]]
    # Counting is several times faster in the order of time, adding up needs the order of size.
    in_time, by_size = np.sort(inside), np.argsort(np.argsort(inside))
    rng = np.random.default_rng(seed)
    found = np.empty(replicates)
    for i in range(replicates):
        blocks = draw_blocks(n, length, rng)
        need = rank - int((low_before[blocks.stops] - low_before[blocks.starts]).sum())
        cumulated = np.cumsum(blocks.counts_at(in_time, n)[by_size])
        if need <= 0 or cumulated[-1] < need:
            return None
        found[i] = values[np.searchsorted(cumulated, need)]
    return found
