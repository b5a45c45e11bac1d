"""How calls count: how many each stands for, and what is resampled as a whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from hhperf.analysis.clusters import choose_clusters
from hhperf.analysis.decision import Verdict
from hhperf.analysis.estimate import Estimate, undefined
from hhperf.analysis.savings import QUANTILES, compare_samples
from hhperf.analysis.weighted import Weighed, weighted_savings
from hhperf.traces.calls import Calls, Floats, Ints
from hhperf.traces.trace_set import TraceSet

MINUTE_NS = 60_000_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Weighing:
    """How the calls of an operation count.

    Attributes:
        weights: how many each stands for, shape (n,); None where all stand for as many.
        clusters: what is resampled as a whole, shape (n,).
        level: what that is.
        threshold: the saving that is claimed.
        seed: of the bootstrap.
        warnings: what a reader has to know.
    """

    weights: Floats | None
    clusters: Ints
    level: str
    threshold: float
    seed: int
    warnings: tuple[str, ...] = ()

    def savings(
        self, now: Floats, then: Floats, quantiles: Sequence[float] = QUANTILES
    ) -> Mapping[str, Estimate]:
        """The savings of the same calls, by statistic; undefined where too few calls know one.

        Args:
            now: how long they took, in seconds, +inf for one that failed.
            then: how long they would take.
            quantiles: to compare at, beside the mean.
        """
        if self.weights is not None:
            before, after = (Weighed(each, self.weights, self.clusters) for each in (now, then))
            return weighted_savings(
                before, after, quantiles, paired=True, threshold=self.threshold, seed=self.seed
            )
        compared = compare_samples(
            now,
            then,
            self.clusters,
            threshold=self.threshold,
            quantiles=quantiles,
            seed=self.seed,
        )
        return {
            each.statistic: _without_number(each.estimate)
            if each.verdict is Verdict.NOT_MEASURABLE
            else each.estimate
            for each in compared.results
        }


def weighing_of(
    traces: TraceSet,
    calls: Calls,
    attributes: Sequence[str] = (),
    *,
    threshold: float = 0.20,
    seed: int = 0,
) -> Weighing:
    """Weigh calls by how their traces were sampled, and choose what is resampled.

    Of the minute in which a call began and the attributes named, the coarsest of which there are
    enough is resampled as a whole; else each trace, since its calls belong together.

    Raises:
        TraceError: the traces do not keep an attribute.
    """
    weights = traces.weights()
    levels: dict[str, ArrayLike] = {
        "minute": calls.begun_ns // MINUTE_NS,
        "trace": calls.trace,
    }
    for name in attributes:
        kept = traces.kept(name)
        levels[name] = [kept[trace] for trace in calls.trace]
    chosen = choose_clusters(levels)
    clusters = np.arange(len(calls)) if chosen.codes is None else chosen.codes
    weighing = Weighing(
        weights=None if weights is None else weights[calls.trace],
        clusters=clusters.astype(np.int64),
        level=chosen.name,
        threshold=threshold,
        seed=seed,
        warnings=chosen.warnings,
    )
    if weighing.weights is None:
        return weighing
    least, most = weighing.weights.min(), weighing.weights.max()
    told = f"traces stand for {least:,.4g} to {most:,.4g} by how they were sampled, and count so"
    return replace(weighing, warnings=(*weighing.warnings, told))


def _without_number(estimate: Estimate) -> Estimate:
    reason = estimate.warnings[-1] if estimate.warnings else "not measurable"
    return undefined(reason, confidence=estimate.confidence, method=estimate.method)
