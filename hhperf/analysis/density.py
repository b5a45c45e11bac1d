"""How closely latencies lie around a quantile, which is what a quantile's noise depends on."""

import math

import numpy as np
from scipy import special

from hhperf.analysis.ranks import rank_of
from hhperf.analysis.samples import FloatArray


def hall_sheather(q: float, n: int) -> float:
    """Half-width, in q, of the window in which n values show the density at a quantile.

    Source: Hall and Sheather, On the distribution of a studentized quantile, 1988, at 95%.
    """
    z = float(special.ndtri(q))
    density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    shape = 1.5 * density**2 / (2 * z * z + 1)
    return float(n ** (-1 / 3) * special.ndtri(0.975) ** (2 / 3) * shape ** (1 / 3))


def half_window(q: float, n: int) -> float:
    """Hall and Sheather's half-width, kept clear of 0 and 1."""
    return min(hall_sheather(q, n), 0.9 * (1 - q), 0.9 * q)


def log_sparsity(values: FloatArray, q: float) -> float:
    """Slope of the log of the quantile at ``q``; infinite next to failed requests."""
    half = half_window(q, len(values))
    ranks = [rank_of(q + side, len(values)) - 1 for side in (-half, half)]
    low, high = np.partition(values, sorted(set(ranks)))[ranks]
    if math.isinf(high):
        return math.inf
    return (math.log(high) - math.log(low)) / (2 * half)


def ratio_influence(x: FloatArray, y: FloatArray, q: float) -> FloatArray | None:
    """How much each pair moves the log ratio of the quantiles of y and x.

    Args:
        x: latencies of the control, shape (n,).
        y: latencies of the treatment for the same requests.
        q: the quantile.

    Returns:
        s_x (1{x <= Q_x} - q) - s_y (1{y <= Q_y} - q) with log-scale sparsities s, shape (n,); its
        variance is n times that of the log ratio. None when failures hide a density.
    """
    s_x, s_y = log_sparsity(x, q), log_sparsity(y, q)
    if math.isinf(s_x) or math.isinf(s_y):
        return None
    rank = rank_of(q, len(x)) - 1
    below_x, below_y = (values <= np.partition(values, rank)[rank] for values in (x, y))
    return np.asarray(s_x * (below_x - q) - s_y * (below_y - q))
