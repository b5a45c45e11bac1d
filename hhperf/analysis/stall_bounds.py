"""What the saving can be at the most and at the least, whatever the stalls did.

A stall adds to a latency what it lasted within it at the most, and nothing at the least: without
stalls a request takes between its latency less its stalled time and its latency. A failure that
met a stall may have been no failure, or one all the same: once it takes nothing, once for ever.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hhperf.analysis.censoring import Censoring, met_stall
from hhperf.analysis.decision import Verdict
from hhperf.analysis.estimate import Estimate
from hhperf.analysis.samples import FloatArray, Pairs
from hhperf.analysis.stall_free import stretches_of, wider

_NEXT_TO_NOTHING = 1e-9  # of the shortest latency: latencies are positive

Judge = Callable[[Pairs], Estimate]
"""Gives the estimate of one statistic from pairs, clustered or not."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Two estimates between which the truth without stalls lies, each with its own noise.

    Attributes:
        least: of the least saving: the control without all its stalled time, the treatment as it
            was measured.
        most: of the greatest: the control as measured, the treatment without its stalled time.
    """

    least: Estimate
    most: Estimate

    def verdict(self, threshold: float) -> Verdict | None:
        """What holds even in the worse case; None when nothing does."""
        if self.least.defined and self.least.lower > threshold:
            return Verdict.EXCEEDS
        if self.most.defined and self.most.upper < threshold:
            return Verdict.BELOW
        return None


@dataclass(frozen=True, slots=True, eq=False)
class Extremes:
    """The pairs in both cases, resampled by clusters and by stretches of time.

    Attributes:
        least: pairs that save the least, once by clusters and once by stretches of time.
        most: pairs that save the most, likewise.
    """

    least: tuple[Pairs, Pairs]
    most: tuple[Pairs, Pairs]

    def judged(self, judge: Judge) -> Bounds:
        """Both estimates, with the intervals of the resampling that says less."""
        least, most = (wider(*map(judge, both)) for both in (self.least, self.most))
        return Bounds(least, most)


def extremes(pairs: Pairs, censoring: Censoring) -> Extremes:
    """What the pairs would have been in the case against each verdict."""
    control = shortest(pairs.control, censoring.control_clean, censoring.control_stalled)
    treatment = shortest(pairs.treatment, censoring.treatment_clean, censoring.treatment_stalled)
    least, most = (control, pairs.treatment), (pairs.control, treatment)
    return Extremes(_both_ways(*least, pairs, censoring), _both_ways(*most, pairs, censoring))


def shortest(latency: FloatArray, clean: FloatArray, stalled: FloatArray) -> FloatArray:
    """What each request takes at the least without stalls, shape (n,), positive.

    Args:
        latency: as measured, +inf for a failure.
        clean: time until the first stall.
        stalled: stalled time within the latency.
    """
    met = met_stall(latency, clean)
    finite = latency[np.isfinite(latency)]
    least = _NEXT_TO_NOTHING * (float(finite.min()) if len(finite) else 1.0)
    without = np.where(np.isfinite(latency), latency - stalled, 0.0)
    return np.where(met, np.maximum(without, least), latency)


def _both_ways(
    control: FloatArray, treatment: FloatArray, pairs: Pairs, censoring: Censoring
) -> tuple[Pairs, Pairs]:
    clustered = Pairs(control, treatment, pairs.clusters, pairs.n_clusters)
    return clustered, stretches_of(censoring.blocks, clustered) or clustered
