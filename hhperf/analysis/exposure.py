"""Whether stalls come from outside: they must not meet one arm's requests more than the other's.

A machine that stalls when the treatment computes is no neighbour's fault, and then a stall chooses
requests, which no estimator sees past. So the onsets per unit of time not stalled are compared.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import special

from hhperf.analysis.censoring import Censoring, met_stall
from hhperf.analysis.samples import BoolArray, FloatArray, IntArray, Pairs
from hhperf.shown import Displayed

MARGIN = 0.20
"""How far from 1 the ratio of two arms' exposure may surely be for stalls to count as foreign."""

DOUBLED = 2.0
"""What a ratio that may be 1 must not be as well, either way, for it to tell anything.

A fifth would take eighty stalls with ten pairs in flight, since each meets most of them. That is
not what is asked: unequal exposure by itself biases nothing, as long as within an arm stalls choose
no request by its latency. It betrays stalls that an arm brings about, and those are no small share.
"""

CONFIDENCE = 0.99


class Exposed(Displayed, StrEnum):
    """What the data say of "stalls meet both arms alike"."""

    EQUAL = "EQUAL"
    UNEQUAL = "UNEQUAL"
    TOO_FEW = "TOO_FEW"


@dataclass(frozen=True, slots=True)
class Exposure(Displayed):
    """Stall onsets per unit of time not stalled, the treatment's over the control's.

    Attributes:
        ratio: NaN when no stall met one of the arms.
        lower: lower end of the two-sided interval.
        upper: upper end of the two-sided interval.
        confidence: of the interval.
        control: requests of the control that a stall began in.
        treatment: the same of the treatment.
        stalls: how many stalls those were.
        margin: how far from 1 still counts as equal.
    """

    ratio: float
    lower: float
    upper: float
    confidence: float
    control: int
    treatment: int
    stalls: int
    margin: float = MARGIN

    @property
    def state(self) -> Exposed:
        """EQUAL within the margin, or when the interval holds 1 and no doubling either way.

        UNEQUAL when it excludes 1 and does not stay within the margin.
        """
        if self.lower >= 1 - self.margin and self.upper <= 1 + self.margin:
            return Exposed.EQUAL
        if not self.lower <= 1 <= self.upper:
            return Exposed.UNEQUAL
        tells = self.lower > 1 / DOUBLED and self.upper < DOUBLED
        return Exposed.EQUAL if tells else Exposed.TOO_FEW

    @property
    def stalls_needed(self) -> int | None:
        """About how many stalls would show equal arms to be equal; None when nothing is known."""
        if not 0 < self.lower <= self.upper < math.inf:
            return None
        half = math.log(self.upper / self.lower) / 2
        return max(math.ceil(self.stalls * (half / math.log(DOUBLED)) ** 2), self.stalls)

    def __str__(self) -> str:
        return (
            f"{self.ratio:.2f} [{self.lower:.2f}, {self.upper:.2f}] at {self.confidence:.0%}, "
            f"{self.stalls:,} stalls"
        )

    def __repr__(self) -> str:
        return f"Exposure({self.state}: {self})"


def exposure(pairs: Pairs, censoring: Censoring, *, confidence: float = CONFIDENCE) -> Exposure:
    """Compare how often a stall began in each arm's requests.

    One stall meets all that is in flight, so stalls are the units: each adds to the log of the
    ratio its share of the treatment's onsets less its share of the control's.

    Args:
        pairs: checked pairs.
        censoring: what stalls did to them.
        confidence: of the two-sided interval.

    Returns:
        The ratio; its interval is unbounded when fewer than two stalls met requests, and on one
        side when none met those of one arm.

    Source: the rate ratio of recurrent events with a robust variance over clusters, as in Cook and
    Lawless, The Statistical Analysis of Recurrent Events, 2007, section 3.6.
    """
    x = _began_within(pairs.control, censoring.control_clean)
    y = _began_within(pairs.treatment, censoring.treatment_clean)
    events = int(x.sum()), int(y.sum())
    shares = _shares((censoring.control_onset[x], censoring.treatment_onset[y]))
    stalls = shares.shape[1]
    free = (
        _time_free(pairs.control, censoring.control_clean),
        _time_free(pairs.treatment, censoring.treatment_clean),
    )
    if stalls < 2:
        return Exposure(math.nan, 0.0, math.inf, confidence, *events, stalls)
    if min(events) == 0:
        return _one_sided(events, free, stalls, confidence)
    ratio = (events[1] / free[1]) / (events[0] / free[0])
    variance = float(np.sum((shares[1] - shares[0]) ** 2)) * stalls / (stalls - 1)
    reach = float(special.stdtrit(stalls - 1, 0.5 + confidence / 2)) * math.sqrt(variance)
    lower, upper = ratio * math.exp(-reach), ratio * float(np.exp(reach))
    return Exposure(ratio, lower, upper, confidence, *events, stalls)


def _one_sided(
    events: tuple[int, int], free: tuple[float, float], stalls: int, confidence: float
) -> Exposure:
    """All stalls met one arm: how far from the other's is its exposure at the least?

    Source: Clopper and Pearson's exact limit of a share of which every try was a success, 1934.
    """
    share = ((1 - confidence) / 2) ** (1 / stalls)
    if events[0] == 0:
        least = share / (1 - share) * free[0] / free[1]
        return Exposure(math.inf, least, math.inf, confidence, *events, stalls)
    most = (1 - share) / share * free[0] / free[1]
    return Exposure(0.0, 0.0, most, confidence, *events, stalls)


def _began_within(latency: FloatArray, clean: FloatArray) -> BoolArray:
    """Mark the requests in which a stall began; those that began in one are not exposed to it."""
    return met_stall(latency, clean) & (clean > 0)


def _time_free(latency: FloatArray, clean: FloatArray) -> float:
    """Time in which the first stall could have begun; a failure without a stall has none known."""
    times = np.minimum(latency, clean)
    return float(times[np.isfinite(times)].sum())


def _shares(onsets: tuple[IntArray, IntArray]) -> FloatArray:
    """Share of each arm's onsets that each stall brought, shape (2, stalls)."""
    numbers, codes = np.unique(np.concatenate(onsets), return_inverse=True)
    split = np.split(codes, [len(onsets[0])])
    counts = [np.bincount(each, minlength=len(numbers)) for each in split]
    return np.stack([count / max(int(count.sum()), 1) for count in counts])
