"""The stationary bootstrap: stretches of a series in the order of time, resampled as they are.

Requests that wait in one queue are alike, so single ones cannot be drawn. How long a stretch has to
be is how long the series remembers: Politis and White's block length, in NumPy alone.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import fft

from hhperf.analysis.ranks import rank_of
from hhperf.analysis.samples import BoolArray, FloatArray, IntArray
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
    if n < 9:
        return 1.0
    most = math.ceil(min(3 * math.sqrt(n), n / 3))
    window = max(5, int(math.sqrt(math.log10(n))))
    lags = min(math.ceil(math.sqrt(n)) + window, n - 1)
    covariances = autocovariances(series, lags)
    if covariances[0] <= 0:
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
_ELEMENTS = 50_000  # per work array: it stays in the processor's cache


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """Stretches of a circular series of n places; together they hold n places.

    Attributes:
        starts: first places, shape (k,), each in 0..n-1.
        stops: one past the last places, shape (k,); past n the series begins anew.
    """

    starts: IntArray
    stops: IntArray


def draw_blocks(n: int, length: float, rng: np.random.Generator) -> Blocks:
    """Draw blocks of geometric length until ``n`` places are filled.

    Args:
        n: places of the series.
        length: mean block length, 1 or more.
        rng: the generator.
    """
    expected = n / length
    lengths = rng.geometric(1 / length, int(expected + 6 * math.sqrt(expected)) + 10)
    while (ends := lengths.cumsum())[-1] < n:
        lengths = np.concatenate([lengths, rng.geometric(1 / length, len(lengths))])
    used = int(ends.searchsorted(n)) + 1
    starts = rng.integers(0, n, used)
    stops = starts + lengths[:used]
    stops[-1] -= ends[used - 1] - n
    return Blocks(starts, stops)


def draw_counts(
    before: IntArray, length: float, replicates: int, rng: np.random.Generator
) -> Iterator[tuple[Sequence[Blocks], IntArray]]:
    """Yield draws with how often each chosen place was drawn, a bounded number at a time.

    Args:
        before: where the chosen places lie, as `places_before` gives it.
        length: mean block length, 1 or more.
        replicates: draws in all.
        rng: the generator.
    """
    n, rows = len(before) // 2, max(_ELEMENTS // (int(before[-1]) + 1), 1)
    for start in range(0, replicates, rows):
        count = min(rows, replicates - start)
        drawn = [draw_blocks(n, length, rng) for _ in range(count)]
        yield drawn, counts_of(drawn, before)


def places_before(chosen: BoolArray) -> IntArray:
    """How many chosen places come before each of two rounds of the series, shape (2 n + 1,)."""
    return np.concatenate([[0], np.concatenate([chosen, chosen]).cumsum()]).astype(np.intp)


def counts_of(drawn: Sequence[Blocks], before: IntArray) -> IntArray:
    """How often each chosen place lies in the blocks of each draw, shape (draws, chosen)."""
    # Along two rounds of the chosen places, since blocks run past the end of the series: one more
    # from each start on, one less from each stop on.
    twice = int(before[-1])
    shape = (len(drawn), twice + 1)
    origins = np.repeat(shape[1] * np.arange(len(drawn)), [len(each.starts) for each in drawn])
    starts = origins + before[np.concatenate([each.starts for each in drawn])]
    stops = origins + before[np.concatenate([each.stops for each in drawn])]
    size = shape[0] * shape[1]
    edges = np.bincount(starts, minlength=size) - np.bincount(stops, minlength=size)
    covered = edges.reshape(shape).cumsum(axis=1)
    return np.asarray(covered[:, : twice // 2] + covered[:, twice // 2 : twice], dtype=np.intp)


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
    low_before, inside = places_before(_flags(order[:start], n)), order[start:stop]
    values, by_size = series[inside], np.argsort(np.argsort(inside))
    found, position, rng = np.empty(replicates), 0, np.random.default_rng(seed)
    for drawn, counts in draw_counts(places_before(_flags(inside, n)), length, replicates, rng):
        low = [int((low_before[each.stops] - low_before[each.starts]).sum()) for each in drawn]
        need = rank - np.array(low)
        # Counted in the order of time, added up in the order of size.
        cumulated = counts[:, by_size].cumsum(axis=1)
        if (need <= 0).any() or (cumulated[:, -1] < need).any():
            return None
        rows = slice(position, position + len(counts))
        found[rows] = values[(cumulated < need[:, None]).sum(axis=1)]
        position = rows.stop
    return found


def _flags(places: IntArray, n: int) -> BoolArray:
    chosen = np.zeros(n, dtype=np.bool_)
    chosen[places] = True
    return chosen
