"""A recorded run in, savings with verdicts and gates out."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hhperf.analysis import (
    Comparison,
    Gate,
    SequentialPath,
    aa_gates,
    cache_gate,
    choose_clusters,
    compare_samples,
    failure_gate,
    mismatch_gate,
    order_gate,
)
from hhperf.errors import SampleError
from hhperf.generator_gates import generator_gates
from hhperf.runs import Arm, Pairs, Run, Statistic
from hhperf.runs.pairs import left_out
from hhperf.stopping import judged_by_path, path_of

QUANTILES = (0.5, 0.9, 0.95, 0.99)
PRIMARY = 0.95
CLUSTER_LEVELS = ("auto", "tenant", "session", "text", "pairs")


def compare(
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


def sequence_of(run: Run, pairs: Pairs) -> SequentialPath | None:
    """The confidence sequence of a run that stopped on its verdict; None for any other run."""
    metadata = run.metadata
    return path_of(metadata.conditions.labels, pairs, metadata.design.timeout_s)


def validity_gates(
    run: Run, pairs: Pairs, codes: NDArray[np.int64] | None, *, seed: int
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
    pairs: Pairs, wanted: str = "auto"
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
