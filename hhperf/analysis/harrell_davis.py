"""Harrell and Davis's quantile: a smooth mean of the order statistics near the quantile.

It varies less than a single order statistic, most of all at the median and for small samples, but
at high quantiles of heavy-tailed latencies it leans towards the tail; so it is an option.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import special

from hhperf.analysis.bootstrap import Window
from hhperf.analysis.samples import FloatArray

_NOTHING = 1e-9  # weight that may lie outside the window
_STEPS = 4_000  # of the weight table; at about 12 standard deviations the error is below 1e-6


@dataclass(frozen=True, slots=True)
class HarrellDavis:
    """The quantile ``q`` as a mean with Beta((n+1) q, (n+1)(1-q)) weights.

    Source: Harrell and Davis, A new distribution-free quantile estimator, 1982.
    """

    q: float

    def span(self, n: int) -> tuple[int, int]:
        """First and last place with a weight that counts."""
        low, high = special.betaincinv(*self._shape(n), [_NOTHING, 1 - _NOTHING])
        return int(n * low), min(int(np.ceil(n * high)), n) - 1

    def point(self, values: FloatArray) -> float:
        """The estimate from unweighted values; infinite when a failed request carries weight."""
        n = len(values)
        first, last = self.span(n)
        cumulated = special.betainc(*self._shape(n), np.arange(first, last + 2) / n)
        return float(_weighted(np.diff(cumulated)[None], np.sort(values)[first : last + 1])[0])

    def read(
        self, window: Window, inside: FloatArray, total: FloatArray, below: FloatArray
    ) -> FloatArray | None:
        """The weighted estimate; each value weighs as much as its share of the weight spans."""
        n = len(window.values)
        grid, table = _table(*self._shape(n))
        edges = np.concatenate([below[:, None], below[:, None] + inside], axis=1)
        cumulated = np.interp(edges / total[:, None], grid, table)
        lost = np.maximum(cumulated[:, 0], 1 - cumulated[:, -1])
        whole = window.start == 0 and window.stop == n
        if not whole and (lost > 1e3 * _NOTHING).any():
            return None
        return _weighted(np.diff(cumulated, axis=1), window.values[window.start : window.stop])

    def _shape(self, n: int) -> tuple[float, float]:
        return (n + 1) * self.q, (n + 1) * (1 - self.q)


@lru_cache(maxsize=16)
def _table(a: float, b: float) -> tuple[FloatArray, FloatArray]:
    """The Beta distribution function where it rises, as places and values."""
    low, high = special.betaincinv(a, b, [_NOTHING / 1e3, 1 - _NOTHING / 1e3])
    grid = np.concatenate([[0.0], np.linspace(low, high, _STEPS), [1.0]])
    return grid, special.betainc(a, b, grid)


def _weighted(weights: FloatArray, values: FloatArray) -> FloatArray:
    """Weighted sums, infinite as soon as a failed request carries weight that counts."""
    failed = np.isinf(values)
    sums = weights @ np.where(failed, 0.0, values)
    return np.asarray(np.where(weights @ failed > _NOTHING, np.inf, sums))
