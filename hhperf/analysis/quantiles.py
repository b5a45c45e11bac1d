"""The savings at quantiles, each by the method that suits the data."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from scipy import special

from hhperf.analysis.bootstrap import OrderStatistic, Window, bootstrap
from hhperf.analysis.estimate import (
    REPLICATES,
    Estimate,
    Replicates,
    percentile_estimate,
    undefined,
)
from hhperf.analysis.multinomial import multinomial_quantiles
from hhperf.analysis.ranks import check_quantile, measurable, quantile, statistic_name
from hhperf.analysis.samples import FloatArray, Pairs

Estimator = Literal["order-statistic", "harrell-davis"]


def quantile_savings(
    pairs: Pairs,
    quantiles: Sequence[float],
    *,
    threshold: float = 0.20,
    confidence: float = 0.95,
    estimator: Estimator = "order-statistic",
    replicates: int = REPLICATES,
    seed: int = 0,
) -> tuple[Estimate, ...]:
    """The savings 1 - Q(treatment)/Q(control) at each quantile.

    Independent pairs with 20 or more beyond the quantile take the multinomial shortcut, all else
    the bootstrap; the estimate's ``method`` says which. A quantile that falls among an arm's
    failed requests is undefined.

    Args:
        pairs: checked pairs.
        quantiles: in 0..1.
        threshold: saving that the p-values test.
        confidence: of the two-sided intervals.
        estimator: of the quantile: an observed latency, or Harrell and Davis's mean of several.
        replicates: B.
        seed: of the generator.

    Raises:
        SampleError: for a quantile that is not strictly between 0 and 1.
    """
    found = []
    # One quantile at a time: what is said of p50 must not depend on whether p99 was asked for.
    for q in map(check_quantile, quantiles):
        x, y = (_point(values, q, estimator) for values in (pairs.control, pairs.treatment))
        drawn, method = _resample(pairs, q, estimator, replicates, seed)
        if np.isinf(x) or np.isinf(y):
            reason = _failures(
                q, [("control", pairs.control, x), ("treatment", pairs.treatment, y)]
            )
            found.append(undefined(reason, confidence=confidence, method=method))
        else:
            found.append(
                percentile_estimate(
                    1 - y / x, drawn, threshold=threshold, confidence=confidence, method=method
                )
            )
    return tuple(found)


def _point(values: FloatArray, q: float, estimator: Estimator) -> float:
    return quantile(values, q) if estimator == "order-statistic" else HarrellDavis(q).point(values)


def _resample(
    pairs: Pairs, q: float, estimator: Estimator, replicates: int, seed: int
) -> tuple[Replicates, str]:
    plain = estimator == "order-statistic"
    if plain and pairs.clusters is None and measurable(q, pairs.n):
        drawn = multinomial_quantiles(pairs, q, replicates=replicates, seed=seed)
        return drawn, "multinomial paired bootstrap, percentile interval"
    chosen = OrderStatistic(q) if plain else HarrellDavis(q)
    (drawn,) = bootstrap(pairs, [chosen], replicates, seed)
    kind = "paired bootstrap" if pairs.clusters is None else "paired cluster bootstrap"
    suffix = "" if plain else " of Harrell-Davis quantiles"
    return drawn, f"{kind}{suffix}, percentile interval"


def _failures(q: float, arms: Sequence[tuple[str, FloatArray, float]]) -> str:
    rates = [
        f"{np.isinf(values).mean():.1%} of the {name}'s requests"
        for name, values, point in arms
        if np.isinf(point)
    ]
    return f"{statistic_name(q)} is undefined: {' and '.join(rates)} failed"


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
