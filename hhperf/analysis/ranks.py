"""Which order statistic a quantile is, and how quantiles are called."""

import math

import numpy as np

from hhperf.analysis.samples import FloatArray
from hhperf.errors import SampleError

MIN_TAIL = 20
"""Observations that must lie beyond a quantile before it is called measurable."""


def rank_of(q: float, n: int) -> int:
    """The 1-based rank ceil(n q) of the quantile ``q`` among ``n`` observations."""
    # 0.95 * 20 is 19.000000000000004 or 19 depending on luck; ranks must not be.
    return min(max(math.ceil(n * q - 1e-9), 1), n)


def quantile(values: FloatArray, q: float) -> float:
    """The ceil(n q)-th smallest of ``values``: always an observed latency."""
    rank = rank_of(q, len(values))
    return float(np.partition(values, rank - 1)[rank - 1])


def tail_count(q: float, n: float) -> float:
    """Expected observations on the thinner side of a quantile, n min(q, 1 - q)."""
    return n * min(q, 1 - q)


def measurable(q: float, n: int) -> bool:
    """Whether ``n`` pairs are enough to speak of the quantile at all."""
    return tail_count(q, n) >= MIN_TAIL - 1e-9


def pairs_to_measure(q: float) -> int:
    """The fewest pairs in which the quantile is measurable."""
    return math.ceil(MIN_TAIL / min(q, 1 - q) - 1e-9)


def statistic_name(q: float) -> str:
    """How a quantile is called: 0.95 is p95, 0.999 is p99.9."""
    return f"p{100 * q:.10g}"


def check_quantile(q: float) -> float:
    """Refuse what is not strictly between 0 and 1.

    Raises:
        SampleError: for 0, 1, 95 and the like.
    """
    if not 0 < q < 1:
        raise SampleError(f"quantile {q:g} must lie between 0 and 1 (p95 is 0.95)")
    return float(q)


def parse_statistic(name: str) -> float | None:
    """The quantile that ``"p95"`` names, or None for ``"mean"``.

    Raises:
        SampleError: for any other name.
    """
    if name == "mean":
        return None
    try:
        if not name.startswith("p"):
            raise ValueError
        return check_quantile(round(float(name[1:]) / 100, 12))
    except ValueError:
        raise SampleError(
            f"{name!r} is no statistic; say 'mean', 'p50', 'p95', 'p99.9', ..."
        ) from None
