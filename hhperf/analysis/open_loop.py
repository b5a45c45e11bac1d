"""Savings in response time under an offered load, with what requests in a queue have in common."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from hhperf.analysis.estimate import (
    REPLICATES,
    Estimate,
    Replicates,
    percentile_estimate,
    undefined,
)
from hhperf.analysis.ranks import check_quantile, quantile, statistic_name, tail_count
from hhperf.analysis.samples import FloatArray, latencies
from hhperf.analysis.stall_free_open_loop import (
    ArrivalCensoring,
    mostly_left_out,
    stall_free_series,
)
from hhperf.analysis.stationary import block_length, stationary_quantiles

METHOD = "stationary bootstrap, percentile interval"
WITHOUT_STALLS = f"product limit, {METHOD}"
MIN_BLOCKS = 5
"""Blocks' worth of responses that must lie beyond a quantile, else the intervals are too short."""

BothCensored = tuple[ArrivalCensoring, ArrivalCensoring]


class _Arm(Protocol):
    """One arm's response times."""

    def point(self, q: float) -> float:
        """The quantile."""

    def obstacle(self, q: float) -> str | None:
        """Why there is none, or None."""

    def memory(self, q: float) -> float:
        """Block length for the quantile: of the series "is this response below it?"."""

    def resampled(self, q: float, length: float, replicates: int, seed: int) -> FloatArray:
        """The quantile of each replicate, shape (replicates,)."""

    def worth(self, q: float) -> int:
        """How many responses know the quantile."""


@dataclass(frozen=True, slots=True, eq=False)
class _Series:
    """All responses, in the order of arrival."""

    times: FloatArray

    def point(self, q: float) -> float:
        return quantile(self.times, q)

    def obstacle(self, q: float) -> str | None:
        if math.isfinite(self.point(q)):
            return None
        return f"{statistic_name(q)} is undefined: it falls among failed requests"

    def memory(self, q: float) -> float:
        return block_length((self.times <= self.point(q)).astype(np.float64))

    def resampled(self, q: float, length: float, replicates: int, seed: int) -> FloatArray:
        return stationary_quantiles(self.times, q, length, replicates, seed)

    def worth(self, _: float) -> int:
        return len(self.times)


def open_loop_savings(  # noqa: PLR0913
    control: ArrayLike,
    treatment: ArrayLike,
    quantiles: Sequence[float] = (0.5, 0.9, 0.95, 0.99),
    *,
    threshold: float = 0.20,
    confidence: float = 0.95,
    censoring: BothCensored | None = None,
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
        censoring: what stalls did to the control's arrivals and to the treatment's; the savings
            are then those without stalls.
        replicates: B.
        seed: of the generator.

    Returns:
        One estimate per quantile; undefined, with the reason, where failures or stalls leave too
        little, and warned about when the run is short for its memory.

    Raises:
        SampleError: for unusable response times, or censoring that does not belong to them.
    """
    quantiles = [check_quantile(q) for q in quantiles]
    times = latencies(control, "control"), latencies(treatment, "treatment")
    method = METHOD if censoring is None else WITHOUT_STALLS
    if censoring is not None and (reason := mostly_left_out(censoring)):
        return tuple(undefined(reason, confidence=confidence, method=method) for _ in quantiles)
    arms = _arms(times, censoring)
    seeds = np.random.SeedSequence(seed).generate_state(2).tolist()
    found = []
    for q in quantiles:
        if reason := arms[0].obstacle(q) or arms[1].obstacle(q):
            found.append(undefined(reason, confidence=confidence, method=method))
            continue
        lengths = [arm.memory(q) for arm in arms]
        drawn = Replicates(
            *(
                arm.resampled(q, length, replicates, own)
                for arm, length, own in zip(arms, lengths, seeds, strict=True)
            )
        )
        saving = 1 - arms[1].point(q) / arms[0].point(q)
        estimate = percentile_estimate(
            saving, drawn, threshold=threshold, confidence=confidence, method=method
        )
        tails = [tail_count(q, arm.worth(q)) for arm in arms]
        if min(tail / length for tail, length in zip(tails, lengths, strict=True)) < MIN_BLOCKS:
            estimate = estimate.warn(_too_short(q, max(lengths)))
        found.append(estimate)
    return tuple(found)


def _arms(
    times: tuple[FloatArray, FloatArray], censoring: BothCensored | None
) -> tuple[_Arm, _Arm]:
    if censoring is None:
        return _Series(times[0]), _Series(times[1])
    return (
        stall_free_series(times[0], censoring[0], "control"),
        stall_free_series(times[1], censoring[1], "treatment"),
    )


def _too_short(q: float, length: float) -> str:
    needed = math.ceil(MIN_BLOCKS * length / min(q, 1 - q))
    return (
        f"responses stay alike for about {length:.0f} requests: for {statistic_name(q)} the run "
        f"should have {needed:,} or more, or be repeated and compared by runs"
    )
