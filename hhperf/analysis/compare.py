"""Two arms in, savings with verdicts out."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from hhperf.analysis.clusters import ENOUGH_CLUSTERS, FEWEST_CLUSTERS, effective_clusters
from hhperf.analysis.comparison import Comparison, Failures, StatisticResult
from hhperf.analysis.estimate import Estimate
from hhperf.analysis.gate import Gate
from hhperf.analysis.mean import mean_saving
from hhperf.analysis.power import Extension
from hhperf.analysis.quantiles import Estimator, quantile_savings
from hhperf.analysis.ranks import MIN_TAIL, measurable, statistic_name
from hhperf.analysis.replicates import REPLICATES
from hhperf.analysis.samples import FloatArray, Pairs, make_pairs
from hhperf.analysis.score import SortedPairs, score_p_value, sort_pairs
from hhperf.analysis.verdict import Verdict, decide
from hhperf.errors import SampleError

QUANTILES = (0.5, 0.9, 0.95, 0.99)
MEAN = "mean"
_COARSE = 50  # distinct latencies below which ties, not noise, decide where a quantile falls


def compare_samples(  # noqa: PLR0913
    control: ArrayLike,
    treatment: ArrayLike,
    clusters: ArrayLike | None = None,
    *,
    threshold: float = 0.20,
    quantiles: Sequence[float] = QUANTILES,
    primary: str | None = None,
    confidence: float = 0.95,
    alternative: float | None = None,
    timeout: float | None = None,
    gates: Sequence[Gate] = (),
    cluster_level: str | None = None,
    estimator: Estimator = "order-statistic",
    replicates: int = REPLICATES,
    seed: int = 0,
) -> Comparison:
    """Say whether the treatment saves more than ``threshold`` of the control's latency.

    Args:
        control: latencies of the control arm, shape (n,), any unit; +inf for a failed request.
        treatment: latencies of the same requests under the treatment arm, in the same order.
        clusters: one label per pair of what is resampled as a whole; None resamples single pairs,
            which speaks of this log only.
        threshold: the saving that is claimed, below 1.
        quantiles: to compare at, in 0..1; the mean always comes along.
        primary: the statistic that the overall verdict stands on (``"p95"``, ``"mean"``); p95 by
            default, or the last of ``quantiles`` if p95 is not among them.
        confidence: of the two-sided intervals; the verdicts are read off them.
        alternative: the true saving that the pairs still needed are worked out for; five points
            above the threshold by default.
        timeout: where failed requests are cut for the mean, in the unit of the latencies.
        gates: validity gates of the run; one that failed voids every verdict.
        cluster_level: what the clusters are, for the reader.
        estimator: of quantiles, ``"order-statistic"`` or ``"harrell-davis"``.
        replicates: bootstrap resamples.
        seed: of the generator; the same data and seed give the same result.

    Returns:
        The savings, each with interval, p-value, verdict, method and warnings.

    Raises:
        SampleError: for latencies or options that nothing can be computed from.
    """
    _check_options(threshold, confidence, timeout, replicates)
    pairs = make_pairs(control, treatment, clusters)
    names = [MEAN, *map(statistic_name, quantiles)]
    estimates = [
        mean_saving(pairs, threshold=threshold, confidence=confidence, timeout=timeout),
        *quantile_savings(
            pairs,
            quantiles,
            threshold=threshold,
            confidence=confidence,
            estimator=estimator,
            replicates=replicates,
            seed=seed,
        ),
    ]
    arms = sort_pairs(pairs)
    scores = [None, *(score_p_value(arms, q, threshold=threshold) for q in quantiles)]
    obstacles = [_few_pairs(pairs.n), *(_thin_tail(pairs.n, q) for q in quantiles)]
    plan = Extension(pairs.n, threshold, threshold + 0.05 if alternative is None else alternative)
    results = tuple(
        _judge(name, estimate, score, _few_clusters(pairs) or obstacle, plan)
        for name, estimate, score, obstacle in zip(names, estimates, scores, obstacles, strict=True)
    )
    return Comparison(
        threshold=threshold,
        confidence=confidence,
        n_pairs=pairs.n,
        n_clusters=None if pairs.clusters is None else pairs.n_clusters,
        cluster_level=cluster_level,
        primary=_primary(primary, names),
        results=results,
        failures=_failures(pairs),
        warnings=_warnings(arms),
    ).with_gates(gates)


def _judge(
    name: str, estimate: Estimate, score: float | None, obstacle: str | None, plan: Extension
) -> StatisticResult:
    if obstacle is not None or not estimate.defined:
        estimate = estimate if obstacle is None else estimate.warn(obstacle)
        return StatisticResult(name, estimate, Verdict.NOT_MEASURABLE, score)
    verdict = decide(estimate, plan.threshold)
    needed = None
    if verdict is Verdict.INCONCLUSIVE:
        needed = plan.total(estimate)
        estimate = estimate.warn(plan.advice(estimate))
    if score is not None and (second := _score_verdict(score, estimate.confidence)) is not verdict:
        estimate = estimate.warn(f"close call: the score test says {second} (p = {score:.2g})")
    return StatisticResult(name, estimate, verdict, score, needed)


def _score_verdict(p_value: float, confidence: float) -> Verdict:
    tail = (1 - confidence) / 2
    if p_value < tail:
        return Verdict.EXCEEDS
    return Verdict.BELOW if p_value > 1 - tail else Verdict.INCONCLUSIVE


def _few_clusters(pairs: Pairs) -> str | None:
    if pairs.clusters is None:
        return None
    worth = effective_clusters(pairs.cluster_sizes)
    if worth >= FEWEST_CLUSTERS:
        return None
    return (
        f"not measurable: {pairs.n_clusters:,} clusters, worth {worth:.0f} equal ones, are too "
        f"few to resample ({FEWEST_CLUSTERS} at the least)"
    )


def _few_pairs(n: int) -> str | None:
    if n >= FEWEST_CLUSTERS:
        return None
    return f"not measurable: the mean takes {FEWEST_CLUSTERS} pairs or more"


def _thin_tail(n: int, q: float) -> str | None:
    if measurable(q, n):
        return None
    needed = math.ceil(MIN_TAIL / min(q, 1 - q) - 1e-9)
    return f"not measurable: {statistic_name(q)} takes {needed:,} pairs or more"


def _failures(pairs: Pairs) -> Failures:
    return Failures(
        int(np.count_nonzero(np.isinf(pairs.control))),
        int(np.count_nonzero(np.isinf(pairs.treatment))),
    )


def _warnings(arms: SortedPairs) -> tuple[str, ...]:
    found, pairs = [], arms.pairs
    if pairs.clusters is not None:
        worth = effective_clusters(pairs.cluster_sizes)
        if worth < ENOUGH_CLUSTERS:
            found.append(
                f"{pairs.n_clusters:,} clusters, worth {worth:.0f} equal ones: with fewer than "
                f"{ENOUGH_CLUSTERS} the intervals are too short"
            )
    distinct = min(_distinct(arms.control), _distinct(arms.treatment))
    if distinct < min(pairs.n, _COARSE):
        found.append(
            f"an arm has only {distinct:,} distinct latencies: its clock is too coarse for the "
            f"intervals to be trusted"
        )
    return tuple(found)


def _distinct(ordered: FloatArray) -> int:
    return 1 + int(np.count_nonzero(ordered[1:] != ordered[:-1]))


def _primary(primary: str | None, names: Sequence[str]) -> str:
    if primary is None:
        return "p95" if "p95" in names else names[-1]
    if primary not in names:
        msg = f"no statistic {primary!r} here; there are {', '.join(names)}"
        raise SampleError(msg)
    return primary


def _check_options(
    threshold: float, confidence: float, timeout: float | None, replicates: int
) -> None:
    if not threshold < 1:
        msg = f"threshold {threshold:g} must be below 1: 0.20 is a saving of 20%"
        raise SampleError(msg)
    if not 0 < confidence < 1:
        msg = f"confidence {confidence:g} must lie between 0 and 1"
        raise SampleError(msg)
    if timeout is not None and not 0 < timeout < math.inf:
        msg = f"timeout {timeout:g} must be positive and finite"
        raise SampleError(msg)
    if replicates < 100:
        msg = f"{replicates} replicates are too few for an interval; take 2,000"
        raise SampleError(msg)
