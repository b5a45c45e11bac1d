"""The stationary bootstrap: stretches of a series in the order of time, resampled as they are.

Requests that wait in one queue are alike, so single ones cannot be drawn. How long a stretch has to
be is how long the series remembers: Politis and White's block length, in NumPy alone.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import fft

from hhperf.analysis.ranks import rank_of
from hhperf.analysis.samples import FloatArray, IntArray
from hhperf.errors import SampleError


def block_length(series: FloatArray) -> float:
    """Mean block length for the stationary bootstrap of a series' mean.

    Args:
        series: finite numbers in the order of time, shape (n,).

    Returns:
        At least 1 (no memory), at most min(3 sqrt(n), n / 3).

    Source: Politis and White, Automatic block-length selection for the dependent bootstrap, 2004,
    with the correction of Patton, Politis and White, 2009.
    """
    n = len(series)
    most = math.ceil(min(3 * math.sqrt(n), n / 3))
    window = max(5, int(math.sqrt(math.log10(n)))) if n > 1 else 1
    lags = min(math.ceil(math.sqrt(n)) + window, n - 1)
    covariances = autocovariances(series, lags)
    if n < 9 or covariances[0] <= 0:
        return 1.0
    reach = min(2 * max(_memory(covariances / covariances[0], n, window), 1), lags)
    k = np.arange(1, reach + 1)
    taper = np.minimum(1.0, 2 * (1 - k / reach))
    spectrum = covariances[0] + 2 * float(taper @ covariances[k])
    slope = 2 * float((taper * k) @ covariances[k])
    if spectrum <= 0:
        return 1.0
    # b = (2 G^2 / D)^(1/3) n^(1/3) with D = 2 g(0)^2.
    length = abs(slope / spectrum) ** (2 / 3) * n ** (1 / 3)
    return float(min(max(length, 1.0), most))


def autocovariances(series: FloatArray, lags: int) -> FloatArray:
    """Autocovariances at lags 0..lags, each divided by n; by fast Fourier transform."""
    n = len(series)
    centred = series - series.mean()
    size = fft.next_fast_len(n + lags + 1)
    power = np.abs(fft.rfft(centred, size)) ** 2
    return np.asarray(fft.irfft(power, size)[: lags + 1] / n)


def _memory(correlations: FloatArray, n: int, window: int) -> int:
    """The last lag before a stretch of ``window`` lags whose correlations are all noise."""
    quiet = np.abs(correlations[1:]) < 2 * math.sqrt(math.log10(n) / n)
    run = np.convolve(quiet, np.ones(window), "valid")
    hits = np.flatnonzero(run >= window - 0.5)
    if len(hits):
        return int(hits[0])
    loud = np.flatnonzero(~quiet)
    return int(loud[-1]) + 1 if len(loud) else 0


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
        raise SampleError(f"block length {length:g} must be 1 or more")
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
