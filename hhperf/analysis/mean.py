"""The saving at the mean: a t test on differences and Fieller's interval for the ratio."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from hhperf.analysis.estimate import Estimate, undefined
from hhperf.analysis.samples import FloatArray, Pairs


@dataclass(frozen=True, slots=True)
class Moments:
    """Means and the covariance of those means, for both arms.

    Attributes:
        x: mean of the control.
        y: mean of the treatment.
        var_x: variance of ``x`` (of the mean, not of the latencies).
        var_y: variance of ``y``.
        cov: covariance of ``x`` and ``y``.
        degrees: of freedom, clusters - 1.
    """

    x: float
    y: float
    var_x: float
    var_y: float
    cov: float
    degrees: int

    def variance_at(self, ratio: float) -> float:
        """Variance of ``y - ratio * x``, never below zero."""
        spread = self.var_y - 2 * ratio * self.cov + ratio**2 * self.var_x
        # What is left after cancellation is rounding noise, not spread.
        noise = 1e-14 * (self.var_y + ratio**2 * self.var_x)
        return spread if spread > noise else 0.0


def moments(pairs: Pairs) -> Moments:
    """Means per cluster sum, with their covariance; plain pairs are clusters of one.

    Args:
        pairs: at least two clusters, all latencies finite; each pair counts by its weight.
    """
    x, y = pairs.cluster_sums(pairs.control), pairs.cluster_sums(pairs.treatment)
    return moments_from(len(x), (float(x.mean()), float(y.mean())), np.cov(x, y))


def moments_from(count: int, means: tuple[float, float], covariance: FloatArray) -> Moments:
    """The moments of the means from those of what is sampled.

    Args:
        count: of clusters, or of single pairs.
        means: of the control and of the treatment over them.
        covariance: of both over them, shape (2, 2).
    """
    of_means = covariance / count
    return Moments(
        *means,
        float(of_means[0, 0]),
        float(of_means[1, 1]),
        float(of_means[0, 1]),
        count - 1,
    )


def mean_saving(
    pairs: Pairs,
    *,
    threshold: float = 0.20,
    confidence: float = 0.95,
    timeout: float | None = None,
) -> Estimate:
    """The saving 1 - mean(treatment)/mean(control).

    Args:
        pairs: checked pairs; a failed request (+inf) counts as ``timeout``.
        threshold: saving that the p-value tests.
        confidence: of the two-sided interval.
        timeout: where failed and slower requests are cut, in the unit of the latencies.

    Returns:
        The estimate; undefined when requests failed and there is no timeout.

    Source: Fieller, Some problems in interval estimation, 1954; with cluster sums in place of
    single pairs when there are clusters.
    """
    method = method_of(is_clustered=pairs.clusters is not None)
    failed = int(np.count_nonzero(np.isinf(pairs.control) | np.isinf(pairs.treatment)))
    warnings: tuple[str, ...] = ()
    if failed and timeout is None:
        reason = f"the mean is undefined: {failed:,} pairs have a failed request and no timeout"
        return undefined(reason, confidence=confidence, method=method)
    if failed and timeout is not None:
        pairs = pairs.truncated(timeout)
        warnings = (truncated(timeout, failed),)
    if pairs.n_clusters < 2:
        return _single(pairs, confidence, method, warnings)
    return saving_of(moments(pairs), threshold, confidence, method, warnings)


def truncated(timeout: float, failed: int) -> str:
    """What to say of a mean in which failed requests count as the timeout."""
    return f"mean truncated at the timeout {timeout:g}: {failed:,} pairs failed"


def method_of(*, is_clustered: bool) -> str:
    """How the interval is made, in words."""
    return "Fieller interval, t test" + (" on cluster sums" if is_clustered else "")


def saving_of(
    found: Moments, threshold: float, confidence: float, method: str, warnings: tuple[str, ...] = ()
) -> Estimate:
    """The saving at the mean from its moments."""
    lower, upper = fieller(found, confidence)
    if math.isinf(lower):
        warnings += ("the interval is unbounded: the control's mean is lost in its noise",)
    return Estimate(
        point=1 - found.y / found.x,
        lower=lower,
        upper=upper,
        confidence=confidence,
        p_value=mean_p_value(found, threshold),
        method=method,
        warnings=warnings,
    )


def fieller(found: Moments, confidence: float) -> tuple[float, float]:
    """Interval of the saving: the roots in r of (y - r x)^2 = t^2 var(y - r x).

    Returns:
        Lower and upper end; (-inf, 1) when the mean of x is not told apart from zero.
    """
    critical = float(special.stdtrit(found.degrees, 0.5 + confidence / 2))
    return ratio_interval(found, critical)


def ratio_interval(found: Moments, critical: float) -> tuple[float, float]:
    """All savings 1 - r with (y - r x)^2 <= critical^2 var(y - r x)."""
    square = critical**2
    a = found.x**2 - square * found.var_x
    if a <= 0 or not math.isfinite(a):
        return -math.inf, 1.0
    b = found.x * found.y - square * found.cov
    c = found.y**2 - square * found.var_y
    root = math.sqrt(max(b * b - a * c, 0.0))
    point = 1 - found.y / found.x
    # Latencies are positive, so no ratio is negative; rounding must not lose the point.
    return min(1 - (b + root) / a, point), min(max(1 - (b - root) / a, point), 1.0)


def mean_p_value(found: Moments, threshold: float) -> float:
    """One-sided p-value of "the saving is at most the threshold"."""
    ratio = 1 - threshold
    difference = found.y - ratio * found.x
    spread = math.sqrt(found.variance_at(ratio))
    if spread == 0:
        return 0.0 if difference < -1e-12 * found.x else 1.0
    return float(special.stdtr(found.degrees, difference / spread))


def _single(pairs: Pairs, confidence: float, method: str, warnings: tuple[str, ...]) -> Estimate:
    point = 1 - float(pairs.treatment.mean() / pairs.control.mean())
    only = "pair" if pairs.clusters is None else "cluster"
    reason = f"one {only} has no spread to judge by"
    return Estimate(point, -math.inf, 1.0, confidence, 1.0, method, (*warnings, reason))
