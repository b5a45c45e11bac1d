"""What the analysis finds, as tables and cards."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace

from hhperf.analysis.comparison import Comparison, StatisticResult
from hhperf.analysis.decision import Gate, Verdict
from hhperf.analysis.estimate import Estimate
from hhperf.analysis.per_request import PerRequest
from hhperf.analysis.period import PeriodEffect
from hhperf.analysis.power import Plan
from hhperf.analysis.sequential import SequentialPath
from hhperf.analysis.shift import ShiftFunction
from hhperf.show.card import Card, Table, card_of
from hhperf.show.intervals import by_cache_tables, interval, with_interval
from hhperf.shown import counted, percent

MOST_LOOKS = 12
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


def savings_table(comparison: Comparison, opinions: Mapping[str, Estimate] | None = None) -> Table:
    """The saving at each statistic, with its interval and verdict, and a second opinion if any."""
    columns = ("statistic", "saving", f"{comparison.confidence:.0%} interval", "verdict")
    rows = tuple(_result_row(each) for each in comparison.results)
    title = f"Saving against the {comparison.threshold:.0%} claimed"
    if not opinions:
        return Table(title, columns, rows)
    second = [interval(opinions[row[0]]) if row[0] in opinions else "–" for row in rows]
    return Table(
        title,
        (*columns, "score test"),
        tuple((*row, opinion) for row, opinion in zip(rows, second, strict=True)),
    )


def per_request_table(found: PerRequest) -> Table:
    """What single requests gain, beside what the distributions do."""
    share, median = found.share, found.median
    rows = (
        (
            f"requests that save {found.threshold:.0%} or more",
            percent(share.point),
            f"{percent(share.lower)} to {percent(share.upper)}",
        ),
        ("saving of the median request", percent(median.point), interval(median)),
    )
    return Table("Request by request", ("", "figure", f"{share.confidence:.0%} interval"), rows)


def gates_table(gates: Iterable[Gate]) -> Table:
    """Each validity gate with its state, figure and limit, and the statistics it voids."""
    rows = tuple(
        (gate.name, str(gate.state), gate.figure, gate.limit, ", ".join(gate.voids) or "nothing")
        for gate in gates
    )
    columns = ("gate", "state", "figure", "limit", "voids")
    return Table("Validity gates", columns, rows, numeric=False)


def period_table(period: PeriodEffect) -> Table:
    """What going first costs, beside the gates."""
    effect = period.effect
    rows = (
        ("saving where the control went first", percent(period.control_first), "–"),
        ("saving where the treatment went first", percent(period.treatment_first), "–"),
        ("what going second saves either arm", percent(effect.point), interval(effect)),
    )
    columns = ("", "geometric mean", f"{effect.confidence:.0%} interval")
    return Table("Period effect, which biases nothing", columns, rows)


def gate_tables(comparison: Comparison) -> tuple[Table, ...]:
    """The gates, and what is told beside them; nothing where there are none."""
    period = () if comparison.period is None else (period_table(comparison.period),)
    return (gates_table(comparison.gates), *period) if comparison.gates else ()


def plan_table(plans: Iterable[Plan], pairs_per_s: float) -> Table:
    """What a verdict on each statistic takes."""
    rows = tuple(
        (
            each.statistic,
            "no number" if each.pairs is None else f"{each.pairs:,}",
            "–" if (minutes := each.minutes(pairs_per_s)) is None else f"{minutes:,.1f}",
            each.source,
        )
        for each in plans
    )
    columns = ("statistic", "pairs", f"minutes at {pairs_per_s:g}/s", "from")
    return Table("What a verdict takes", columns, rows)


def shift_table(shift: ShiftFunction) -> Table:
    """The saving at every quantile with its band."""
    figures = zip(shift.quantiles, shift.savings, shift.lower, shift.upper, strict=True)
    rows = tuple(
        (f"p{100 * q:g}", percent(saving), f"{percent(low)} to {percent(high)}")
        for q, saving, low, high in figures
    )
    columns = ("quantile", "saving", f"{shift.confidence:.0%} band of the whole curve")
    return Table("Saving at every quantile", columns, rows)


def path_table(path: SequentialPath) -> Table:
    """A dozen of the looks, with that which settled it and the last."""
    count = len(path.looks)
    every = max(-(-count // MOST_LOOKS), 1)
    shown = {*range(0, count, every), *([count - 1] if count else [])}
    if path.stopped_at is not None:
        shown.add(path.looks.index(path.stopped_at))
    rows = tuple(
        (
            f"{path.looks[look]:,}",
            percent(path.savings[look]),
            f"{percent(path.lower[look])} to {percent(path.upper[look])}",
        )
        for look in sorted(shown)
    )
    title = f"Looks at {path.statistic}, against the {path.threshold:.0%} claimed"
    columns = ("pairs", "saving", "bounds that hold at every look")
    return Table(title, columns, rows, more=count - len(rows))


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


def _result_row(result: StatisticResult) -> tuple[str, ...]:
    estimate = result.estimate
    return result.statistic, percent(estimate.point), interval(estimate), str(result.verdict)


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
