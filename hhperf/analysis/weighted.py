"""Savings where latencies count unequally, of pairs or of two samples that are none."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from hhperf.analysis.estimate import Estimate, Replicates, percentile_estimate, undefined
from hhperf.analysis.ranks import MIN_TAIL, statistic_name, tail_count
from hhperf.analysis.samples import FloatArray, IntArray
from hhperf.errors import SampleError

MOST_REPLICATES, FEWEST_REPLICATES = 2_000, 400
_WORK = 200_000_000
"""Latencies times replicates: beyond it fewer replicates are drawn, at a few seconds' work."""


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """One arm's latencies, each with how many it stands for.

    Attributes:
        values: any unit, +inf for a failed request, shape (n,).
        weights: above 0, shape (n,).
        clusters: codes 0..k-1 of what is resampled as a whole, shape (n,).
    """

    values: FloatArray
    weights: FloatArray
    clusters: IntArray

    @property
    def count(self) -> int:
        """How many clusters there are."""
        return int(self.clusters.max(initial=-1)) + 1

    @property
    def effective(self) -> float:
        """How many latencies of equal weight they are worth (Kish, Survey Sampling, 1965)."""
        return float(self.weights.sum() ** 2 / np.square(self.weights).sum())


def weighted_savings(
    control: Weighed,
    treatment: Weighed,
    quantiles: Sequence[float],
    *,
    paired: bool,
    threshold: float = 0.20,
    confidence: float = 0.95,
    seed: int = 0,
) -> dict[str, Estimate]:
    """The savings at the mean and at each quantile, by a bootstrap of clusters.

    Args:
        control: the latencies of the one arm.
        treatment: those of the other; of pairs in the same order with the same clusters.
        quantiles: in 0..1.
        paired: whether both arms are resampled together.
        threshold: the saving that the p-values test.
        confidence: of the two-sided intervals.
        seed: of the generator.

    Returns:
        By statistic; one that too few latencies know, or that falls among failures, is undefined.

    Raises:
        SampleError: an arm has no latencies, or pairs have unequal clusters.

    Source: Davison and Hinkley, Bootstrap Methods and their Application, 1997, sections 2.4, 3.8.
    """
    if not (len(control.values) and len(treatment.values)):
        raise SampleError("an arm has no latencies")
    if paired and not np.array_equal(control.clusters, treatment.clusters):
        raise SampleError("pairs have the same clusters in both arms")
    names = ["mean", *map(statistic_name, quantiles)]
    drawn = _replicates(control, treatment, quantiles, paired=paired, seed=seed)
    points = [
        _statistics(arm, np.ones((1, arm.count)), quantiles)[:, 0] for arm in (control, treatment)
    ]
    kind = "paired" if paired else "two-sample"
    method = f"weighted {kind} cluster bootstrap, percentile interval"
    found = {}
    for place, name in enumerate(names):
        x, y = points[0][place], points[1][place]
        reason = _obstacle(name, quantiles, place, (control, treatment), (x, y))
        found[name] = (
            undefined(reason, confidence=confidence, method=method)
            if reason
            else percentile_estimate(
                1 - y / x,
                Replicates(drawn[0][place], drawn[1][place]),
                threshold=threshold,
                confidence=confidence,
                method=method,
            )
        )
    return found


def weighted_quantile(values: FloatArray, weights: FloatArray, q: float) -> float:
    """The smallest value with q of the weight at or below it."""
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(reached, q * reached[-1] * (1 - 1e-12))])


def _obstacle(
    name: str,
    quantiles: Sequence[float],
    place: int,
    arms: tuple[Weighed, Weighed],
    points: tuple[float, float],
) -> str:
    if not np.isfinite(points).all():
        return f"{name} is undefined: it falls among failed requests"
    least = min(arm.effective for arm in arms)
    if place and tail_count(quantiles[place - 1], least) < MIN_TAIL - 1e-9:
        return f"{name} is undefined: {least:,.0f} latencies of equal weight are too few to know it"
    return ""


def _replicates(
    control: Weighed, treatment: Weighed, quantiles: Sequence[float], *, paired: bool, seed: int
) -> tuple[FloatArray, FloatArray]:
    """Each statistic of each arm, resampled; shape (1 + quantiles, B)."""
    rng = np.random.default_rng(seed)
    n = len(control.values) + len(treatment.values)
    replicates = int(np.clip(_WORK // n, FEWEST_REPLICATES, MOST_REPLICATES))
    parts: tuple[list[FloatArray], list[FloatArray]] = ([], [])
    for rows in _blocks(replicates, n):
        times = _drawn(rng, rows, control.count)
        parts[0].append(_statistics(control, times, quantiles))
        if not paired:
            times = _drawn(rng, rows, treatment.count)
        parts[1].append(_statistics(treatment, times, quantiles))
    return np.concatenate(parts[0], axis=1), np.concatenate(parts[1], axis=1)


def _blocks(replicates: int, n: int) -> Iterator[int]:
    block = max(4_000_000 // n, 1)
    while replicates > 0:
        yield min(block, replicates)
        replicates -= block


def _drawn(rng: np.random.Generator, rows: int, clusters: int) -> FloatArray:
    """How often each cluster came up, shape (rows, clusters)."""
    drawn = rng.integers(0, clusters, (rows, clusters))
    return np.stack([np.bincount(row, minlength=clusters) for row in drawn]).astype(np.float64)


def _statistics(arm: Weighed, times: FloatArray, quantiles: Sequence[float]) -> FloatArray:
    order = np.argsort(arm.values)
    values = arm.values[order]
    weights = times[:, arm.clusters[order]] * arm.weights[order]
    reached = np.cumsum(weights, axis=1)
    total = reached[:, -1:]
    found = np.empty((1 + len(quantiles), len(times)))
    finite = np.where(np.isfinite(values), values, 0.0)
    failed = weights @ ~np.isfinite(values) > 0
    found[0] = np.where(failed, np.inf, weights @ finite / total[:, 0])
    for place, q in enumerate(quantiles, start=1):
        needed = q * total[:, 0] * (1 - 1e-12)
        spots = [np.searchsorted(row, need) for row, need in zip(reached, needed, strict=True)]
        found[place] = values[np.minimum(spots, len(values) - 1)]
    return found
