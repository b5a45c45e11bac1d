"""The savings of pairs that do not fit into memory, with the numbers that they have in memory.

Quantiles, their intervals and the score test are exact: order statistics by selection, replicates
from the few values they can fall on and from counts by cluster. Sums are added up part by part, so
that means differ from those in memory by rounding, some 1e-12 of them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hhperf.analysis.bootstrap import places_needed, resample
from hhperf.analysis.comparison import Comparison, Failures, judge
from hhperf.analysis.density import half_window
from hhperf.analysis.estimate import REPLICATES, Estimate, Replicates, undefined
from hhperf.analysis.estimators import OrderStatistic, Window
from hhperf.analysis.mean import method_of, saving_of, truncated
from hhperf.analysis.multinomial import draw_ranks
from hhperf.analysis.obstacles import COARSE, cautions_of, obstacle_of
from hhperf.analysis.passes import Column, Passes
from hhperf.analysis.power import Extension
from hhperf.analysis.quantiles import BY_CLUSTERS, BY_PAIRS, saving_at
from hhperf.analysis.ranks import measurable, rank_of, statistic_name
from hhperf.analysis.samples import FloatArray, IntArray
from hhperf.analysis.savings import MEAN, primary_of
from hhperf.analysis.score import p_value_of, weight_of
from hhperf.analysis.selection import Place, Selection
from hhperf.analysis.tallies import (
    Both,
    Limit,
    joint_upto,
    low_in_both,
    masses,
    moments_in_passes,
    upto_by_cluster,
)

_REACH = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class LargePairs:
    """Pairs in parts.

    Attributes:
        passes: over the parts.
        selection: over the same.
        arms: the columns of the control and of the treatment.
        n: pairs.
        sizes: pairs in each cluster, shape (n_clusters,); None for single pairs.
        failed: failed requests of the control, of the treatment, and pairs with either.
    """

    passes: Passes
    selection: Selection
    arms: tuple[str, str]
    n: int
    sizes: IntArray | None
    failed: tuple[int, int, int]

    @property
    def columns(self) -> tuple[Column, Column]:
        """The arms as they are."""
        return (self.arms[0], 1.0), (self.arms[1], 1.0)

    @property
    def clusters(self) -> int | None:
        """How many there are."""
        return None if self.sizes is None else len(self.sizes)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of large pairs, as `compare_samples` has it."""

    quantiles: Sequence[float]
    threshold: float = 0.20
    confidence: float = 0.95
    timeout: float | None = None
    replicates: int = REPLICATES
    seed: int = 0


def compare_in_passes(pairs: LargePairs, asked: Asked, *, cluster_level: str | None) -> Comparison:
    """As `compare_samples`, without the pairs in memory.

    Args:
        pairs: in parts.
        asked: the question.
        cluster_level: what the clusters are, for the reader.
    """
    names = [MEAN, *map(statistic_name, asked.quantiles)]
    estimates = [mean_in_passes(pairs, asked), *quantiles_in_passes(pairs, asked)]
    scores = [None, *_scores(pairs, asked)]
    plan = Extension(pairs.n, asked.threshold, asked.threshold + 0.05)
    distinct = min(pairs.selection.distinct(each, COARSE) for each in pairs.columns)
    return Comparison(
        threshold=asked.threshold,
        confidence=asked.confidence,
        n_pairs=pairs.n,
        n_clusters=pairs.clusters,
        cluster_level=cluster_level,
        primary=primary_of(names),
        results=tuple(
            judge(
                name,
                estimate,
                obstacle=obstacle_of(pairs.n, pairs.sizes, name),
                plan=plan,
                score=score,
            )
            for name, estimate, score in zip(names, estimates, scores, strict=True)
        ),
        failures=Failures(*pairs.failed[:2]),
        warnings=cautions_of(pairs.n, pairs.sizes, distinct),
    )


def mean_in_passes(pairs: LargePairs, asked: Asked) -> Estimate:
    """The saving at the mean; undefined when requests failed and there is no timeout."""
    method, failed = method_of(is_clustered=pairs.sizes is not None), pairs.failed[2]
    if failed and asked.timeout is None:
        reason = f"the mean is undefined: {failed:,} pairs have a failed request and no timeout"
        return undefined(reason, confidence=asked.confidence, method=method)
    cut = asked.timeout if failed else None
    warnings = () if cut is None else (truncated(cut, failed),)
    found = moments_in_passes(pairs.passes, pairs.arms, cut, pairs.clusters)
    return saving_of(found, asked.threshold, asked.confidence, method, warnings)


def quantiles_in_passes(pairs: LargePairs, asked: Asked) -> list[Estimate]:
    """The saving at each quantile."""
    quantiles, n = asked.quantiles, pairs.n
    points = _at(pairs, quantiles)
    if pairs.sizes is None:
        method, drawn = BY_PAIRS, _by_pairs(pairs, points, asked)
    else:
        method, drawn = BY_CLUSTERS, _by_clusters(pairs, pairs.sizes, points, asked)
    return [
        undefined(f"{n:,} pairs are too few for it", confidence=asked.confidence, method=method)
        if replicates is None
        else saving_at(
            q,
            both,
            replicates,
            failed=[count / n for count in pairs.failed[:2]],
            threshold=asked.threshold,
            confidence=asked.confidence,
            method=method,
        )
        for q, both, replicates in zip(quantiles, points, drawn, strict=True)
    ]


def _at(pairs: LargePairs, quantiles: Sequence[float]) -> list[tuple[float, float]]:
    """Both arms' quantiles."""
    ranks = [rank_of(q, pairs.n) for q in quantiles]
    places = [Place((each,), rank - 1, rank) for rank in ranks for each in pairs.columns]
    found = pairs.selection.values(places)
    return list(zip(found[::2], found[1::2], strict=True))


def _by_pairs(
    pairs: LargePairs, points: Sequence[tuple[float, float]], asked: Asked
) -> list[Replicates | None]:
    """The replicates of each quantile of independent pairs; None where too few lie beyond it."""
    columns, n = pairs.columns, pairs.n
    known = [(q, both) for q, both in zip(asked.quantiles, points, strict=True) if measurable(q, n)]
    limits: list[Both] = [((columns[0], x), (columns[1], y)) for _, (x, y) in known]
    low = low_in_both(pairs.passes, limits, [rank_of(q, n) for q, _ in known])
    ranks = [
        draw_ranks(n, q, each, replicates=asked.replicates, seed=asked.seed)
        for (q, _), each in zip(known, low, strict=True)
    ]
    places = [
        Place((column,), int(mine.min()) - 1, int(mine.max()))
        for both in ranks
        for column, mine in zip(columns, both, strict=True)
    ]
    windows = iter(pairs.selection.windows(places))
    found = {
        q: Replicates(*(_ranked(next(windows), mine) for mine in both))
        for (q, _), both in zip(known, ranks, strict=True)
    }
    return [found.get(q) for q in asked.quantiles]


def _ranked(window: Window, ranks: IntArray) -> FloatArray:
    return window.values[ranks - 1 - window.start]


def _by_clusters(
    pairs: LargePairs, sizes: IntArray, points: Sequence[tuple[float, float]], asked: Asked
) -> list[Replicates | None]:
    """The replicates of each quantile by clusters.

    One quantile at a time, since clusters that differ make windows of millions of values.
    """
    limits = [each for both in points for each in zip(pairs.columns, both, strict=True)]
    under = upto_by_cluster(pairs.passes, limits, len(sizes)).reshape(-1, 2, len(sizes))
    return [
        _replicates(pairs, sizes, OrderStatistic(q), counts, asked)
        for q, counts in zip(asked.quantiles, under, strict=True)
    ]


def _replicates(
    pairs: LargePairs,
    sizes: IntArray,
    estimator: OrderStatistic,
    under: NDArray[np.int64],
    asked: Asked,
) -> Replicates:
    """Of one quantile; windows that were too narrow are widened."""
    reach = _REACH
    while True:
        wanted = [places_needed(estimator, counts, sizes, reach) for counts in under]
        windows = pairs.selection.windows(
            [
                Place((column,), place.start, place.stop)
                for column, place in zip(pairs.columns, wanted, strict=True)
            ]
        )
        drawn = resample(
            windows, [estimator] * 2, sizes, replicates=asked.replicates, seed=asked.seed
        )
        if drawn is not None:
            return Replicates(*drawn)
        reach *= 2


def _scores(pairs: LargePairs, asked: Asked) -> list[float]:
    """The score test's p-value at each quantile; see `score.score_statistic`."""
    control, treatment = pairs.columns
    scaled = (control[0], 1 - asked.threshold)
    ranks = []
    for q in asked.quantiles:
        half = half_window(q, 2 * pairs.n)
        ranks += [rank_of(each, 2 * pairs.n) for each in (q, q - half, q + half)]
    together = (scaled, treatment)
    found = pairs.selection.values([Place(together, rank - 1, rank) for rank in ranks])
    centres, lows, highs = found[::3], found[1::3], found[2::3]
    limits: list[Limit] = []
    for low, centre, high in zip(lows, centres, highs, strict=True):
        limits += [(each, low, "left") for each in together]
        limits += [(each, limit, "right") for limit in (centre, high) for each in together]
    near = masses(pairs.passes, limits).reshape(-1, 3, 2)
    noises = _noises(pairs, together, centres, near, asked.quantiles)
    p_values = []
    for centre, mine, noise in zip(centres, near, noises, strict=True):
        surplus = float(mine[1][1] - mine[1][0]) / 2
        score = surplus / noise if noise > 0 else 0.0
        p_values.append(math.nan if math.isinf(centre) else p_value_of(score))
    return p_values


def _noises(
    pairs: LargePairs,
    together: tuple[Column, Column],
    centres: Sequence[float],
    near: NDArray[np.int64],
    quantiles: Sequence[float],
) -> list[float]:
    """The noise of each score, from counts at or below its centre by cluster or over all."""
    scaled, treatment = together
    weights = [weight_of(tuple(each[0]), tuple(each[2])) for each in near]
    if pairs.sizes is None:
        counts = joint_upto(pairs.passes, [((scaled, each), (treatment, each)) for each in centres])
        is_below = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
        pulls = [
            (1 - weight) * (is_below[:, 1] - q) - weight * (is_below[:, 0] - q)
            for q, weight in zip(quantiles, weights, strict=True)
        ]
        return [
            math.sqrt(float(np.sum(mine * pull**2)))
            for mine, pull in zip(counts, pulls, strict=True)
        ]
    limits = [(each, centre) for centre in centres for each in together]
    under = upto_by_cluster(pairs.passes, limits, len(pairs.sizes)).reshape(len(centres), 2, -1)
    return [
        math.sqrt(
            float(
                np.sum(((1 - weight) * (y - q * pairs.sizes) - weight * (z - q * pairs.sizes)) ** 2)
            )
        )
        for q, weight, (z, y) in zip(quantiles, weights, under, strict=True)
    ]
