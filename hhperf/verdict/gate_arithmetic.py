"""Validity gates from plain latencies, flags and lags; `gates` says which a run has.

Gates that compare arms use 99% intervals, so that a sound run is seldom thrown away (one in a
hundred per gate), and let pass an effect that surely stays within `HARMLESS`: at a million pairs a
tenth of a percent is significant and means nothing.
"""

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from hhperf.analysis.decision import Gate
from hhperf.analysis.estimate import Estimate
from hhperf.analysis.mean import mean_saving
from hhperf.analysis.open_loop import open_loop_savings
from hhperf.analysis.per_request import mcnemar
from hhperf.analysis.quantiles import quantile_savings
from hhperf.analysis.ranks import quantile, statistic_name
from hhperf.analysis.samples import BoolArray, Pairs, flags, latencies, make_pairs
from hhperf.errors import SampleError

CONFIDENCE = 0.99
HARMLESS = 0.01
"""Saving that is too small to matter against a threshold of 0.20."""

PRIMARY = 0.95
HIT_RATIOS_WITHIN = 0.10
LAG_SHARE = 0.05
"""Of the control's median, what the 99th percentile of the generator's lags may take."""

BUSY = 0.90
"""Of a core, above which the generator may have been the bottleneck."""


def aa_gates(
    control: ArrayLike,
    control_again: ArrayLike,
    clusters: ArrayLike | None = None,
    *,
    timeout: float | None = None,
    seed: int = 0,
) -> tuple[Gate, Gate]:
    """The control against itself must save nothing, at the mean and at the primary quantile.

    Args:
        control: latencies, shape (n,).
        control_again: latencies of the same requests under the same arm.
        clusters: as for the comparison.
        timeout: where failed requests are cut for the mean; by default at the slowest answer.
        seed: of the bootstrap.
    """
    pairs = make_pairs(control, control_again, clusters)
    cut = timeout or _slowest(pairs)
    mean = mean_saving(pairs, threshold=0.0, confidence=CONFIDENCE, timeout=cut)
    (tail,) = quantile_savings(pairs, (PRIMARY,), threshold=0.0, confidence=CONFIDENCE, seed=seed)
    detail = "the same arm measured twice; what it shows is the noise and bias of the set-up"
    return (
        _holds_zero("A/A' mean", mean, detail),
        _holds_zero(f"A/A' {statistic_name(PRIMARY)}", tail, detail),
    )


def aa_gates_under_load(
    control: ArrayLike, control_again: ArrayLike, *, seed: int = 0
) -> tuple[Gate, ...]:
    """The same of response times in the order of arrival, at the median and the primary quantile.

    Args:
        control: response times, shape (n,).
        control_again: those of the same arm under the same load, shape (m,).
        seed: of the bootstrap.
    """
    asked = (0.5, PRIMARY)
    estimates = open_loop_savings(
        control, control_again, asked, threshold=0.0, confidence=CONFIDENCE, seed=seed
    )
    detail = "the same arm under the same load twice; what it shows is the noise of the set-up"
    return tuple(
        _holds_zero(f"A/A' {statistic_name(q)}", estimate, detail)
        for q, estimate in zip(asked, estimates, strict=True)
    )


def order_gate(
    control: ArrayLike,
    treatment: ArrayLike,
    control_first: ArrayLike,
    clusters: ArrayLike | None = None,
    *,
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
        harmless: an effect that is surely smaller lets the gate pass.
    """
    pairs = make_pairs(control, treatment, clusters)
    first = flags(control_first, "control_first")
    if len(first) != pairs.n:
        raise SampleError(f"control_first has {len(first):,} values for {pairs.n:,} pairs")
    name = "order effect"
    detail = "saving of the second place against the first, in geometric mean"
    kept = np.isfinite(pairs.control) & np.isfinite(pairs.treatment)
    counts = np.count_nonzero(kept & first), np.count_nonzero(kept & ~first)
    if min(counts) < 2:
        figure = f"{counts[0]:,} pairs ran the control first, {counts[1]:,} second"
        return Gate(name, False, figure, "both orders needed", detail)
    return _holds_zero(name, _order_effect(pairs, first, kept), detail, harmless)


def failure_gate(
    control_failed: ArrayLike, treatment_failed: ArrayLike, *, name: str = "failure rates"
) -> Gate:
    """Both arms must fail (or drop) equally often, up to chance.

    Args:
        control_failed: true where the control's request failed, shape (n,).
        treatment_failed: the same for the treatment.
        name: of the gate, so that drops and errors can each have one.
    """
    found = mcnemar(control_failed, treatment_failed)
    return Gate(
        name,
        found.p_two_sided >= 1 - CONFIDENCE,
        f"control {found.first:.2%}, treatment {found.second:.2%}, p = {found.p_two_sided:.2g}",
        f"equal, p >= {1 - CONFIDENCE:.2g}",
        "exact McNemar test; an arm that fails more may look faster for it",
    )


def cache_gate(control: float, treatment: float, *, name: str = "cache hit ratios") -> Gate:
    """Cache hit ratios must be equal within ten points.

    Args:
        control: the share of its requests that the cache answered, in 0..1.
        treatment: the same of the treatment.
        name: of the gate, so that each cache can have one.
    """
    return Gate(
        name,
        abs(treatment - control) <= HIT_RATIOS_WITHIN + 1e-12,
        f"control {control:.1%}, treatment {treatment:.1%}",
        f"within {100 * HIT_RATIOS_WITHIN:g} points",
        "an arm that another arm warmed is not measured but helped",
    )


def mismatch_gate(mismatches: ArrayLike, again_mismatches: ArrayLike) -> Gate:
    """Both arms must answer alike, as far as the control answers like itself.

    Args:
        mismatches: true where the treatment's results differ from the control's, shape (n,).
        again_mismatches: true where the control's second answer differs from its first, shape (n,).
    """
    test = mcnemar(again_mismatches, mismatches)
    return Gate(
        "identical results",
        test.p_second_greater >= 1 - CONFIDENCE,
        f"{test.second:.2%} differ, control from itself {test.first:.2%}, "
        f"p = {test.p_second_greater:.2g}",
        f"no more than the control from itself, p >= {1 - CONFIDENCE:.2g}",
        "an arm that answers differently does different work",
    )


def lag_gate(name: str, lags: ArrayLike, control: ArrayLike) -> Gate:
    """The generator's own delays must be small against what is measured.

    Serves dispatch lag (sent - due) and event-loop lag alike.

    Args:
        name: of the gate, such as `dispatch lag`.
        lags: delays in the unit of the latencies, shape (m,).
        control: the control's latencies, shape (n,).

    Raises:
        SampleError: a lag is no number.
    """
    values = np.asarray(lags, dtype=np.float64)
    if values.ndim != 1 or values.size == 0 or np.isnan(values).any():
        raise SampleError(f"{name}: lags must be a row of numbers, none of them NaN")
    median, tail = quantile(latencies(control, "control"), 0.5), quantile(values, 0.99)
    limit = LAG_SHARE * median
    relative = tail / median if math.isfinite(median) else math.nan
    return Gate(
        name,
        tail < limit and math.isfinite(median),
        f"p99 {tail:.3g}, {relative:.1%} of the control's median",
        f"below {LAG_SHARE:.0%} of it, {limit:.3g}",
        "delays of the load generator itself, in the unit of the latencies",
    )


def cpu_gate(utilisation: float) -> Gate:
    """The load generator must have had processor time to spare.

    Args:
        utilisation: its processor time per core over elapsed time, 0 or more.
    """
    return Gate(
        "generator CPU",
        utilisation < BUSY,
        f"{utilisation:.0%} of a core",
        f"below {BUSY:.0%}",
        "a generator without time to spare measures itself",
    )


def _slowest(pairs: Pairs) -> float | None:
    """The longest latency that is an answer; a few failures must not void a whole run."""
    both = np.concatenate([pairs.control, pairs.treatment])
    answers = both[np.isfinite(both)]
    return float(answers.max()) if len(answers) else None


def _holds_zero(name: str, effect: Estimate, detail: str, harmless: float = HARMLESS) -> Gate:
    limit = f"the {effect.confidence:.0%} interval holds 0 or stays within {harmless:.0%}"
    if not effect.defined:
        return Gate(name, False, "undefined", limit, "; ".join(effect.warnings))
    within = effect.lower > -harmless and effect.upper < harmless
    return Gate(name, effect.contains(0.0) or within, str(effect), limit, detail)


def _order_effect(pairs: Pairs, first: BoolArray, kept: BoolArray) -> Estimate:
    ratios = np.log(pairs.treatment[kept] / pairs.control[kept])
    ahead = first[kept]
    counts = np.where(ahead, np.count_nonzero(ahead), np.count_nonzero(~ahead))
    means = np.where(ahead, ratios[ahead].mean(), ratios[~ahead].mean())
    influence = np.zeros(pairs.n)
    influence[kept] = (ratios - means) / counts / 2
    sums = pairs.cluster_sums(influence)
    degrees = max(pairs.n_clusters - 1, 1)
    spread = math.sqrt(float(np.sum(sums**2)) * pairs.n_clusters / degrees)
    half = float(special.stdtrit(degrees, 0.5 + CONFIDENCE / 2)) * spread
    effect = float(ratios[ahead].mean() - ratios[~ahead].mean()) / 2
    lower, point, upper = (-math.expm1(effect + shift) for shift in (half, 0.0, -half))
    return Estimate(point, lower, upper, CONFIDENCE, method="t interval of mean log ratios")
