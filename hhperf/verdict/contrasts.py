"""Contrasts between groups of pairs on the log scale, with errors that allow for clusters."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from hhperf.analysis.estimate import Estimate
from hhperf.analysis.samples import FloatArray, IntArray

METHOD = "t interval of mean log ratios"
LEAST_IN_A_GROUP = 2


@dataclass(frozen=True, slots=True)
class Contrast:
    """A weighted sum of group means of log ratios.

    Attributes:
        value: the sum.
        error: its standard error.
        degrees: of freedom.
    """

    value: float
    error: float
    degrees: int

    def saving(self, confidence: float, *, questions: int = 1) -> Estimate:
        """As a saving, 1 - exp(value), with its interval.

        Args:
            confidence: of the intervals of all questions together.
            questions: how many contrasts of the same data are looked at, by Bonferroni.
        """
        tail = (1 - confidence) / questions / 2
        half = float(special.stdtrit(self.degrees, 1 - tail)) * self.error
        lower, point, upper = (-math.expm1(self.value + shift) for shift in (half, 0.0, -half))
        return Estimate(point, lower, upper, confidence, method=METHOD)


def contrast(
    ratios: FloatArray, weights: FloatArray, groups: IntArray, clusters: IntArray | None
) -> Contrast | None:
    """Sum the means of some log ratios over groups of pairs, each with its weight.

    Args:
        ratios: one row a kind of log ratio, shape (m, n).
        weights: of each kind's mean in each group, shape (m, k).
        groups: the group of each pair, shape (n,), 0..k-1.
        clusters: labels 0.. of what is sampled as a whole, shape (n,); None for single pairs.

    Returns:
        None where a group has fewer than two pairs, or there are no more clusters than groups.

    Source: the sandwich variance of a linear regression on groups, with sums over clusters
    (Liang and Zeger, Longitudinal data analysis using generalized linear models, 1986), times
    g / (g - k) for g clusters.
    """
    kinds, count = weights.shape
    sizes = np.bincount(groups, minlength=count)
    sampled = len(groups) if clusters is None else len(np.unique(clusters))
    if too_few(sizes, sampled):
        return None
    sums = [np.bincount(groups, weights=row, minlength=count) for row in ratios]
    means = np.stack(sums).reshape(kinds, count) / sizes
    pulls = (weights[:, groups] * (ratios - means[:, groups])).sum(axis=0) / sizes[groups]
    pulls = pulls if clusters is None else np.bincount(clusters, weights=pulls)
    return contrast_of(means, weights, float(np.sum(pulls**2)), sampled)


def too_few(sizes: NDArray[np.int64], sampled: int) -> bool:
    """Whether groups of such sizes, of so many clusters or pairs, have no contrast."""
    return bool(sizes.min() < LEAST_IN_A_GROUP) or sampled <= len(sizes)


def contrast_of(means: FloatArray, weights: FloatArray, squares: float, sampled: int) -> Contrast:
    """The same from what was found in each group.

    Args:
        means: of each kind of log ratio in each group, shape (m, k).
        weights: of each, shape (m, k).
        squares: of what each cluster pulls the sum by, summed.
        sampled: how many clusters there are, or pairs.
    """
    degrees = sampled - means.shape[1]
    error = math.sqrt(squares * sampled / degrees)
    return Contrast(float((weights * means).sum()), error, degrees)
