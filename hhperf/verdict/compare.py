"""A recorded run in, savings with verdicts and gates out."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hhperf.analysis.clusters import choose_clusters
from hhperf.analysis.comparison import Comparison, Failures, StatisticResult
from hhperf.analysis.decision import Gate, Verdict, decide
from hhperf.analysis.estimate import Estimate
from hhperf.analysis.open_loop import open_loop_savings
from hhperf.analysis.ranks import measurable, statistic_name
from hhperf.analysis.savings import compare_samples
from hhperf.analysis.sequential import SequentialPath
from hhperf.errors import SampleError
from hhperf.runs.metadata import SwitchbackDesign
from hhperf.runs.observation import Arm
from hhperf.runs.pairs import RecordedPairs, Statistic, left_out
from hhperf.runs.run import Run
from hhperf.verdict.gates import (
    aa_gates,
    cache_gate,
    failure_gate,
    generator_gates,
    mismatch_gate,
    order_gate,
)
from hhperf.verdict.stopping import judged_by_path, path_of

QUANTILES = (0.5, 0.9, 0.95, 0.99)
PRIMARY = 0.95
CLUSTER_LEVELS = ("auto", "tenant", "session", "text", "pairs")


def compare_pairs(
    run: Run,
    *,
    threshold: float = 0.20,
    quantiles: Sequence[float] = QUANTILES,
    statistic: Statistic | str = Statistic.SERVICE_TIME,
    clusters: str = "auto",
    seed: int = 0,
) -> Comparison:
    """Say whether the run's treatment saves more than the threshold.

    Args:
        run: a paired run.
        threshold: the saving that is claimed.
        quantiles: to compare at, in 0..1.
        statistic: `service_time` or `response_time`.
        clusters: what is resampled as a whole: `tenant`, `session`, `text` (the query's text),
            `pairs` for an answer about this log only, or `auto` for the coarsest level that has
            enough clusters.
        seed: of the bootstrap.

    Raises:
        RunError: the run has no pair to compare.
        SampleError: an option that nothing can be computed from.
    """
    pairs = run.pairs(statistic)
    level, codes, warnings = cluster_codes(pairs, clusters)
    comparison = compare_samples(
        pairs.control,
        pairs.treatment,
        codes,
        threshold=threshold,
        quantiles=quantiles,
        timeout=run.metadata.design.timeout_s,
        cluster_level=level,
        seed=seed,
    )
    said = (*comparison.warnings, *warnings, *left_out(pairs))
    comparison = replace(comparison, warnings=said)
    path = sequence_of(run, pairs)
    if path is not None:
        comparison = judged_by_path(comparison, path)
    return comparison.with_gates(validity_gates(run, pairs, codes, seed=seed))


def sequence_of(run: Run, pairs: RecordedPairs) -> SequentialPath | None:
    """The confidence sequence of a run that stopped on its verdict; None for any other run."""
    metadata = run.metadata
    return path_of(metadata.conditions.labels, pairs, metadata.design.timeout_s)


def validity_gates(
    run: Run, pairs: RecordedPairs, codes: NDArray[np.int64] | None, *, seed: int
) -> tuple[Gate, ...]:
    """The conditions without which the run has no verdict."""
    timeout = run.metadata.design.timeout_s
    first = pairs.positions[Arm.CONTROL] < pairs.positions[Arm.TREATMENT]
    return (
        *aa_gates(
            pairs.control, pairs.control_again, codes, primary=PRIMARY, timeout=timeout, seed=seed
        ),
        order_gate(pairs.control, pairs.treatment, first, codes),
        mismatch_gate(pairs.differing[Arm.TREATMENT], pairs.differing[Arm.CONTROL_AGAIN]),
        failure_gate(np.isinf(pairs.control), np.isinf(pairs.treatment)),
        *cache_gates(run),
        *generator_gates(run, pairs),
    )


def cluster_codes(
    pairs: RecordedPairs, wanted: str = "auto"
) -> tuple[str | None, NDArray[np.int64] | None, tuple[str, ...]]:
    """The level to resample by, a code per pair (None for single pairs), and what to warn of.

    Raises:
        SampleError: there is no such level.
    """
    levels = {"tenant": pairs.tenant, "session": pairs.session, "text": pairs.text}
    match wanted:
        case "auto":
            choice = choose_clusters(levels)
            return choice.name, choice.codes, choice.warnings
        case "pairs":
            return None, None, ("resampled by single pairs: the answer is about this log only",)
        case "tenant" | "session" | "text":
            return wanted, levels[wanted], ()
        case _:
            raise SampleError(f"clusters is {wanted!r}: use one of {', '.join(CLUSTER_LEVELS)}")


def cache_gates(run: Run) -> list[Gate]:
    """One gate for each cache layer that both arms asked."""
    hits = run.cache_hits()
    control, treatment = hits[Arm.CONTROL], hits[Arm.TREATMENT]
    return [
        cache_gate(
            np.arange(control[layer].asked) < control[layer].hits,
            np.arange(treatment[layer].asked) < treatment[layer].hits,
            name=f"{layer} cache hit ratios",
        )
        for layer in control
        if control[layer].asked and treatment[layer].asked
    ]


AA_CONFIDENCE = 0.99
AA_HARMLESS = 0.01


def compare_load(
    run: Run,
    *,
    threshold: float = 0.20,
    quantiles: Sequence[float] = QUANTILES,
    statistic: Statistic | str = Statistic.RESPONSE_TIME,
    seed: int = 0,
) -> Comparison:
    """Say whether the treatment saves more than the threshold at the run's offered load.

    Requests that wait in one queue are not independent: intervals come from the stationary
    bootstrap over the order of arrival. A verdict beyond this run takes several runs.

    Args:
        run: a run under load.
        threshold: the saving that is claimed.
        quantiles: to compare at, in 0..1.
        statistic: `response_time` counts from when a request was due, `service_time` from when it
            was sent.
        seed: of the bootstrap.

    Raises:
        RunError: the run has no pair to compare.
        SampleError: it is no run under load, or an option that nothing can be computed from.
    """
    if not isinstance(run.metadata.design, SwitchbackDesign):
        raise SampleError("a paired run has no offered load: use compare()")
    pairs = run.pairs(statistic)
    estimates = open_loop_savings(
        pairs.control, pairs.treatment, quantiles, threshold=threshold, seed=seed
    )
    results = [
        _judged(q, estimate, len(pairs), threshold)
        for q, estimate in zip(quantiles, estimates, strict=True)
    ]
    names = [result.statistic for result in results]
    return Comparison(
        threshold=threshold,
        confidence=estimates[0].confidence,
        n_pairs=len(pairs),
        n_clusters=None,
        cluster_level=None,
        primary=_primary(names),
        results=tuple(results),
        failures=Failures(int(np.isinf(pairs.control).sum()), int(np.isinf(pairs.treatment).sum())),
        warnings=(f"at {run.metadata.design.load}", *left_out(pairs)),
    ).with_gates(load_gates(run, pairs, seed=seed))


def load_gates(run: Run, pairs: RecordedPairs, *, seed: int = 0) -> tuple[Gate, ...]:
    """The conditions without which a load run has no verdict.

    Args:
        run: a run under load.
        pairs: its pairs, by the statistic that is compared.
        seed: of the bootstrap.
    """
    return (
        *_aa_gates(pairs, seed),
        mismatch_gate(pairs.differing[Arm.TREATMENT], pairs.differing[Arm.CONTROL_AGAIN]),
        failure_gate(np.isinf(pairs.control), np.isinf(pairs.treatment)),
        *cache_gates(run),
        *generator_gates(run, pairs),
    )


def _aa_gates(pairs: RecordedPairs, seed: int) -> list[Gate]:
    """The control against itself must save nothing, at the median and the primary quantile."""
    estimates = open_loop_savings(
        pairs.control,
        pairs.control_again,
        (0.5, PRIMARY),
        threshold=0.0,
        confidence=AA_CONFIDENCE,
        seed=seed,
    )
    return [
        Gate(
            f"A/A' {statistic_name(q)}",
            estimate.defined and (estimate.contains(0.0) or _is_harmless(estimate)),
            str(estimate) if estimate.defined else "undefined",
            f"the {AA_CONFIDENCE:.0%} interval holds 0 or stays within {AA_HARMLESS:.0%}",
            "the same arm under the same load twice; what it shows is the noise of the set-up",
        )
        for q, estimate in zip((0.5, PRIMARY), estimates, strict=True)
    ]


def _is_harmless(estimate: Estimate) -> bool:
    return estimate.lower > -AA_HARMLESS and estimate.upper < AA_HARMLESS


def _judged(q: float, estimate: Estimate, n: int, threshold: float) -> StatisticResult:
    name = statistic_name(q)
    if not measurable(q, n):
        said = estimate.warn(f"not measurable: {n:,} requests are too few for {name}")
        return StatisticResult(name, said, Verdict.NOT_MEASURABLE)
    if not estimate.defined:
        return StatisticResult(name, estimate, Verdict.NOT_MEASURABLE)
    return StatisticResult(name, estimate, decide(estimate, threshold))


def _primary(names: Sequence[str]) -> str:
    primary = statistic_name(PRIMARY)
    return primary if primary in names else names[-1]


def compare(
    run: Run,
    *,
    threshold: float = 0.20,
    quantiles: Sequence[float] = QUANTILES,
    statistic: Statistic | str | None = None,
    clusters: str = "auto",
    seed: int = 0,
) -> Comparison:
    """Say whether the treatment saves more than the threshold, and whether the run can say so.

    Args:
        run: recorded in pairs or under load.
        threshold: the saving that is claimed.
        quantiles: to compare at, in 0..1.
        statistic: `service_time` counts from when a request was sent, `response_time` from when it
            was due; by default the first for pairs, the second for a load.
        clusters: of a paired run, what is resampled as a whole: `tenant`, `session`, `text`,
            `pairs`, or `auto` for the coarsest of which there are enough.
        seed: of the bootstrap.

    Raises:
        RunError: the run has no pair to compare.
        SampleError: an option that nothing can be computed from.
    """
    if not isinstance(run.metadata.design, SwitchbackDesign):
        return compare_pairs(
            run,
            threshold=threshold,
            quantiles=quantiles,
            statistic=statistic or Statistic.SERVICE_TIME,
            clusters=clusters,
            seed=seed,
        )
    if clusters != "auto":
        raise SampleError("clusters are for paired runs: under load, requests that follow are one")
    return compare_load(
        run,
        threshold=threshold,
        quantiles=quantiles,
        statistic=statistic or Statistic.RESPONSE_TIME,
        seed=seed,
    )
