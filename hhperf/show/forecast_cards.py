"""Cards of what was predicted: savings, deciding stages, orders by what they save."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from hhperf.analysis.comparison import Comparison
from hhperf.analysis.estimate import Estimate
from hhperf.forecast.decisive import Decisive
from hhperf.forecast.map_cells import ClaimMap
from hhperf.forecast.offered import Load
from hhperf.forecast.optimise import Ranking
from hhperf.forecast.validation import NEAR, Validation
from hhperf.forecast.what_if import QUANTILES, Forecast
from hhperf.show.card import Card, Table, card_of
from hhperf.show.map_words import cells_table, map_sentences, map_table
from hhperf.shown import counted, milliseconds, percent

KINDS = {"pool_max": "connections", "schedule": "the schedule alone"}
"""What a prediction errs by, where its name is no word."""
NEXT = 5
"""Cells that are named as worth measuring."""


@card_of.register
def forecast_card(found: Forecast) -> Card:
    """Latencies of both arms and what is saved, with intervals."""
    saved = found["p95"]
    return Card(
        title=f"Predicted from {found.source}",
        sentences=(
            f"At p95, {found.treatment} is predicted to save {interval(saved)} of the latency of"
            f" {found.control}{_offered(found.load)}.",
        ),
        facts=(
            ("the model's own error", f"{found.model_error * 100:.1f} points, in the intervals"),
        ),
        tables=(savings_table(found),),
        warnings=found.warnings,
    )


def savings_table(found: Forecast) -> Table:
    """Each statistic of both arms."""
    qs = dict(zip(found.savings, (None, *QUANTILES), strict=True))
    rows = tuple(
        (
            name,
            milliseconds(_statistic(found.control_s, qs[name])),
            milliseconds(_statistic(found.treatment_s, qs[name])),
            percent(estimate.point),
            f"{percent(estimate.lower)} to {percent(estimate.upper)}",
        )
        for name, estimate in found.savings.items()
    )
    return Table(
        "Predicted latencies in ms, and what is saved",
        ("", "control", "treatment", "saving", "95% interval"),
        rows,
    )


@card_of.register
def decisive_card(found: Decisive) -> Card:
    """Which stages decide."""
    return Card(
        title=f"Which stages decide how long {found.schedule} takes",
        sentences=(f"From {counted(found.requests, 'request')}, none of which meets another.",),
        tables=(decisive_table(found),),
    )


def decisive_table(found: Decisive) -> Table:
    """Each stage: where it is critical, its slack, what a millisecond off it saves."""
    rows = tuple(
        (
            name,
            f"{stage.around_p50:.0%}",
            f"{stage.among_slowest:.0%}",
            milliseconds(stage.slack_s),
            f"{stage.gain_p50:.2f}",
            f"{stage.gain_p95:.2f}",
        )
        for name, stage in found.stages.items()
    )
    return Table(
        f"{found.schedule}: stages on the critical path, and what 1 ms off them saves",
        ("stage", "around p50", "slowest 5%", "slack, ms", "ms at p50", "ms at p95"),
        rows,
    )


@card_of.register
def ranking_card(found: Ranking) -> Card:
    """Orders by what they save, and which of them cannot be told apart."""
    return Card(
        title=f"Orders of the stages by {found.statistic}, predicted from {found.source}",
        sentences=ranking_sentences(found),
        tables=(ranking_table(found),),
        warnings=found.warnings,
    )


def ranking_sentences(found: Ranking) -> tuple[str, ...]:
    """The best, those as good, and how many were tried."""
    best, *others = found.tied
    tried = "All" if found.is_whole else "The search went through"
    connections = f" with {counted(found.pool, 'connection')}" if found.pool and found.load else ""
    said = [
        f"{tried} {found.orders:,} orders{_offered(found.load)}{connections}: {best!r} is predicted"
        f" best at {found.statistic}, {interval(found.best[0].saving)} less than {found.control}."
    ]
    if others:
        said.append(f"Not to be told from it: {', '.join(map(repr, others))}.")
    return tuple(said)


def ranking_table(found: Ranking) -> Table:
    """One row an order, the best first."""
    rows = tuple(
        (
            each.schedule,
            milliseconds(each.latency_s),
            percent(each.saving.point),
            f"{percent(each.saving.lower)} to {percent(each.saving.upper)}",
            "–" if each is found.best[0] else f"{percent(each.behind.point)}",
            "alike" if each.is_tied else f"{percent(each.behind.lower)} or more",
        )
        for each in found.best
    )
    return Table(
        f"Predicted {found.statistic}",
        ("order", "ms", "saving", "95% interval", "behind", "for sure"),
        rows,
    )


@card_of.register
def claim_map_card(found: ClaimMap) -> Card:
    """Every cell, what was measured, what to measure next, and when the claim holds."""
    measured = [each for each in found.cells if each.measured is not None]
    tables = [map_table(found)]
    if measured:
        tables.append(cells_table(measured, "Measured, and what had been predicted"))
    if rest := found.worth_measuring(NEXT):
        tables.append(cells_table(rest, "Measuring these would tell most"))
    return Card(
        title="Where the claim holds",
        sentences=map_sentences(found),
        tables=tuple(tables),
        warnings=found.lacking,
    )


def measured_table(found: Ranking, measured: Mapping[str, Comparison]) -> Table:
    """What orders were predicted to save, beside what they saved."""
    rows = []
    for each in found.best:
        if each.schedule in measured:
            result = measured[each.schedule][found.statistic]
            rows.append(
                (
                    each.schedule,
                    interval(each.saving),
                    interval(result.estimate),
                    _is_within(result.estimate, each.saving.point),
                )
            )
    columns = ("order", "predicted saving", "measured saving", "within")
    return Table(
        f"Predicted and measured against {found.control}, {found.statistic}", columns, tuple(rows)
    )


@card_of.register
def validation_card(found: Validation) -> Card:
    """Changed systems as predicted and as measured."""
    return Card(
        title=f"{counted(len(found.systems), 'changed system')}, predicted and then measured",
        sentences=validation_sentences(found),
        tables=(validation_table(found),),
    )


def validation_sentences(found: Validation) -> tuple[str, ...]:
    """How many were near, how often the intervals held, and what predictions were off by."""
    if not found.known:
        return ("Nothing was measured.",)
    held = sum(each.holds for each in found.known)
    off = [
        f"{100 * error:.2f} points for {KINDS.get(kind, kind)} ({counted(savings, 'saving')})"
        for kind, (error, savings) in found.errors().items()
    ]
    return (
        f"Within {100 * NEAR:.0f} points at every statistic: {len(found.near)} of"
        f" {counted(len(found.systems), 'system')}. Intervals that hold: {held} of"
        f" {len(found.known)}; median half-width {100 * found.half_width:.1f} points.",
        f"Predictions were off by, root mean square: {', '.join(off)}.",
    )


def validation_table(found: Validation) -> Table:
    """A row for each statistic of each system."""
    rows = tuple(
        (
            each.system,
            each.at,
            interval(each.predicted),
            interval(each.measured),
            f"{100 * each.apart:+.1f}" if each.measured.defined else "–",
            _yes(each.holds) if each.measured.defined else "–",
            *map(milliseconds, each.control_s),
        )
        for each in found.savings
    )
    columns = (
        "system", "at", "predicted", "measured", "apart", "holds",
        "control, predicted ms", "measured ms",
    )  # fmt: skip
    return Table("Savings against sequential", columns, rows, words=("at",))


def _yes(is_so: bool) -> str:
    return "yes" if is_so else "no"


def _is_within(measured: Estimate, saving: float) -> str:
    if not measured.defined:
        return "–"
    return _yes(measured.contains(saving))


def interval(estimate: Estimate) -> str:
    """A saving and its interval in words."""
    if not estimate.defined:
        return "an undefined share"
    ends = f"{percent(estimate.lower)} to {percent(estimate.upper)}"
    return f"{percent(estimate.point)} ({ends})"


def _offered(load: Load | None) -> str:
    return "" if load is None else f" at {load}"


def _statistic(latencies: NDArray[np.float64], q: float | None) -> float:
    return float(latencies.mean() if q is None else np.quantile(latencies, q))
