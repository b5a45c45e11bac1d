"""Response times under an offered load.

Neighbours wait in one queue, so they are resampled in blocks: within one run the stationary
bootstrap follows the series' own memory. Across runs the run is the unit, see ``runs``.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from hhperf.analysis.block_length import block_length
from hhperf.analysis.estimate import Estimate, undefined
from hhperf.analysis.ranks import check_quantile, quantile, statistic_name, tail_count
from hhperf.analysis.replicates import REPLICATES, Replicates, percentile_estimate
from hhperf.analysis.samples import FloatArray, latencies
from hhperf.analysis.stationary import stationary_quantiles

_METHOD = "stationary bootstrap, percentile interval"
_MIN_BLOCKS = 5
"""Blocks' worth of responses that must lie beyond a quantile, else the intervals are too short."""


def open_loop_savings(
    control: ArrayLike,
    treatment: ArrayLike,
    quantiles: Sequence[float] = (0.5, 0.9, 0.95, 0.99),
    *,
    threshold: float = 0.20,
    confidence: float = 0.95,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> tuple[Estimate, ...]:
    """Savings in response time at each quantile, for two series measured at the same offered load.

    Args:
        control: response times in the order of arrival, shape (n,); +inf for failures.
        treatment: the same for the treatment, shape (m,); the series need not be paired.
        quantiles: in 0..1.
        threshold: saving that the p-values test.
        confidence: of the two-sided intervals.
        replicates: B.
        seed: of the generator.

    Returns:
        One estimate per quantile, warned about when the run is short for its memory.
    """
    arms = latencies(control, "control"), latencies(treatment, "treatment")
    seeds = np.random.SeedSequence(seed).generate_state(2).tolist()
    estimates = []
    for q in map(check_quantile, quantiles):
        x, y = (quantile(arm, q) for arm in arms)
        if math.isinf(x) or math.isinf(y):
            reason = f"{statistic_name(q)} is undefined: it falls among failed requests"
            estimates.append(undefined(reason, confidence=confidence, method=_METHOD))
            continue
        lengths = [memory(arm, q) for arm in arms]
        drawn = Replicates(
            *(
                stationary_quantiles(arm, q, length, replicates, own)
                for arm, length, own in zip(arms, lengths, seeds, strict=True)
            )
        )
        estimate = percentile_estimate(
            1 - y / x, drawn, threshold=threshold, confidence=confidence, method=_METHOD
        )
        shortest = min(tail_count(q, len(arm)) / b for arm, b in zip(arms, lengths, strict=True))
        if shortest < _MIN_BLOCKS:
            estimate = estimate.warn(_too_short(q, max(lengths)))
        estimates.append(estimate)
    return tuple(estimates)


def memory(series: FloatArray, q: float) -> float:
    """Block length for a quantile: that of the series "is this response below the quantile?"."""
    return block_length((series <= quantile(series, q)).astype(np.float64))


def _too_short(q: float, length: float) -> str:
    needed = math.ceil(_MIN_BLOCKS * length / min(q, 1 - q))
    return (
        f"responses stay alike for about {length:.0f} requests: for {statistic_name(q)} the run "
        f"should have {needed:,} or more, or be repeated and compared by runs"
    )
