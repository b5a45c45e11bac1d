"""The savings at quantiles as a machine without stalls would show them.

Product limit of both arms in every bootstrap replicate, with the same weights for the two of a
pair. One stall meets all that is in flight, so stretches of time are resampled as well as clusters
of requests, and each end of the interval is that of the resampling that says less.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from hhperf.analysis.bootstrap import canonical_clusters
from hhperf.analysis.censoring import Censoring
from hhperf.analysis.clusters import FEWEST_CLUSTERS, effective_clusters
from hhperf.analysis.draws import make_cells
from hhperf.analysis.estimate import (
    REPLICATES,
    Estimate,
    Replicates,
    percentile_estimate,
    undefined,
)
from hhperf.analysis.product_limit import (
    Tries,
    clean_share,
    make_tries,
    product_limit_quantile,
    tries_worth,
    weighted_quantiles,
    worth_measuring,
)
from hhperf.analysis.ranks import check_quantile, pairs_to_measure, statistic_name
from hhperf.analysis.relief import Relief
from hhperf.analysis.samples import FloatArray, IntArray, Pairs, factorize

METHOD = "product limit, paired bootstrap of clusters and of stretches of time, percentile interval"
LEAST_CLEAN = 1 / 20
"""Share of stretches as long as a latency that must be clean for it to be known at all."""


@dataclass(frozen=True, slots=True, eq=False)
class StallFreePairs:
    """Both arms cut at their stalls, and the two ways to resample them.

    Attributes:
        arms: control and treatment, in order.
        censoring: what stalls did, in the order of the pairs.
        clusters: code of each pair's cluster, shape (n,).
        blocks: code of the stretch of time each pair began in, shape (n,).
    """

    arms: tuple[Tries, Tries]
    censoring: Censoring
    clusters: IntArray
    blocks: IntArray


def cut_at_stalls(pairs: Pairs, censoring: Censoring) -> StallFreePairs:
    """Sort each arm once, for any number of quantiles."""
    clusters, stretches = canonical_clusters(pairs), stretches_of(censoring.blocks, pairs)
    return StallFreePairs(
        (
            make_tries(pairs.control, censoring.control_clean),
            make_tries(pairs.treatment, censoring.treatment_clean),
        ),
        censoring,
        clusters,
        clusters if stretches is None else canonical_clusters(stretches),
    )


def stall_free_savings(
    cut: StallFreePairs,
    quantiles: Sequence[float],
    *,
    threshold: float = 0.20,
    confidence: float = 0.95,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> tuple[Estimate, ...]:
    """The savings 1 - Q(treatment)/Q(control) at each quantile, stalls aside.

    Args:
        cut: both arms.
        quantiles: in 0..1.
        threshold: saving that the p-values test.
        confidence: of the two-sided intervals.
        replicates: B, of each of the two resamplings.
        seed: of the generator.

    Returns:
        One estimate a quantile; undefined where an arm's quantile falls among its failures or
        among what stalls hid. Whether it is measurable is `stall_obstacle`'s to say.
    """
    grid = [check_quantile(q) for q in quantiles]
    both = stall_free_replicates(cut, grid, replicates=replicates, seed=seed)
    found = []
    for q, *drawn in zip(grid, *both, strict=True):
        x, y = (product_limit_quantile(arm, q) for arm in cut.arms)
        if not math.isfinite(x + y):
            found.append(undefined(why_undefined(q, x, y), confidence=confidence, method=METHOD))
            continue
        found.append(
            wider(
                *(
                    percentile_estimate(
                        1 - y / x, each, threshold=threshold, confidence=confidence, method=METHOD
                    )
                    for each in drawn
                )
            )
        )
    return tuple(found)


def stall_free_replicates(
    cut: StallFreePairs, quantiles: Sequence[float], *, replicates: int, seed: int
) -> tuple[list[Replicates], list[Replicates]]:
    """Every quantile of both arms, resampled by clusters of requests and by stretches of time.

    Returns:
        A list over the quantiles for each way of resampling; a list's quantiles share each draw.
    """
    by_clusters, by_blocks = (
        _resample(cut.arms, codes, np.array(quantiles), replicates, seed)
        for codes in (cut.clusters, cut.blocks)
    )
    return by_clusters, by_blocks


def wider(first: Estimate, second: Estimate) -> Estimate:
    """The estimate with the ends, and the p-value, that claim less."""
    return replace(
        first,
        lower=min(first.lower, second.lower),
        upper=max(first.upper, second.upper),
        p_value=max(first.p_value, second.p_value),
    )


def stall_obstacle(cut: StallFreePairs, q: float) -> str | None:
    """Why stalls leave the quantile not measurable, and what would help; None when it is."""
    clean = cut.censoring.control_clean, cut.censoring.treatment_clean
    for name, arm, times in zip(("control", "treatment"), cut.arms, clean, strict=True):
        if found := too_hidden(name, arm, times, q, cut.censoring.relief):
            return found
    return None


def too_hidden(name: str, arm: Tries, clean: FloatArray, q: float, relief: Relief) -> str | None:
    """Why an arm does not know its quantile, or None.

    Args:
        name: of the arm.
        arm: its tries.
        clean: time from each start to the first stall after it.
        q: the quantile.
        relief: what would help.
    """
    point = product_limit_quantile(arm, q)
    if math.isinf(point):
        return None  # among the failures, which the estimate says itself
    # Where the quantile is hidden, the longest latency that was seen is shorter than it.
    longest = float(arm.times[arm.seen].max(initial=0.0)) if math.isnan(point) else point
    share = clean_share(clean, longest)
    if share < LEAST_CLEAN:
        return (
            f"not measurable: the machine stalls so often that only {share:.1%} of stretches as "
            f"long as the {name}'s {statistic_name(q)} are clean ({LEAST_CLEAN:.0%} at the "
            f"least); {relief(share, LEAST_CLEAN)} would do"
        )
    worth = tries_worth(arm, q)
    if worth_measuring(q, worth):
        return None
    least = pairs_to_measure(q)
    helps = relief(worth / arm.n, least / arm.n, least / worth if worth else None)
    return (
        f"not measurable: with what stalls hid, the {name}'s {arm.n:,} requests are worth "
        f"{worth:,.0f} at {statistic_name(q)}, too few; {helps} would do"
    )


def stretches_of(blocks: IntArray, pairs: Pairs) -> Pairs | None:
    """The pairs by stretches of time instead of clusters; None where those are too few to resample.

    What is left then is the resampling of requests. It is what matters more: given when the machine
    stalled, what single requests say of a time is independent of what others do.
    """
    codes, count = factorize(blocks)
    if effective_clusters(np.bincount(codes)) < FEWEST_CLUSTERS:
        return None
    return replace(pairs, clusters=codes, n_clusters=count)


def _resample(
    arms: tuple[Tries, Tries],
    codes: IntArray,
    quantiles: FloatArray,
    replicates: int,
    seed: int,
) -> list[Replicates]:
    count = int(codes.max()) + 1
    cells = make_cells(np.ones(count, dtype=np.bool_), [np.ones(count, dtype=np.intp)])
    found = np.empty((len(arms), len(quantiles), replicates))
    position = 0
    for counts in cells.draw(replicates, len(codes), seed):
        rows = slice(position, position + len(counts))
        for arm, tries in enumerate(arms):
            weights = np.take(counts, codes[tries.order], axis=1)
            found[arm, :, rows] = weighted_quantiles(tries, weights, quantiles)
        position += len(counts)
    return [Replicates(x, y) for x, y in zip(*found, strict=True)]


def why_undefined(q: float, x: float, y: float) -> str:
    """In words, why one of two quantiles is infinite (failures) or NaN (hidden)."""
    arms = ("control", x), ("treatment", y)
    hidden = " and ".join(name for name, point in arms if math.isnan(point))
    if hidden:
        return f"{statistic_name(q)} is not seen: stalls hid what took so long in the {hidden}"
    failed = " and ".join(name for name, point in arms if math.isinf(point))
    return f"{statistic_name(q)} is undefined: it falls among failed requests of the {failed}"
