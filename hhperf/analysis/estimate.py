"""A number that never travels alone: point, interval, p-value, method and warnings."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from hhperf.analysis.samples import FloatArray
from hhperf.shown import Displayed, counted

Z = 1.96
"""Standard deviations that an interval of 95% reaches to either side."""


@dataclass(frozen=True, slots=True)
class Estimate(Displayed):
    """A saving, 1 - treatment/control, with what is known about its error.

    Attributes:
        point: the saving; 0.25 means that the treatment takes 25% less. NaN when undefined.
        lower: lower end of the two-sided interval; may be ``-inf``.
        upper: upper end of the two-sided interval, never above 1.
        confidence: of the interval, in 0..1.
        p_value: one-sided, of "the saving is at most the threshold"; NaN when undefined.
        method: how the interval was made, in the field's words.
        warnings: what a reader has to know before trusting the number.
    """

    point: float
    lower: float
    upper: float
    confidence: float = 0.95
    p_value: float = math.nan
    method: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def defined(self) -> bool:
        """Whether there is a number at all."""
        return not math.isnan(self.point)

    def contains(self, saving: float) -> bool:
        """Whether the interval holds ``saving``; an undefined estimate rules nothing out."""
        return not (self.lower > saving or self.upper < saving)

    def warn(self, *warnings: str) -> "Estimate":
        """The same estimate with further warnings."""
        return replace(self, warnings=self.warnings + warnings)

    def __repr__(self) -> str:
        warned = f"; {counted(len(self.warnings), 'warning')}" if self.warnings else ""
        return f"Estimate({self}{warned})"

    def __str__(self) -> str:
        if not self.defined:
            return "undefined"
        return f"{self.point:+.1%} [{self.lower:+.1%}, {self.upper:+.1%}] at {self.confidence:.0%}"


def undefined(reason: str, *, confidence: float, method: str) -> Estimate:
    """An estimate that says why there is no number."""
    nan = math.nan
    return Estimate(nan, nan, nan, confidence, nan, method, (reason,))


REPLICATES = 2_000


@dataclass(frozen=True, slots=True, eq=False)
class Replicates:
    """One statistic of both arms, resampled together.

    Attributes:
        control: shape (B,), in the unit of the latencies; may hold +inf.
        treatment: shape (B,).
    """

    control: FloatArray
    treatment: FloatArray

    def ratios(self, undefined: float) -> FloatArray:
        """Treatment over control, shape (B,), with inf/inf replaced by ``undefined``."""
        with np.errstate(invalid="ignore"):
            ratios = self.treatment / self.control
        return np.where(np.isnan(ratios), undefined, ratios)


def percentile_estimate(
    point: float, replicates: Replicates, *, threshold: float, confidence: float, method: str
) -> Estimate:
    """The percentile interval of the saving, and its one-sided p-value.

    A replicate in which both arms are infinite says nothing, so each end counts it against itself.
    The ends are order statistics, not interpolated: then swapping the arms swaps them exactly.

    Args:
        point: the saving in the data.
        replicates: the resampled statistic.
        threshold: saving that the p-value tests.
        confidence: of the two-sided interval.
        method: how the replicates were drawn.

    Source: Efron and Tibshirani, An Introduction to the Bootstrap, 1993, section 13.3. (The basic
    interval is not offered: at p95 its type I error is twice the nominal one.)
    """
    worst, best = replicates.ratios(math.inf), replicates.ratios(0.0)
    count = len(worst)
    tail = max(int((count + 1) * (1 - confidence) / 2), 1)
    highest = float(np.partition(worst, count - tail)[count - tail])
    lowest = float(np.partition(best, tail - 1)[tail - 1])
    exceeding = int(np.count_nonzero(worst >= (1 - threshold) * (1 - 1e-12)))
    return Estimate(
        point=point,
        # In a few lumpy samples the percentile interval misses its own point: widen it.
        lower=min(1 - highest, point),
        upper=max(1 - lowest, point),
        confidence=confidence,
        p_value=(1 + exceeding) / (count + 1),
        method=method,
    )


def plain(number: float) -> float | None:
    """A number for JSON; None for one that is undefined or unbounded."""
    return float(number) if math.isfinite(number) else None


def plain_interval(estimate: Estimate) -> dict[str, Any]:
    """A saving and the ends of its interval for JSON."""
    return {
        "saving": plain(estimate.point),
        "lower": plain(estimate.lower),
        "upper": plain(estimate.upper),
    }


def widened(estimate: Estimate, sd: float) -> Estimate:
    """The interval of a prediction with its model's own error in it, as independent of sampling.

    Args:
        estimate: from sampling alone.
        sd: of the model's error, as a share.
    """
    if not estimate.defined:
        return estimate
    below, above = estimate.point - estimate.lower, estimate.upper - estimate.point
    return Estimate(
        point=estimate.point,
        lower=estimate.point - math.hypot(below, Z * sd) if below < math.inf else -math.inf,
        upper=min(estimate.point + math.hypot(above, Z * sd), 1.0),
        confidence=estimate.confidence,
        p_value=estimate.p_value,
        method=f"{estimate.method}, and the model's error",
        warnings=estimate.warnings,
    )
