"""What keeps a number from carrying a verdict, and what to be careful about."""

from collections.abc import Sequence

import numpy as np

from hhperf.analysis.clusters import ENOUGH_CLUSTERS, FEWEST_CLUSTERS, effective_clusters
from hhperf.analysis.ranks import measurable, pairs_to_measure, parse_statistic, statistic_name
from hhperf.analysis.samples import FloatArray, IntArray, Pairs
from hhperf.analysis.score import SortedPairs

COARSE = 50  # distinct latencies below which ties, not noise, decide where a quantile falls


def obstacle(pairs: Pairs, statistic: str) -> str | None:
    """Why the statistic is not measurable in these pairs, or None."""
    return obstacle_of(pairs.n, None if pairs.clusters is None else pairs.cluster_sizes, statistic)


def obstacle_of(n: int, sizes: IntArray | None, statistic: str) -> str | None:
    """The same of so many pairs in clusters of such sizes; None for single pairs."""
    q = parse_statistic(statistic)
    found = _few_clusters(sizes)
    return found or (_few_pairs(n) if q is None else _thin_tail(n, q))


def obstacle_in_runs(runs: Sequence[Pairs], statistic: str) -> str | None:
    """The same for several runs, each of which must be able to tell."""
    for number, pairs in enumerate(runs, 1):
        if found := obstacle(pairs, statistic):
            return f"{found}; run {number} has {pairs.n:,}"
    return None


def _few_clusters(sizes: IntArray | None) -> str | None:
    if sizes is None:
        return None
    worth = effective_clusters(sizes)
    if worth >= FEWEST_CLUSTERS:
        return None
    return (
        f"not measurable: {len(sizes):,} clusters, worth {worth:.0f} equal ones, are too "
        f"few to resample ({FEWEST_CLUSTERS} at the least)"
    )


def _few_pairs(n: int) -> str | None:
    if n >= FEWEST_CLUSTERS:
        return None
    return f"not measurable: the mean takes {FEWEST_CLUSTERS} pairs or more"


def _thin_tail(n: int, q: float) -> str | None:
    if measurable(q, n):
        return None
    return f"not measurable: {statistic_name(q)} takes {pairs_to_measure(q):,} pairs or more"


def cautions(arms: SortedPairs) -> tuple[str, ...]:
    """Warnings that concern every number."""
    pairs = arms.pairs
    distinct = min(_distinct(arms.control), _distinct(arms.treatment))
    sizes = None if pairs.clusters is None else pairs.cluster_sizes
    return cautions_of(pairs.n, sizes, distinct)


def cautions_of(n: int, sizes: IntArray | None, distinct: int) -> tuple[str, ...]:
    """The same of so many pairs in clusters of such sizes.

    Args:
        n: pairs.
        sizes: pairs in each cluster; None for single pairs.
        distinct: how many different latencies the arm has that has fewer, counted up to `COARSE`.
    """
    found = []
    if sizes is not None:
        worth = effective_clusters(sizes)
        if worth < ENOUGH_CLUSTERS:
            found.append(
                f"{len(sizes):,} clusters, worth {worth:.0f} equal ones: with fewer than "
                f"{ENOUGH_CLUSTERS} the intervals are too short"
            )
    if distinct < min(n, COARSE):
        found.append(
            f"an arm has only {distinct:,} distinct latencies: its clock is too coarse for the "
            f"intervals to be trusted"
        )
    return tuple(found)


def _distinct(ordered: FloatArray) -> int:
    return 1 + int(np.count_nonzero(ordered[1:] != ordered[:-1]))
