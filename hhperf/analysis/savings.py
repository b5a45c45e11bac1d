"""Two arms in, savings with verdicts out."""

import math
from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from hhperf.analysis.censoring import Censoring
from hhperf.analysis.comparison import Comparison, Failures, judge
from hhperf.analysis.decision import Gate
from hhperf.analysis.estimate import REPLICATES
from hhperf.analysis.mean import mean_saving
from hhperf.analysis.obstacles import cautions, obstacle, obstacle_in_runs
from hhperf.analysis.power import Extension
from hhperf.analysis.quantiles import Estimator, quantile_savings
from hhperf.analysis.ranks import statistic_name
from hhperf.analysis.samples import BoolArray, Pairs, factorize, make_pairs
from hhperf.analysis.score import score_p_value, sort_pairs
from hhperf.analysis.several_runs import estimate_over_runs
from hhperf.analysis.stall_free_comparison import Question, without_stalls
from hhperf.errors import SampleError

QUANTILES = (0.5, 0.9, 0.95, 0.99)
MEAN = "mean"


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
    censoring: Censoring | None = None,
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
        gates: validity gates of the run, each for the statistics that it concerns.
        cluster_level: what the clusters are, for the reader.
        estimator: of quantiles, ``"order-statistic"`` or ``"harrell-davis"``.
        censoring: what the machine's stalls did to the requests. Where they met any, the savings
            are those without stalls, with those in all data beside them; else nothing changes.
        replicates: bootstrap resamples.
        seed: of the generator; the same data and seed give the same result.

    Returns:
        The savings, each with interval, p-value, verdict, method and warnings.

    Raises:
        SampleError: for latencies or options that nothing can be computed from.

    Example:
        >>> import numpy as np
        >>> control = np.random.default_rng(0).lognormal(-1, 0.3, size=400)
        >>> found = hhperf.compare_samples(control, 0.7 * control)
        >>> round(found["p95"].estimate.point, 3)
        0.3
    """
    _check_options(threshold, confidence, timeout, replicates, seed)
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
    plan = Extension(pairs.n, threshold, _alternative(alternative, threshold))
    results = tuple(
        judge(name, estimate, obstacle=obstacle(pairs, name), plan=plan, score=score)
        for name, estimate, score in zip(names, estimates, scores, strict=True)
    )
    comparison = Comparison(
        threshold=threshold,
        confidence=confidence,
        n_pairs=pairs.n,
        n_clusters=None if pairs.clusters is None else pairs.n_clusters,
        cluster_level=cluster_level,
        primary=primary_of(names, primary),
        results=results,
        failures=_failures(pairs),
        warnings=cautions(arms),
    )
    if censoring is not None:
        if estimator != "order-statistic":
            raise SampleError("stalls hide latencies: their quantiles are order statistics only")
        question = Question(plan, confidence, timeout, replicates, seed)
        comparison = without_stalls(comparison, estimates, pairs, censoring, question)
    return comparison.with_gates(gates)


def compare_runs(  # noqa: PLR0913
    control: ArrayLike,
    treatment: ArrayLike,
    runs: ArrayLike,
    clusters: ArrayLike | None = None,
    *,
    threshold: float = 0.20,
    quantiles: Sequence[float] = QUANTILES,
    primary: str | None = None,
    confidence: float = 0.95,
    alternative: float | None = None,
    timeout: float | None = None,
    gates: Sequence[Gate] = (),
    seed: int = 0,
) -> Comparison:
    """The same question when several runs were made: does the answer hold beyond one process?

    The unit is the run: each gives one log ratio per statistic, and a t test compares those. Two
    runs can be compared, ten are asked for.

    Args:
        control: latencies of the control arm over all runs, shape (n,).
        treatment: latencies of the same requests under the treatment arm.
        runs: one label per pair, of the run it belongs to.
        clusters: as for ``compare_samples``; they matter to the noise within runs only.
        threshold: the saving that is claimed, below 1.
        quantiles: to compare at; the mean always comes along.
        primary: the statistic that the overall verdict stands on.
        confidence: of the two-sided intervals.
        alternative: the true saving that the runs still needed are worked out for.
        timeout: where failed requests are cut for the mean.
        gates: validity gates, each for the statistics that it concerns.
        seed: of the bootstrap within runs.

    Returns:
        A comparison whose ``n_clusters`` counts runs.

    Raises:
        SampleError: for unusable latencies or options, or a single run.
    """
    _check_options(threshold, confidence, timeout, REPLICATES, seed)
    pairs, (codes, count) = make_pairs(control, treatment, clusters), factorize(runs)
    if len(codes) != pairs.n:
        raise SampleError(f"runs has {len(codes):,} labels for {pairs.n:,} pairs")
    parts = [_part(pairs, codes == code) for code in range(count)]
    names = [MEAN, *map(statistic_name, quantiles)]
    plan = Extension(count, threshold, _alternative(alternative, threshold), unit="runs")
    found = [
        estimate_over_runs(
            parts, name, threshold=threshold, confidence=confidence, timeout=timeout, seed=seed
        )
        for name in names
    ]
    return Comparison(
        threshold=threshold,
        confidence=confidence,
        n_pairs=pairs.n,
        n_clusters=count,
        cluster_level="run",
        primary=primary_of(names, primary),
        results=tuple(
            judge(name, one.estimate, obstacle=obstacle_in_runs(parts, name), plan=plan)
            for name, one in zip(names, found, strict=True)
        ),
        failures=_failures(pairs),
    ).with_gates(gates)


def _part(pairs: Pairs, chosen: BoolArray) -> Pairs:
    clusters = None if pairs.clusters is None else pairs.clusters[chosen]
    return make_pairs(pairs.control[chosen], pairs.treatment[chosen], clusters)


def _alternative(alternative: float | None, threshold: float) -> float:
    return threshold + 0.05 if alternative is None else alternative


def _failures(pairs: Pairs) -> Failures:
    return Failures(
        int(np.count_nonzero(np.isinf(pairs.control))),
        int(np.count_nonzero(np.isinf(pairs.treatment))),
    )


def primary_of(names: Sequence[str], wanted: str | None = None) -> str:
    """The statistic that the overall verdict stands on: p95 if it is there, else the last one.

    Raises:
        SampleError: there is none of the name that is wanted.
    """
    if wanted is None:
        return "p95" if "p95" in names else names[-1]
    if wanted not in names:
        raise SampleError(f"no statistic {wanted!r} here; there are {', '.join(names)}")
    return wanted


def check_threshold(threshold: Any) -> None:
    """Make sure that a saving can be claimed at all.

    Raises:
        SampleError: it is 1 or more, or no number.
    """
    if not isinstance(threshold, Real) or not -math.inf < float(threshold) < 1:
        raise SampleError(f"threshold {threshold} must be below 1: 0.20 is a saving of 20%")


def check_seed(seed: Any) -> None:
    """Make sure that something can be drawn by a seed.

    Raises:
        SampleError: it is negative, or no whole number.
    """
    if not isinstance(seed, Integral) or seed < 0:
        raise SampleError(f"seed {seed} must be a whole number from 0")


def _check_options(
    threshold: float, confidence: float, timeout: float | None, replicates: int, seed: int
) -> None:
    check_threshold(threshold)
    check_seed(seed)
    if not 0 < confidence < 1:
        raise SampleError(f"confidence {confidence:g} must lie between 0 and 1")
    if timeout is not None and not 0 < timeout < math.inf:
        raise SampleError(f"timeout {timeout:g} must be positive and finite")
    if replicates < 100:
        raise SampleError(f"{replicates} replicates are too few for an interval; take 2,000")
