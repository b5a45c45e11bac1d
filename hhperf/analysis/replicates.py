"""Resampled quantiles of both arms, and the interval they make."""

import math
from dataclasses import dataclass

import numpy as np

from hhperf.analysis.estimate import Estimate
from hhperf.analysis.samples import FloatArray

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
