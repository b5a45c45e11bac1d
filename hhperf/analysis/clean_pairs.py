"""Pairs that no stall touched, weighted so that they stand for all.

What needs both latencies of a pair takes pairs whose whole joint window is clean. Long windows are
clean less often, so a pair that was counts for as many as were not: 1/G(L), with G(L) the chance
that a window as long as its own, begun where the run's pairs began, was clean. That chance is not
estimated from the latencies: the time to the next stall is known for every start.
"""

from dataclasses import replace

import numpy as np

from hhperf.analysis.censoring import Censoring
from hhperf.analysis.product_limit import clean_share, distribution, make_tries
from hhperf.analysis.samples import FloatArray, IntArray, Pairs, factorize
from hhperf.analysis.stall_free import LEAST_CLEAN, stretches_of

NEGLIGIBLE = 0.01
"""Share of pairs that may be too long to be seen before nothing is said of pairs."""

METHOD = "pairs in clean windows, weighted by the inverse chance of one"


def clean_pairs(pairs: Pairs, censoring: Censoring) -> tuple[Pairs, Pairs]:
    """The clean pairs with their weights: once in their clusters, once in stretches of time.

    Twice in their clusters where those stretches are too few.

    Raises:
        ValueError: no pair is clean; `joint_obstacle` says so before.

    Source: Horvitz and Thompson, A generalization of sampling without replacement, 1952; for
    censored data, Robins and Rotnitzky, Recovery of information, 1992.
    """
    clean = censoring.joint_clean >= censoring.joint_length
    if not clean.any():
        raise ValueError("no pair is clean")
    weights = 1 / chance_of_clean(censoring.joint_clean, censoring.joint_length[clean])
    alone = Pairs(
        pairs.control[clean],
        pairs.treatment[clean],
        None,
        int(np.count_nonzero(clean)),
        weights / weights.mean(),
    )
    clustered = alone if pairs.clusters is None else _grouped(alone, pairs.clusters[clean])
    return clustered, stretches_of(censoring.blocks[clean], alone) or clustered


def chance_of_clean(clean: FloatArray, lengths: FloatArray) -> FloatArray:
    """Share of starts that were clean for so long, for each length.

    Args:
        clean: time from each start to the first stall after it, shape (n,).
        lengths: any shape.
    """
    shorter = np.searchsorted(np.sort(clean), lengths, "left")
    return np.asarray(1 - shorter / len(clean))


def joint_obstacle(censoring: Censoring) -> str | None:
    """Why stalls leave nothing to be said of pairs, and what would help; None when they do not."""
    windows = make_tries(censoring.joint_length, censoring.joint_clean)
    rare = chance_of_clean(censoring.joint_clean, windows.times) < LEAST_CLEAN
    within = distribution(windows)[~rare].max(initial=0.0)
    if within >= 1 - NEGLIGIBLE:
        return None
    longest = clean_share(censoring.joint_clean, float(np.quantile(windows.times, 1 - NEGLIGIBLE)))
    return (
        f"not measurable: {1 - within:.0%} of pairs take so long, from the first start of the two "
        f"to the last end, that fewer than {LEAST_CLEAN:.0%} of such windows are clean; "
        f"{censoring.relief(longest, LEAST_CLEAN)} would do"
    )


def _grouped(pairs: Pairs, labels: IntArray) -> Pairs:
    codes, count = factorize(labels)
    return replace(pairs, clusters=codes, n_clusters=count)
