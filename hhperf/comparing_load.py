"""A recorded load run in, savings in response time with verdicts and gates out."""

from collections.abc import Sequence

import numpy as np

from hhperf.analysis import (
    Comparison,
    Estimate,
    Failures,
    Gate,
    StatisticResult,
    Verdict,
    decide,
    failure_gate,
    mismatch_gate,
)
from hhperf.analysis.open_loop import open_loop_savings
from hhperf.analysis.ranks import measurable, statistic_name
from hhperf.comparing import PRIMARY, QUANTILES, cache_gates
from hhperf.errors import SampleError
from hhperf.generator_gates import generator_gates
from hhperf.runs import Arm, Pairs, Run, Statistic, SwitchbackDesign
from hhperf.runs.pairs import left_out

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


def load_gates(run: Run, pairs: Pairs, *, seed: int = 0) -> tuple[Gate, ...]:
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


def _aa_gates(pairs: Pairs, seed: int) -> list[Gate]:
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
