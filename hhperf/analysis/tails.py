"""A latency's quantiles far into the tail, as an HDR histogram plots them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hhperf.analysis.ranks import MIN_TAIL
from hhperf.errors import SampleError

POINTS = 400


@dataclass(frozen=True, slots=True, eq=False)
class Tail:
    """The quantile function of n latencies over 1/(1 - q), a step at each point.

    Attributes:
        n: how many latencies there are.
        nines: 1/(1 - q) at each step, ascending from 1 (the least) to n, beyond which less than
            one latency lies; shape (k,).
        latency_s: the quantile from there on, shape (k,); +inf among failures.
    """

    n: int
    nines: NDArray[np.float64]
    latency_s: NDArray[np.float64]

    @property
    def measurable_to(self) -> float:
        """The 1/(1 - q) beyond which fewer than 20 latencies lie; below 1 for fewer than 20."""
        return self.n / MIN_TAIL


def tail_of(latency_s: ArrayLike, *, points: int = POINTS) -> Tail:
    """Pick the steps of a quantile function that a log scale of 1/(1 - q) can show.

    Args:
        latency_s: latencies in seconds, shape (n,); +inf for a failed request.
        points: steps at most; up to so many latencies beyond q each has its own.

    Raises:
        SampleError: there is no latency.

    Source: Tene's HdrHistogram plots quantiles over this scale.
    """
    ordered = np.sort(np.asarray(latency_s, dtype=np.float64))
    n = len(ordered)
    if not n:
        raise SampleError("no latency, no quantiles")
    passed = np.unique(np.rint(n * (1 - 1 / np.geomspace(1, n, points))).astype(np.int64))
    return Tail(n, n / (n - passed), ordered[passed])
