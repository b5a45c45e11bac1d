"""Savings in response time under an offered load, as a machine without stalls would show them.

A stall leaves a queue behind, and whoever arrives before it is worked off waits for the stall. So
arrivals within a stall and in the recovery after it, until no more are in flight than when it
began, are left out: a choice by time, never by latency. All others are censored at the first stall
after they were due. Simulated for queues of one and four servers, 50% and 70% busy, with 2% and 6%
lost in pieces of 60 and 400 ms (300,000 arrivals each, work standing still in a stall): while at
most an eighth is left out, p50 to p95 are within 1% of the stall-free ones, where all data are up
to twice as long; beyond an eighth a queue of one server that is 70% busy is 2 to 3% too slow, so
there nothing is said.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from hhperf.analysis.estimate import (
    REPLICATES,
    Estimate,
    Replicates,
    percentile_estimate,
    undefined,
)
from hhperf.analysis.open_loop import (
    MIN_BLOCKS,
    Blocks,
    block_length,
    draw_blocks,
    open_loop_savings,
    too_short,
)
from hhperf.analysis.product_limit import (
    Tries,
    make_tries,
    product_limit_quantile,
    tries_worth,
    weighted_quantiles,
)
from hhperf.analysis.ranks import check_quantile, tail_count
from hhperf.analysis.samples import BoolArray, FloatArray, IntArray, flags, latencies
from hhperf.analysis.stall_free import CURE, too_hidden, why_undefined
from hhperf.errors import SampleError

METHOD = "product limit, stationary bootstrap, percentile interval"
MOST_LEFT_OUT = 1 / 8
"""Share of arrivals in stalls and recoveries beyond which nothing is said of the rest."""

_ELEMENTS = 200_000


@dataclass(frozen=True, slots=True, eq=False)
class ArrivalCensoring:
    """What stalls did to the arrivals of one arm.

    Attributes:
        clean: time from when each request was due to the first stall after it, shape (n,); +inf
            when none came.
        left_out: due within a stall or in the recovery after it, shape (n,).
    """

    clean: FloatArray
    left_out: BoolArray


@dataclass(frozen=True, slots=True, eq=False)
class _Series:
    """One arm in the order of time, and its kept requests in the order of size."""

    n: int
    tries: Tries
    places: IntArray
    clean: FloatArray

    def memory(self, q: float) -> float:
        """Block length of the series "seen, and below the quantile"."""
        limit = product_limit_quantile(self.tries, q)
        below = (self.tries.times <= limit) & self.tries.seen
        return block_length(below[np.argsort(self.places)].astype(np.float64))


def stall_free_open_loop_savings(  # noqa: PLR0913
    control: ArrayLike,
    treatment: ArrayLike,
    censoring: tuple[ArrivalCensoring, ArrivalCensoring],
    quantiles: Sequence[float] = (0.5, 0.9, 0.95, 0.99),
    *,
    threshold: float = 0.20,
    confidence: float = 0.95,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> tuple[Estimate, ...]:
    """Savings in response time at each quantile, stalls aside.

    Args:
        control: response times in the order of arrival, shape (n,); +inf for failures.
        treatment: the same for the treatment, shape (m,); the series need not be paired.
        censoring: what stalls did to the control's arrivals, and to the treatment's.
        quantiles: in 0..1.
        threshold: saving that the p-values test.
        confidence: of the two-sided intervals.
        replicates: B.
        seed: of the generator.

    Returns:
        One estimate per quantile; undefined, with the reason, where stalls left too little.

    Raises:
        SampleError: for unusable response times, or censoring that does not belong to them.
    """
    quantiles = [check_quantile(q) for q in quantiles]
    if reason := _mostly_left_out(censoring):
        return tuple(undefined(reason, confidence=confidence, method=METHOD) for _ in quantiles)
    arms = (
        _series(latencies(control, "control"), censoring[0], "control"),
        _series(latencies(treatment, "treatment"), censoring[1], "treatment"),
    )
    seeds = np.random.SeedSequence(seed).generate_state(2).tolist()
    found = []
    for q in quantiles:
        if reason := _obstacle(arms, q):
            found.append(undefined(reason, confidence=confidence, method=METHOD))
            continue
        x, y = (product_limit_quantile(arm.tries, q) for arm in arms)
        lengths = [arm.memory(q) for arm in arms]
        drawn = Replicates(
            *(
                _resample(arm, q, length, replicates, own)
                for arm, length, own in zip(arms, lengths, seeds, strict=True)
            )
        )
        estimate = percentile_estimate(
            1 - y / x, drawn, threshold=threshold, confidence=confidence, method=METHOD
        )
        worth = [tail_count(q, round(tries_worth(arm.tries, q))) for arm in arms]
        if min(tail / length for tail, length in zip(worth, lengths, strict=True)) < MIN_BLOCKS:
            estimate = estimate.warn(too_short(q, max(lengths)))
        found.append(estimate)
    return tuple(found)


def savings_under_load(
    control: ArrayLike,
    treatment: ArrayLike,
    censoring: tuple[ArrivalCensoring, ArrivalCensoring] | None,
    quantiles: Sequence[float],
    *,
    threshold: float = 0.20,
    confidence: float = 0.95,
    seed: int = 0,
) -> Sequence[Estimate]:
    """Savings in response time, stalls aside where there were any; arguments as above."""
    if censoring is None:
        return open_loop_savings(
            control, treatment, quantiles, threshold=threshold, confidence=confidence, seed=seed
        )
    return stall_free_open_loop_savings(
        control, treatment, censoring, quantiles,
        threshold=threshold, confidence=confidence, seed=seed,
    )  # fmt: skip


def _series(latency: FloatArray, censoring: ArrivalCensoring, name: str) -> _Series:
    left_out = flags(censoring.left_out, f"{name}.left_out")
    if not len(latency) == len(left_out) == len(censoring.clean):
        raise SampleError(f"{name}: {len(latency):,} response times, and censoring of another size")
    kept = np.flatnonzero(~left_out).astype(np.intp)
    clean = np.asarray(censoring.clean, dtype=np.float64)[kept]
    tries = make_tries(latency[kept], clean)
    return _Series(len(latency), tries, kept[tries.order], clean)


def _mostly_left_out(censoring: tuple[ArrivalCensoring, ArrivalCensoring]) -> str | None:
    """Why too little is left to be said of an arm, or None."""
    for name, arm in zip(("control", "treatment"), censoring, strict=True):
        share = float(np.mean(arm.left_out))
        if share > MOST_LEFT_OUT:
            return (
                f"not measurable: {share:.0%} of the {name}'s requests were due in a stall or "
                f"while its queue was worked off ({MOST_LEFT_OUT:.0%} at the most); a lower load, "
                f"or a machine that loses less time would do"
            )
    return None


def _obstacle(arms: tuple[_Series, _Series], q: float) -> str | None:
    """Why the quantile is not measurable, or None."""
    for name, arm in zip(("control", "treatment"), arms, strict=True):
        if reason := too_hidden(name, arm.tries, arm.clean, q):
            return reason.replace(CURE, "a longer run, or a machine that loses less time")
    points = [product_limit_quantile(arm.tries, q) for arm in arms]
    return None if math.isfinite(sum(points)) else why_undefined(q, *points)


def _resample(arm: _Series, q: float, length: float, replicates: int, seed: int) -> FloatArray:
    """The product limit of series made of blocks, shape (replicates,)."""
    rng, rows = np.random.default_rng(seed), max(1, _ELEMENTS // arm.n)
    found = np.empty(replicates)
    for start in range(0, replicates, rows):
        stop = min(start + rows, replicates)
        counts = [_counts(draw_blocks(arm.n, length, rng), arm.n) for _ in range(start, stop)]
        weights = np.stack(counts)[:, arm.places]
        found[start:stop] = weighted_quantiles(arm.tries, weights, np.array([q]))[0]
    return found


def _counts(blocks: Blocks, n: int) -> FloatArray:
    """How often each of the n places was drawn."""
    size = 2 * n + 1
    edges = np.bincount(blocks.starts, minlength=size) - np.bincount(blocks.stops, minlength=size)
    covered = np.cumsum(edges)
    return np.asarray(covered[:n] + covered[n : 2 * n], dtype=np.float64)
