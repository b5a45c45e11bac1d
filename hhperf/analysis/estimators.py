"""The estimators of a quantile: from plain values, and from the weights of a bootstrap replicate.

`read` takes weighted sorted values: the stretch of them that was looked at, the cumulated weights
in it, shape (rows, m), the weight of all values and of those below the stretch, each of
shape (rows,). It gives one estimate a row, or None when the stretch does not reach far enough.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import special

from hhperf.analysis.ranks import quantile, rank_of
from hhperf.analysis.samples import FloatArray, IntArray

_NOTHING = 1e-9  # weight that may lie outside the window
_STEPS = 4_000  # of the weight table; at about 12 standard deviations the error is below 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """A sorted stretch of one arm that should hold all an estimate needs.

    Equal values are all in it or none, so that it does not depend on how a sort leaves them.

    Attributes:
        values: in the stretch, sorted, shape (m,).
        owners: cluster of each, shape (m,).
        below: how many values of each cluster lie below the stretch, shape (n_clusters,).
        start: the place of its first value among all, from 0.
        n: how many values the arm has.
    """

    values: FloatArray
    owners: IntArray
    below: IntArray
    start: int
    n: int

    @property
    def is_whole(self) -> bool:
        """Whether it is the whole arm."""
        return len(self.values) == self.n


@dataclass(frozen=True, slots=True)
class OrderStatistic:
    """The quantile as the ceil(n q)-th smallest value."""

    q: float

    def span(self, n: int) -> tuple[int, int]:
        """First and last place, among n sorted values, that it depends on: one and no other."""
        rank = rank_of(self.q, n)
        return rank - 1, rank - 1

    def point(self, values: FloatArray) -> float:
        """The estimate from unweighted values: one of them."""
        return quantile(values, self.q)

    def read(
        self, window: Window, inside: FloatArray, total: FloatArray, below: FloatArray
    ) -> FloatArray | None:
        """The smallest value with q of the weight at or below it."""
        need = self.needed(total) - below
        if (need <= 0).any() or (inside[:, -1] < need).any():
            return None
        steps = (inside < need[:, None]).sum(axis=1)
        return np.asarray(window.values[steps])

    def needed(self, total: FloatArray) -> FloatArray:
        """The weight that is to lie at or below it, of so much in all."""
        return np.maximum(np.ceil(total * self.q - 1e-9), 1.0)


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
        grid, table = _table(*self._shape(window.n))
        edges = np.concatenate([below[:, None], below[:, None] + inside], axis=1)
        cumulated = np.interp(edges / total[:, None], grid, table)
        lost = np.maximum(cumulated[:, 0], 1 - cumulated[:, -1])
        if not window.is_whole and (lost > 1e3 * _NOTHING).any():
            return None
        return _weighted(np.diff(cumulated, axis=1), window.values)

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
