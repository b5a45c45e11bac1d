"""What the analysis finds, as cards."""

import math
from dataclasses import replace

from hhperf.analysis.comparison import Comparison, StatisticResult
from hhperf.analysis.decision import Gate, Verdict
from hhperf.analysis.estimate import Estimate
from hhperf.analysis.per_request import PerRequest
from hhperf.analysis.period import PeriodEffect
from hhperf.analysis.power import Plan
from hhperf.analysis.sequential import SequentialPath
from hhperf.analysis.shift import ShiftFunction
from hhperf.show.analysis_tables import (
    gate_tables,
    path_table,
    per_request_table,
    period_table,
    savings_table,
    shift_table,
)
from hhperf.show.card import Card, Table, card_of
from hhperf.show.intervals import by_cache_tables, interval, with_interval
from hhperf.shown import counted, percent

MEANINGS = {
    Verdict.EXCEEDS: "The whole interval of the saving lies above what was claimed.",
    Verdict.BELOW: "The whole interval of the saving lies below what was claimed.",
    Verdict.INCONCLUSIVE: (
        "The interval holds what was claimed, or a validity gate could not tell: more pairs would"
        " settle it."
    ),
    Verdict.NOT_MEASURABLE: (
        "Too few requests for this quantile, or a validity gate that concerns it failed."
    ),
}


@card_of.register
def verdict_card(verdict: Verdict) -> Card:
    """The word with its meaning."""
    return Card("Verdict", badge=verdict.value, sentences=(MEANINGS[verdict],))


@card_of.register
def comparison_card(comparison: Comparison) -> Card:
    """The verdict first, then every saving, the gates and the warnings."""
    primary, failures = comparison[comparison.primary], comparison.failures
    resampled = (
        "single pairs"
        if comparison.n_clusters is None
        else f"{comparison.n_clusters:,} clusters by {comparison.cluster_level or 'label'}"
    )
    return Card(
        title=f"Comparison of {counted(comparison.n_pairs, 'pair')}",
        badge=str(primary.verdict),
        sentences=(_saving_sentence(primary),),
        facts=(
            ("resampled", resampled),
            ("failed requests", f"control {failures.control:,}, treatment {failures.treatment:,}"),
        ),
        tables=(
            savings_table(comparison),
            *by_cache_tables(comparison),
            *_gates(comparison, passed=False),
        ),
        details=_gates(comparison, passed=True),
        warnings=comparison_warnings(comparison),
    )


def comparison_warnings(comparison: Comparison) -> tuple[str, ...]:
    """Every warning once, with the statistics it is about unless it is about all of them."""
    about: dict[str, list[str]] = {}
    for result in comparison.results:
        for warning in dict.fromkeys(result.estimate.warnings):
            about.setdefault(warning, []).append(result.statistic)
    every = len(comparison.results)
    said = [
        warning if len(names) == every else f"{', '.join(names)}: {warning}"
        for warning, names in about.items()
        if warning not in comparison.warnings
    ]
    return (*dict.fromkeys(comparison.warnings), *said)


@card_of.register
def result_card(result: StatisticResult) -> Card:
    """One statistic's saving and verdict."""
    return replace(
        estimate_card(result.estimate),
        title=f"Saving at {result.statistic}",
        badge=str(result.verdict),
    )


@card_of.register
def estimate_card(estimate: Estimate) -> Card:
    """The number with its interval, how it was made, and its warnings."""
    p_value = "undefined" if math.isnan(estimate.p_value) else f"{estimate.p_value:.2g}"
    return Card(
        title="Saving",
        facts=(
            ("saving", percent(estimate.point)),
            (f"{estimate.confidence:.0%} interval", interval(estimate)),
            ("p-value, one-sided", p_value),
            ("method", estimate.method or "not said"),
        ),
        warnings=estimate.warnings,
    )


@card_of.register
def gate_card(gate: Gate) -> Card:
    """One gate with what it means."""
    return Card(
        title=f"Validity gate: {gate.name}",
        badge=str(gate.state),
        sentences=(gate.text,),
        facts=(
            ("figure", gate.figure),
            ("limit", gate.limit),
            ("voids", gate.voided),
            *((("pairs that would do", f"{gate.needs:,}"),) if gate.needs else ()),
        ),
    )


@card_of.register
def period_card(period: PeriodEffect) -> Card:
    """What going first costs, and why that voids nothing."""
    return Card(
        title="Period effect",
        sentences=(
            "In balanced order whoever goes first pays equally often: it is told, and voids"
            " nothing.",
        ),
        tables=(period_table(period),),
        warnings=period.effect.warnings,
    )


@card_of.register
def plan_card(plan: Plan) -> Card:
    """What a verdict on one statistic takes."""
    return Card(
        title=f"What a verdict on {plan.statistic} takes",
        facts=(
            ("pairs", "no number would do" if plan.pairs is None else f"{plan.pairs:,}"),
            ("to find", f"a true saving of {plan.alternative:.0%} against {plan.threshold:.0%}"),
            ("in", f"{plan.power:.0%} of runs, at {plan.confidence:.0%} confidence"),
            ("from", plan.source),
        ),
    )


@card_of.register
def path_card(path: SequentialPath) -> Card:
    """Where a sequential test may stop, and what it saw on the way."""
    stopped = "never settled" if path.stopped_at is None else f"after {path.stopped_at:,} pairs"
    return Card(
        title=f"Sequential test at {path.statistic}",
        badge=str(path.verdict),
        facts=(
            ("settled", stopped),
            ("looks", f"{len(path.looks):,}"),
            ("error over all looks", f"{path.alpha:.0%}, one-sided"),
        ),
        tables=(path_table(path),) if path.looks else (),
    )


@card_of.register
def shift_card(shift: ShiftFunction) -> Card:
    """The whole curve."""
    return Card("Shift function", facts=(("method", shift.method),), tables=(shift_table(shift),))


@card_of.register
def per_request_card(found: PerRequest) -> Card:
    """What single requests gain."""
    return Card(
        "Savings of single requests",
        tables=(per_request_table(found),),
        warnings=found.median.warnings,
    )


def _saving_sentence(result: StatisticResult) -> str:
    estimate = result.estimate
    if not estimate.defined:
        return f"The saving at {result.statistic} is undefined."
    saving = with_interval(estimate)
    return f"At {result.statistic} the treatment saves {saving} of the control's latency."


def _gates(comparison: Comparison, *, passed: bool) -> tuple[Table, ...]:
    """The gates' tables: folded up when all passed, in full sight when one did not."""
    if all(gate.passed for gate in comparison.gates) != passed:
        return ()
    return gate_tables(comparison)
