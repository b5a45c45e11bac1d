"""The product limit: a distribution of latencies of which some are only known to be longer.

Kaplan and Meier's estimate, as a sum over the latencies that were seen: each counts for itself and
for those like it that a stall hid, 1/G(t-) requests in all, with G the product limit of being
clean still. That is the same number as the usual product over the seen latencies, and without any
stall it is exactly the count of order statistics.
"""

import math
from dataclasses import dataclass

import numpy as np

from hhperf.analysis.ranks import MIN_TAIL, check_quantile
from hhperf.analysis.samples import BoolArray, FloatArray, IntArray
from hhperf.errors import SampleError

_ROUNDING = 1e-9  # requests; as in `rank_of`, so that 0.95 of 20 is the 19th


@dataclass(frozen=True, slots=True, eq=False)
class Tries:
    """The latencies of one arm, in ascending order; at equal times the seen ones come first.

    Attributes:
        times: the latency, or the time until a stall hid it; shape (n,), +inf for a failure.
        seen: whether it is the latency.
        order: place of each in the data.
    """

    times: FloatArray
    seen: BoolArray
    order: IntArray

    @property
    def n(self) -> int:
        """How many there are."""
        return len(self.times)


def make_tries(latency: FloatArray, clean: FloatArray) -> Tries:
    """Cut each latency at its first stall.

    Args:
        latency: shape (n,); +inf for a failed request.
        clean: time from each request's start to the first stall after it, +inf for none.

    Raises:
        SampleError: there is no latency, or the lengths differ.
    """
    if len(latency) != len(clean) or not len(latency):
        raise SampleError(f"{len(latency):,} latencies and {len(clean):,} clean times make no arm")
    times, seen = np.minimum(latency, clean), latency <= clean
    order = np.lexsort((~seen, times)).astype(np.intp)
    return Tries(times[order], seen[order], order)


def counts_seen(tries: Tries, weights: FloatArray) -> FloatArray:
    """How many requests have ended by each time, those that stalls hid shared out among the seen.

    Args:
        tries: one arm.
        weights: how often each try counts, in the order of ``tries``; whole numbers of shape
            (rows, n), a row for each replicate.

    Returns:
        Shape (rows, n), ascending along each row; divided by the row's weight it is 1 - S(t).

    Source: Kaplan and Meier, Nonparametric estimation from incomplete observations, 1958; as a
    weighted sum, Satten and Datta, The Kaplan-Meier estimator as an inverse-probability-of-
    censoring weighted average, 2001.
    """
    if tries.seen.all():
        return np.cumsum(weights, axis=1)
    at_risk = np.cumsum(weights, axis=1)
    np.subtract(at_risk[:, -1:] + weights, at_risk, out=at_risk)
    # A row whose last request at risk is hidden ends with G = 0 and nothing left to weigh.
    lost = np.divide(
        np.where(tries.seen, 0.0, weights), at_risk, out=np.zeros_like(weights), where=at_risk > 0
    )
    clean = np.cumprod(1 - lost, axis=1)
    worth = np.divide(weights, clean, out=np.zeros_like(weights), where=tries.seen & (clean > 0))
    return np.cumsum(worth, axis=1)


def weighted_quantiles(tries: Tries, weights: FloatArray, quantiles: FloatArray) -> FloatArray:
    """The smallest t with 1 - S(t) >= q, of each replicate.

    Args:
        tries: one arm.
        weights: as for ``counts_seen``, shape (rows, n).
        quantiles: in 0..1, shape (Q,).

    Returns:
        Shape (Q, rows); +inf where the quantile falls among failures, or among what stalls hid.
    """
    counts, totals = counts_seen(tries, weights), weights.sum(axis=1)
    reached = np.append(tries.times, np.inf)
    found = np.empty((len(quantiles), len(weights)))
    for row, q in zip(found, quantiles, strict=True):
        need = np.maximum(totals * q - _ROUNDING, _ROUNDING)
        row[:] = reached[(counts < need[:, None]).sum(axis=1)]
    return found


def product_limit_quantile(tries: Tries, q: float) -> float:
    """The smallest latency that a share ``q`` of all requests does not exceed, stalls aside.

    Returns:
        +inf among failed requests, NaN where stalls hid everything so long.
    """
    place = _place(tries, check_quantile(q))
    return math.nan if place is None else float(tries.times[place])


def distribution(tries: Tries) -> FloatArray:
    """1 - S at each time, shape (n,)."""
    return np.asarray(counts_seen(tries, np.ones((1, tries.n)))[0] / tries.n)


def effective_number(latency: FloatArray, clean: FloatArray, q: float) -> float:
    """How many requests on a machine without stalls would know a quantile as well.

    F (1 - F) over Greenwood's variance of F, at the quantile. Quick enough to be asked while a run
    goes on: it sorts once.

    Args:
        latency: shape (n,); +inf for a failed request.
        clean: time from each request's start to the first stall after it, +inf for none.
        q: the quantile, in 0..1.

    Returns:
        n when no stall came before an answer; 0 when stalls hid everything at the quantile.

    Source: Greenwood, The natural duration of cancer, 1926.
    """
    return tries_worth(make_tries(latency, clean), q)


def tries_worth(tries: Tries, q: float) -> float:
    """The same of tries in order."""
    place = _place(tries, check_quantile(q))
    if place is None:
        return 0.0
    # Equal latencies one after the other give the product and the sum of all of them at once.
    last = int(np.searchsorted(tries.times, tries.times[place], "right")) - 1
    last = place + int(np.count_nonzero(tries.seen[place : last + 1])) - 1
    risk = tries.n - np.arange(last + 1, dtype=np.float64)
    seen = tries.seen[: last + 1]
    before = float(np.prod(np.where(seen[:-1], 1 - 1 / risk[:-1], 1.0)))
    summed = float(np.sum(seen[:-1] / (risk[:-1] * (risk[:-1] - 1))))
    survival = before * (1 - 1 / risk[-1])
    # S times Greenwood's sum; with its last term so, the last request of all divides by no zero.
    spread = survival * summed + before / risk[-1] ** 2
    return (1 - survival) / spread


def worth_measuring(q: float, effective: float) -> bool:
    """Whether so many effective requests are enough to speak of the quantile at all."""
    return effective * min(q, 1 - q) >= MIN_TAIL - 1e-6


def clean_share(clean: FloatArray, duration: float) -> float:
    """The chance that a stretch of ``duration``, begun where requests begin, meets no stall."""
    return float(np.count_nonzero(clean >= duration)) / len(clean)


def _place(tries: Tries, q: float) -> int | None:
    """Where the quantile lies among the tries."""
    counts = counts_seen(tries, np.ones((1, tries.n)))[0]
    place = int(np.searchsorted(counts, max(tries.n * q - _ROUNDING, _ROUNDING)))
    return place if place < tries.n else None
