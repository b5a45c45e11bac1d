"""Shares and their noise: Wilson's interval and McNemar's test for paired yes-or-no columns."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from hhperf.analysis.censoring import Censoring, any_stall, check_censoring
from hhperf.analysis.clean_pairs import METHOD, clean_pairs, joint_obstacle
from hhperf.analysis.estimate import Estimate, undefined
from hhperf.analysis.samples import BoolArray, FloatArray, Pairs, flags, make_pairs
from hhperf.analysis.stall_free import wider
from hhperf.errors import SampleError
from hhperf.shown import Displayed, percent

_ROUNDING = 1e-24


@dataclass(frozen=True, slots=True)
class Proportion:
    """A share of requests.

    Attributes:
        point: the share, in 0..1.
        lower: lower end of the two-sided interval.
        upper: upper end of the two-sided interval.
        confidence: of the interval.
    """

    point: float
    lower: float
    upper: float
    confidence: float = 0.95

    def __str__(self) -> str:
        return f"{self.point:.1%} [{self.lower:.1%}, {self.upper:.1%}]"


def wilson(successes: float, n: float, *, confidence: float = 0.95) -> Proportion:
    """Wilson's score interval for ``successes`` out of ``n``.

    Args:
        successes: 0..n.
        n: positive; an effective sample size below the number of requests widens the interval.
        confidence: of the two-sided interval.

    Source: Wilson, Probable inference, the law of succession, and statistical inference, 1927.
    """
    if not 0 <= successes <= n or n <= 0:
        raise SampleError(f"{successes} of {n} is not a share")
    z2 = float(special.ndtri(0.5 + confidence / 2)) ** 2
    share = successes / n
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = math.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n * n))) / (1 + z2 / n)
    return Proportion(share, max(centre - half, 0.0), min(centre + half, 1.0), confidence)


@dataclass(frozen=True, slots=True)
class Mcnemar:
    """Two paired yes-or-no columns.

    Attributes:
        first: share of yes in the first column.
        second: share of yes in the second.
        p_two_sided: of "the shares are equal".
        p_second_greater: one-sided, of "the second share is at most the first".
    """

    first: float
    second: float
    p_two_sided: float
    p_second_greater: float


def mcnemar(first: ArrayLike, second: ArrayLike) -> Mcnemar:
    """Exact McNemar test: only pairs that differ tell the columns apart.

    Raises:
        SampleError: when the columns are not yes-or-no values of one length.

    Source: McNemar, 1947; exact by the binomial distribution with one half.
    """
    a, b = flags(first, "first"), flags(second, "second")
    if len(a) != len(b):
        raise SampleError(f"paired columns need one length, not {len(a):,} and {len(b):,}")
    both, only_a = int(np.count_nonzero(a & b)), int(np.count_nonzero(a & ~b))
    return mcnemar_of(len(a), both, only_a, int(np.count_nonzero(b & ~a)))


def mcnemar_of(n: int, both: int, only_first: int, only_second: int) -> Mcnemar:
    """The same from counts: of pairs in all, with yes in both columns, and in one alone."""
    differing = only_first + only_second
    greater = _upper_tail(only_second, differing)
    smaller = _upper_tail(only_first, differing)
    shares = (both + only_first) / n, (both + only_second) / n
    return Mcnemar(*shares, min(1.0, 2 * min(greater, smaller)), greater)


def _upper_tail(successes: int, n: int) -> float:
    """P(Binomial(n, 1/2) >= successes)."""
    return 1.0 if successes == 0 else float(special.bdtrc(successes - 1, n, 0.5))


@dataclass(frozen=True, slots=True)
class PerRequest(Displayed):
    """The savings of single requests.

    Attributes:
        share: of requests that save at least the threshold, P(y <= (1 - threshold) x).
        median: the median of the pairs' own savings 1 - y/x.
        threshold: the saving that ``share`` counts.
    """

    share: Proportion
    median: Estimate
    threshold: float

    def __repr__(self) -> str:
        share = percent(self.share.point)
        return f"PerRequest({share} save {self.threshold:.0%} or more; median {self.median})"


def per_request(
    control: ArrayLike,
    treatment: ArrayLike,
    clusters: ArrayLike | None = None,
    *,
    threshold: float = 0.20,
    confidence: float = 0.95,
    censoring: Censoring | None = None,
) -> PerRequest:
    """How many requests save the threshold, and what the median request saves.

    A request that fails in the treatment alone loses everything, in the control alone it saves
    everything, in both it saves nothing.

    Args:
        control: latencies, shape (n,), +inf for failures.
        treatment: latencies of the same requests.
        clusters: one label per pair; dependent pairs count for fewer.
        threshold: the saving to count.
        confidence: of the two-sided intervals.
        censoring: what the machine's stalls did to the requests. Where they met any, pairs in clean
            windows stand for all; where those are too rare, both figures are undefined.

    Returns:
        Wilson's interval for the share; for the median, order statistics at the ranks that a
        binomial count leaves possible (Woodruff's interval with clusters).

    Raises:
        SampleError: for unusable latencies, clusters or censoring.
    """
    pairs = make_pairs(control, treatment, clusters)
    if censoring is None:
        return per_request_of(pairs, threshold=threshold, confidence=confidence)
    check_censoring(censoring, pairs)
    if not any_stall(pairs, censoring):
        return per_request_of(pairs, threshold=threshold, confidence=confidence)
    if reason := joint_obstacle(censoring):
        nan = math.nan
        unknown = undefined(reason, confidence=confidence, method=METHOD)
        return PerRequest(Proportion(nan, nan, nan, confidence), unknown, threshold)
    by_clusters, by_blocks = (
        per_request_of(each, threshold=threshold, confidence=confidence)
        for each in clean_pairs(pairs, censoring)
    )
    median = wider(by_clusters.median, by_blocks.median)
    return PerRequest(
        _wider_share(by_clusters.share, by_blocks.share),
        replace(median, method=f"{median.method}, {METHOD}"),
        threshold,
    )


def per_request_of(
    pairs: Pairs, *, threshold: float = 0.20, confidence: float = 0.95
) -> PerRequest:
    """The same of checked pairs, each counted by its weight."""
    savings = pair_savings(pairs)
    # The product, not the ratio, decides: 0.8 is saved by y = 0.2 x in spite of rounding.
    saved = _saves(pairs, threshold)
    worth, point = _effective_count(pairs, saved), _share(pairs, saved)
    share = wilson(point * worth, worth, confidence=confidence)
    return PerRequest(share, _median(pairs, savings, share.point, confidence), threshold)


def _wider_share(first: Proportion, second: Proportion) -> Proportion:
    lower, upper = min(first.lower, second.lower), max(first.upper, second.upper)
    return replace(first, lower=lower, upper=upper)


def pair_savings(pairs: Pairs) -> FloatArray:
    """Each pair's 1 - y/x, shape (n,); -inf to 1."""
    with np.errstate(invalid="ignore"):
        ratios = pairs.treatment / pairs.control
    return np.asarray(1 - np.where(np.isnan(ratios), 1.0, ratios))


def _saves(pairs: Pairs, threshold: float) -> BoolArray:
    limit = (1 - threshold) * (1 + 1e-12) * pairs.control
    return (pairs.treatment <= limit) & np.isfinite(pairs.treatment)


def _share(pairs: Pairs, flags: BoolArray) -> float:
    return min(float(pairs.cluster_sums(flags).sum()) / pairs.n, 1.0)  # weights round


def _effective_count(pairs: Pairs, flags: BoolArray) -> float:
    """How many independent pairs would know the share of ``flags`` as well."""
    share = _share(pairs, flags)
    if pairs.clusters is None and pairs.weights is None:
        return float(pairs.n)
    sums = pairs.cluster_sums(flags - share)
    variance = float(np.sum(sums**2)) / pairs.n**2
    if variance < _ROUNDING:  # all alike
        return float(pairs.n_clusters)
    return min(share * (1 - share) / variance, float(pairs.n))


def _median(pairs: Pairs, savings: FloatArray, share: float, confidence: float) -> Estimate:
    n, order = pairs.n, np.argsort(savings)
    mass = np.arange(1.0, n + 1) if pairs.weights is None else np.cumsum(pairs.weights[order])

    def at(weight: float) -> float:
        """The smallest saving with so much weight at or below it: without weights, a rank."""
        place = int(np.searchsorted(mass, weight - 1e-9))
        return float(savings[order[min(place, n - 1)]])

    point = at(0.5 * n)
    worth = _effective_count(pairs, savings <= point)
    tail = (1 - confidence) / 2
    if pairs.clusters is None and pairs.weights is None:
        rank = math.ceil(float(special.bdtrik(tail, n, 0.5)) - 1e-9)
        method = "order statistics, binomial ranks"
    else:
        rank = math.floor(n * (0.5 + float(special.ndtri(tail)) * 0.5 / math.sqrt(worth)))
        single = pairs.clusters is None
        method = "Woodruff interval" if single else "Woodruff interval over clusters"
    return Estimate(
        point=point,
        lower=at(rank) if rank >= 1 else -math.inf,
        upper=at(n - rank + 1) if rank >= 1 else 1.0,
        confidence=confidence,
        p_value=float(special.ndtr((0.5 - share) * 2 * math.sqrt(worth))),
        method=method,
    )
