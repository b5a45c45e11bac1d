"""Validity gates that are computed from latencies, flags and lags.

Gates that compare arms use 99% intervals, so that a sound run is seldom thrown away (one in a
hundred per gate), and let pass an effect that surely stays within ``harmless``: at a million pairs
a tenth of a percent is significant and means nothing.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from hhperf.analysis.decision import Gate
from hhperf.analysis.estimate import Estimate
from hhperf.analysis.mean import mean_saving
from hhperf.analysis.per_request import mcnemar
from hhperf.analysis.quantiles import quantile_savings
from hhperf.analysis.ranks import quantile, statistic_name
from hhperf.analysis.samples import BoolArray, FloatArray, Pairs, flags, latencies, make_pairs
from hhperf.errors import SampleError
from hhperf.runs.metadata import SwitchbackDesign
from hhperf.runs.observation import Arm, Outcome
from hhperf.runs.pairs import RecordedPairs, is_value
from hhperf.runs.run import Run

CONFIDENCE = 0.99
HARMLESS = 0.01
"""Saving that is too small to matter against a threshold of 0.20."""


def aa_gates(  # noqa: PLR0913
    control: ArrayLike,
    control_again: ArrayLike,
    clusters: ArrayLike | None = None,
    *,
    primary: float = 0.95,
    timeout: float | None = None,
    confidence: float = CONFIDENCE,
    harmless: float = HARMLESS,
    seed: int = 0,
) -> tuple[Gate, Gate]:
    """The control against itself must save nothing, at the mean and at the primary quantile.

    Args:
        control: latencies, shape (n,).
        control_again: latencies of the same requests under the same arm.
        clusters: as for the comparison.
        primary: the primary quantile, in 0..1.
        timeout: where failed requests are cut for the mean; by default at the slowest answer.
        confidence: of the intervals.
        harmless: a saving that is surely smaller lets the gate pass.
        seed: of the bootstrap.
    """
    pairs = make_pairs(control, control_again, clusters)
    cut = timeout or _slowest(pairs)
    mean = mean_saving(pairs, threshold=0.0, confidence=confidence, timeout=cut)
    (tail,) = quantile_savings(pairs, (primary,), threshold=0.0, confidence=confidence, seed=seed)
    detail = "the same arm measured twice; what it shows is the noise and bias of the set-up"
    return (
        _holds_zero("A/A' mean", mean, harmless, detail),
        _holds_zero(f"A/A' {statistic_name(primary)}", tail, harmless, detail),
    )


def order_gate(
    control: ArrayLike,
    treatment: ArrayLike,
    control_first: ArrayLike,
    clusters: ArrayLike | None = None,
    *,
    confidence: float = CONFIDENCE,
    harmless: float = HARMLESS,
) -> Gate:
    """Going second must not pay.

    Half the difference between the mean log ratio of pairs that ran the control first and of pairs
    that ran it second; whatever the treatment itself saves cancels out.

    Args:
        control: latencies, shape (n,).
        treatment: latencies, shape (n,).
        control_first: true where the control ran before the treatment.
        clusters: as for the comparison.
        confidence: of the interval.
        harmless: an effect that is surely smaller lets the gate pass.
    """
    pairs = make_pairs(control, treatment, clusters)
    first = flags(control_first, "control_first")
    if len(first) != pairs.n:
        msg = f"control_first has {len(first):,} values for {pairs.n:,} pairs"
        raise SampleError(msg)
    name = "order effect"
    detail = "saving of the second place against the first, in geometric mean"
    kept = np.isfinite(pairs.control) & np.isfinite(pairs.treatment)
    counts = np.count_nonzero(kept & first), np.count_nonzero(kept & ~first)
    if min(counts) < 2:
        figure = f"{counts[0]:,} pairs ran the control first, {counts[1]:,} second"
        return Gate(name, False, figure, "both orders needed", detail)
    effect = _order_effect(pairs, first, kept, confidence)
    return _holds_zero(name, effect, harmless, detail)


def failure_gate(
    control_failed: ArrayLike,
    treatment_failed: ArrayLike,
    *,
    name: str = "failure rates",
    confidence: float = CONFIDENCE,
) -> Gate:
    """Both arms must fail (or drop) equally often, up to chance.

    Args:
        control_failed: true where the control's request failed, shape (n,).
        treatment_failed: the same for the treatment.
        name: of the gate, so that drops and errors can each have one.
        confidence: one minus the chance of rejecting equal rates.
    """
    found = mcnemar(control_failed, treatment_failed)
    return Gate(
        name,
        found.p_two_sided >= 1 - confidence,
        f"control {found.first:.2%}, treatment {found.second:.2%}, p = {found.p_two_sided:.2g}",
        f"equal, p >= {1 - confidence:.2g}",
        "exact McNemar test; an arm that fails more may look faster for it",
    )


def cache_gate(
    control_hits: ArrayLike,
    treatment_hits: ArrayLike,
    *,
    name: str = "cache hit ratios",
    max_difference: float = 0.10,
) -> Gate:
    """Cache hit ratios must be equal within ``max_difference`` (0.10 is ten points).

    Args:
        control_hits: true where the control's request was answered from the cache, shape (n,).
        treatment_hits: the same for the treatment; the lengths may differ.
        name: of the gate, so that each cache can have one.
        max_difference: of the two ratios.
    """
    control = float(flags(control_hits, "control_hits").mean())
    treatment = float(flags(treatment_hits, "treatment_hits").mean())
    difference = abs(treatment - control)
    return Gate(
        name,
        difference <= max_difference + 1e-12,
        f"control {control:.1%}, treatment {treatment:.1%}",
        f"within {100 * max_difference:g} points",
        "an arm that another arm warmed is not measured but helped",
    )


def mismatch_gate(
    mismatches: ArrayLike,
    again_mismatches: ArrayLike | None = None,
    *,
    confidence: float = CONFIDENCE,
) -> Gate:
    """Both arms must answer alike, as far as the control answers like itself.

    Args:
        mismatches: true where the treatment's results differ from the control's, shape (n,).
        again_mismatches: true where the control's second answer differs from its first, shape
            (n,); None demands that nothing differs.
        confidence: one minus the chance of rejecting an arm that differs no more than the control
            from itself.
    """
    name, detail = "identical results", "an arm that answers differently does different work"
    if again_mismatches is None:
        found = flags(mismatches, "mismatches")
        count = int(np.count_nonzero(found))
        return Gate(name, count == 0, f"{count:,} of {len(found):,} differ", "none", detail)
    test = mcnemar(again_mismatches, mismatches)
    return Gate(
        name,
        test.p_second_greater >= 1 - confidence,
        f"{test.second:.2%} differ, control from itself {test.first:.2%}, "
        f"p = {test.p_second_greater:.2g}",
        f"no more than the control from itself, p >= {1 - confidence:.2g}",
        detail,
    )


def lag_gate(name: str, lags: ArrayLike, control: ArrayLike, *, share: float = 0.05) -> Gate:
    """The generator's own delays must be small against what is measured.

    Serves dispatch lag (sent - due) and event-loop lag alike.

    Args:
        name: of the gate, such as ``"dispatch lag"``.
        lags: delays in the unit of the latencies, shape (m,).
        control: the control's latencies, shape (n,).
        share: of the control's median that the 99th percentile of the lags may take.
    """
    values = _lags(name, lags)
    median = quantile(latencies(control, "control"), 0.5)
    tail = quantile(values, 0.99)
    limit = share * median
    relative = tail / median if math.isfinite(median) else math.nan
    return Gate(
        name,
        tail < limit and math.isfinite(median),
        f"p99 {tail:.3g}, {relative:.1%} of the control's median",
        f"below {share:.0%} of it, {limit:.3g}",
        "delays of the load generator itself, in the unit of the latencies",
    )


def cpu_gate(utilisation: float, *, limit: float = 0.90) -> Gate:
    """The load generator must have had processor time to spare.

    Args:
        utilisation: its processor time per core over elapsed time, 0 or more.
        limit: above which it may have been the bottleneck.
    """
    return Gate(
        "generator CPU",
        utilisation < limit,
        f"{utilisation:.0%} of a core",
        f"below {limit:.0%}",
        "a generator without time to spare measures itself",
    )


def _slowest(pairs: Pairs) -> float | None:
    """The longest latency that is an answer; a few failures must not void a whole run."""
    both = np.concatenate([pairs.control, pairs.treatment])
    answers = both[np.isfinite(both)]
    return float(answers.max()) if len(answers) else None


def _holds_zero(name: str, effect: Estimate, harmless: float, detail: str) -> Gate:
    within = -harmless < effect.lower and effect.upper < harmless
    limit = f"the {effect.confidence:.0%} interval holds 0 or stays within {harmless:.0%}"
    if not effect.defined:
        return Gate(name, False, "undefined", limit, "; ".join(effect.warnings))
    return Gate(name, effect.contains(0.0) or within, str(effect), limit, detail)


def _order_effect(pairs: Pairs, first: BoolArray, kept: BoolArray, confidence: float) -> Estimate:
    ratios = np.log(pairs.treatment[kept] / pairs.control[kept])
    ahead = first[kept]
    counts = np.where(ahead, np.count_nonzero(ahead), np.count_nonzero(~ahead))
    means = np.where(ahead, ratios[ahead].mean(), ratios[~ahead].mean())
    influence = np.zeros(pairs.n)
    influence[kept] = (ratios - means) / counts / 2
    sums = pairs.cluster_sums(influence)
    degrees = max(pairs.n_clusters - 1, 1)
    spread = math.sqrt(float(np.sum(sums**2)) * pairs.n_clusters / degrees)
    half = float(special.stdtrit(degrees, 0.5 + confidence / 2)) * spread
    effect = float(ratios[ahead].mean() - ratios[~ahead].mean()) / 2
    lower, point, upper = (-math.expm1(effect + shift) for shift in (half, 0.0, -half))
    return Estimate(point, lower, upper, confidence, method="t interval of mean log ratios")


def _lags(name: str, lags: ArrayLike) -> FloatArray:
    values = np.asarray(lags, dtype=np.float64)
    if values.ndim != 1 or values.size == 0 or np.isnan(values).any():
        msg = f"{name}: lags must be a row of numbers, none of them NaN"
        raise SampleError(msg)
    return values


def generator_gates(run: Run, pairs: RecordedPairs) -> list[Gate]:
    """The conditions on the generator without which the run has no verdict.

    Under load come the lag of each request behind its schedule, the processor time of each
    generator and what was dropped; a paired run has no schedule, and may use all of a core.

    Args:
        run: any run.
        pairs: its pairs, by the statistic that is compared.
    """
    gates = [sharing_gate(run), *_loop_lag_gates(run, pairs)]
    if isinstance(run.metadata.design, SwitchbackDesign):
        gates += [
            lag_gate("dispatch lag, ms", schedule_lags_s(run) * 1e3, pairs.control * 1e3),
            cpu_gate(utilisation(run)),
            failure_gate(
                pairs.dropped[Arm.CONTROL], pairs.dropped[Arm.TREATMENT], name="drop rates"
            ),
        ]
    return gates


def sharing_gate(run: Run) -> Gate:
    """Arms share nothing that one could warm or slow for another."""
    shared = run.metadata.shared
    return Gate(
        "arms share nothing",
        not shared,
        "; ".join(shared) or "nothing shared",
        "no pool, cache prefix or coalescer in common",
        "what one arm does must not change what another one meets",
    )


def schedule_lags_s(run: Run) -> NDArray[np.float64]:
    """How long after its intended start each request was sent, in seconds; shape (n,)."""
    table = run.table(["outcome", "intended_start_ns", "start_ns"])
    unsent = is_value(table, "outcome", Outcome.DROPPED) | is_value(table, "outcome", Outcome.LOST)
    lags = np.asarray(table["start_ns"]) - np.asarray(table["intended_start_ns"])
    found: NDArray[np.float64] = lags[~unsent] / 1e9
    return found


def utilisation(run: Run) -> float:
    """Processor time of the busiest generator per second, in cores.

    Where arms run in the generator's process, theirs is counted with it. The highest of the means
    over each tenth of the time: a generator that was too slow for a while was too slow.
    """
    health = run.health.to_pandas()
    cpu = health[health["kind"].astype(str) == "cpu"].sort_values("at_ns")
    means = [
        part["value_ns"].iloc[1:].sum() / (part["at_ns"].iloc[-1] - part["at_ns"].iloc[0])
        for _, worker in cpu.groupby("worker")
        for part in (worker.iloc[each] for each in np.array_split(np.arange(len(worker)), 10))
        if len(part) > 1
    ]
    return float(max(means, default=0.0))


def _loop_lag_gates(run: Run, pairs: RecordedPairs) -> list[Gate]:
    health = run.health.to_pandas()
    lags_ms = health.loc[health["kind"].astype(str) == "loop_lag", "value_ns"].to_numpy() / 1e6
    return [lag_gate("event-loop lag, ms", lags_ms, pairs.control * 1e3)] if len(lags_ms) else []
