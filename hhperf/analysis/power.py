"""How many pairs a verdict takes."""

import math
from dataclasses import dataclass

from scipy import special

from hhperf.analysis.estimate import Estimate
from hhperf.errors import SampleError


def pairs_needed(
    variance: float,
    *,
    alternative: float = 0.25,
    threshold: float = 0.20,
    confidence: float = 0.95,
    power: float = 0.90,
) -> int:
    """Pairs after which a true saving of ``alternative`` is seen to exceed ``threshold``.

    Args:
        variance: of the log ratio of the two statistics, times the number of pairs.
        alternative: the true saving that should be found; below the threshold it plans for BELOW.
        threshold: the saving that is claimed.
        confidence: of the two-sided interval that the verdict is read off; 0.90 plans a one-sided
            test at 0.05.
        power: the chance of finding it.

    Returns:
        n = V (z(1-alpha) + z(power))^2 / ln((1-s1)/(1-s0))^2, rounded up.

    Raises:
        SampleError: when the alternative is the threshold, or either is 1 or more.
    """
    if alternative == threshold or max(alternative, threshold) >= 1:
        msg = f"no number of pairs tells a saving of {alternative:g} from {threshold:g}"
        raise SampleError(msg)
    effect = math.log((1 - alternative) / (1 - threshold))
    z = float(special.ndtri(0.5 + confidence / 2) + special.ndtri(power))
    return math.ceil(variance * (z / effect) ** 2)


def variance_from(estimate: Estimate, n: int) -> float:
    """The variance ``pairs_needed`` takes, read off an interval from ``n`` pairs.

    Whatever the interval allows for (clusters, blocks, runs) is then in the plan too.
    """
    if not estimate.upper < 1 or not math.isfinite(estimate.lower):
        return math.inf
    width = math.log1p(-estimate.lower) - math.log1p(-estimate.upper)
    z = float(special.ndtri(0.5 + estimate.confidence / 2))
    return n * (width / (2 * z)) ** 2


@dataclass(frozen=True, slots=True)
class Extension:
    """What an inconclusive comparison is told about the pairs (or runs) it would take.

    Attributes:
        n: pairs there are.
        threshold: the saving that is claimed.
        alternative: the true saving that should be found.
        power: the chance of finding it.
        unit: what ``n`` counts.
    """

    n: int
    threshold: float
    alternative: float
    power: float = 0.90
    unit: str = "pairs"

    def total(self, estimate: Estimate) -> int | None:
        """Pairs in total that would settle it; None when no number would."""
        variance = variance_from(estimate, self.n)
        if not math.isfinite(variance) or not self.threshold < self.alternative < 1:
            return None
        return pairs_needed(
            variance,
            alternative=self.alternative,
            threshold=self.threshold,
            confidence=estimate.confidence,
            power=self.power,
        )

    def advice(self, estimate: Estimate) -> str:
        """One sentence for the reader."""
        needed = self.total(estimate)
        if needed is None:
            return f"the noise is too large to say how many {self.unit} would settle it"
        chance = f"{self.power:.0%} power at a true saving of {self.alternative:.0%}"
        if needed > self.n:
            return f"about {needed - self.n:,} more {self.unit} ({needed:,} in all) give {chance}"
        return (
            f"{self.n:,} {self.unit} already give {chance}: the saving is probably closer to the "
            f"threshold than that, or below it"
        )
