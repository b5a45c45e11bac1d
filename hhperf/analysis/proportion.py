"""Shares and their noise: Wilson's interval and McNemar's test for paired yes-or-no columns."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from hhperf.analysis.samples import flags
from hhperf.errors import SampleError


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
        msg = f"{successes} of {n} is not a share"
        raise SampleError(msg)
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
        msg = f"paired columns need one length, not {len(a):,} and {len(b):,}"
        raise SampleError(msg)
    only_a, only_b = int(np.count_nonzero(a & ~b)), int(np.count_nonzero(b & ~a))
    differing = only_a + only_b
    greater = _upper_tail(only_b, differing)
    smaller = _upper_tail(only_a, differing)
    return Mcnemar(float(a.mean()), float(b.mean()), min(1.0, 2 * min(greater, smaller)), greater)


def _upper_tail(successes: int, n: int) -> float:
    """P(Binomial(n, 1/2) >= successes)."""
    return 1.0 if successes == 0 else float(special.bdtrc(successes - 1, n, 0.5))
