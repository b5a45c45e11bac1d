"""The product limit: a distribution of latencies of which some are only known to be longer.

Kaplan and Meier's estimate, by way of what is clean still: S(t) = R(t) / (n G(t)), with R the
requests neither answered nor hidden and G their product limit of not being hidden, a product over
the hidden ones alone. It is the same number as the usual product over the seen latencies; without
any stall G is 1, and it is exactly the count that order statistics go by.

Source: Kaplan and Meier, Nonparametric estimation from incomplete observations, 1958; that S G is
the share still at risk, Satten and Datta, The Kaplan-Meier estimator as an inverse-probability-of-
censoring weighted average, 2001.
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


def weighted_quantiles(tries: Tries, weights: FloatArray, quantiles: FloatArray) -> FloatArray:
    """The smallest t with 1 - S(t) >= q, of each replicate.

    Between two hidden tries G stands still, so a quantile is looked for twice: between which
    hidden tries, then at which count of tries. Nothing is computed at the seen ones but that count.

    Args:
        tries: one arm.
        weights: how often each try counts, in the order of ``tries``; whole numbers of shape
            (rows, n), a row for each replicate.
        quantiles: in 0..1, shape (Q,).

    Returns:
        Shape (Q, rows); +inf where the quantile falls among failures, or among what stalls hid.
    """
    ended = np.cumsum(weights, axis=1)
    totals = ended[:, -1]
    hidden = np.flatnonzero(~tries.seen)
    at_risk, clean = _clean(totals, ended[:, hidden], weights[:, hidden])
    counts = totals[:, None] - np.divide(
        at_risk, clean[:, :-1], out=np.zeros_like(at_risk), where=at_risk > 0
    )
    starts = np.cumsum(totals) - totals
    in_a_row = (ended + starts[:, None]).ravel()
    rows, reached = np.arange(len(weights)), np.append(tries.times, np.inf)
    found = np.empty((len(quantiles), len(weights)))
    for line, q in zip(found, quantiles, strict=True):
        need = np.maximum(totals * q - _ROUNDING, _ROUNDING)
        share = clean[rows, (counts < need[:, None]).sum(axis=1)]
        ends = totals - (totals - need) * share
        place = np.searchsorted(in_a_row, starts + ends) - rows * tries.n
        # A row without any weight finds its place in a later row: it reaches nothing.
        line[:] = reached[np.where(share > 0, np.minimum(place, tries.n), tries.n)]
    return found


def _clean(
    totals: FloatArray, ended: FloatArray, lost: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """What is at risk at each hidden try, (rows, m), and G before and after them, (rows, m + 1)."""
    at_risk = totals[:, None] - ended + lost
    clean = np.ones((len(totals), lost.shape[1] + 1))
    stay = np.divide(at_risk - lost, at_risk, out=np.ones_like(lost), where=at_risk > 0)
    np.cumprod(stay, axis=1, out=clean[:, 1:])
    return at_risk, clean


def distribution(tries: Tries) -> FloatArray:
    """1 - S after each try, shape (n,).

    S is what is still at risk over n G: those that are neither answered nor hidden, each for
    itself and for those hidden before.
    """
    left = np.arange(tries.n - 1, -1, -1.0)
    clean = np.cumprod(np.where(tries.seen, 1.0, left / (left + 1)))
    share = 1 - np.divide(left, tries.n * clean, out=np.zeros(tries.n), where=clean > 0)
    # What is hidden last is not known to have ended: the share stays what it was.
    return np.asarray(np.where(clean > 0, share, share[clean > 0].max(initial=0.0)))


def product_limit_quantile(tries: Tries, q: float) -> float:
    """The smallest latency that a share ``q`` of all requests does not exceed, stalls aside.

    Returns:
        +inf among failed requests, NaN where stalls hid everything so long.
    """
    place = _place(tries, check_quantile(q))
    return math.nan if place is None else float(tries.times[place])


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
    return float((1 - survival) / spread)


def worth_measuring(q: float, effective: float) -> bool:
    """Whether so many effective requests are enough to speak of the quantile at all."""
    return effective * min(q, 1 - q) >= MIN_TAIL - 1e-6


def clean_share(clean: FloatArray, duration: float) -> float:
    """The chance that a stretch of ``duration``, begun where requests begin, meets no stall."""
    return float(np.count_nonzero(clean >= duration)) / len(clean)


def _place(tries: Tries, q: float) -> int | None:
    """Where the quantile lies among the tries."""
    need = max(q - _ROUNDING / tries.n, _ROUNDING / tries.n)
    place = int(np.searchsorted(distribution(tries), need))
    return place if place < tries.n else None
