"""How long the memory of a series is: Politis and White's block length, in NumPy alone."""

import math

import numpy as np
from scipy import fft

from hhperf.analysis.samples import FloatArray


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
