"""Cards of imported traces: what they show, what is predicted from them, what changed."""

import numpy as np

from hhperf.analysis.estimate import Estimate
from hhperf.show.card import Card, Table, card_of
from hhperf.shown import counted, milliseconds, percent
from hhperf.traces.before_after import BeforeAfter
from hhperf.traces.calls import Operation, operations
from hhperf.traces.candidates import RANKED_BY, Candidate
from hhperf.traces.possible import PossibleSavings
from hhperf.traces.structure import Structure
from hhperf.traces.trace_set import STEPS, TraceSet

_MOST = 20
_WORTH_TELLING = 0.005


@card_of.register
def traces_card(traces: TraceSet) -> Card:
    """How much there is, which operations have steps, and what is the matter with the traces."""
    found = operations(traces)
    spans = len(traces.spans["trace"])
    return Card(
        title=f"Traces: {traces.path}",
        sentences=(
            f"{counted(len(traces), 'trace')} with {counted(spans, 'span')}.",
            f"Which steps are independent is said in {traces.path / STEPS}.",
        ),
        tables=(_operations_table(found),),
        warnings=traces.warnings,
    )


@card_of.register
def structure_card(found: Structure) -> Card:
    """The steps, and how they stood to each other."""
    decided = sum(bool(pair.overlapped) for pair in found.pairs)
    undecided = len(found.undecided)
    return Card(
        title=f"{found.operation}: {counted(found.calls, 'call')}",
        sentences=(
            f"Median {milliseconds(found.median_s)} ms, p95 {milliseconds(found.p95_s)} ms;"
            f" {milliseconds(found.own_s)} ms of the median are in none of its steps.",
            f"{counted(decided, 'pair')} of steps overlapped. {counted(undecided, 'pair')} never"
            " did: they may depend on each other or may just be written one after the other. Traces"
            " cannot tell; say which.",
        ),
        tables=(_steps_table(found), *_critical_tables(found), _pairs_table(found)),
        warnings=(*found.left_out, *found.warnings),
    )


@card_of.register
def possible_card(found: PossibleSavings) -> Card:
    """The prediction at each statistic, and single changes by what they would save."""
    said = " and ".join(f"{one} beside {other}" for one, other in found.declared)
    return Card(
        title=f"What {found.operation} could save, against {percent(found.threshold)}",
        badge=str(found["p95"].prediction),
        sentences=(
            f"Declared independent: {said}."
            if said
            else "Nothing is declared independent: `--independent a,b`, or the file of steps.",
            f"From {counted(found.calls, 'call')}, resampled by {found.cluster_level}.",
            *_load_sentences(found),
        ),
        tables=(_possible_table(found), _candidates_table(found.candidates)),
        warnings=found.warnings,
    )


@card_of.register
def before_after_card(found: BeforeAfter) -> Card:
    """The saving at each statistic, as of two arms that were not drawn."""
    rows = tuple(
        (each.statistic, _interval(each.estimate), str(each.verdict)) for each in found.results
    )
    what = found.operation or "all that begins traces"
    return Card(
        title=f"Before and after: {what}, against {percent(found.threshold)}",
        badge=str(found["p95"].verdict),
        sentences=(
            f"{counted(found.before, 'call')} of the old release, {found.after:,} of the new one,"
            f" weighted to the old one's mix of {' and '.join(found.weighed_by)}.",
        ),
        tables=(Table("Savings", ("statistic", "saving", "verdict"), rows, words=("verdict",)),),
        warnings=(
            *found.warnings,
            *dict.fromkeys(note for each in found.results for note in each.estimate.warnings),
        ),
    )


def _load_sentences(found: PossibleSavings) -> tuple[str, ...]:
    """What calls meet each other under, or why each is predicted alone."""
    load = found.load
    if load is None:
        return (f"Each call is predicted alone: {found.alone}.",)
    recorded = "as recorded" if load.is_recorded else f"{load.recorded_hz:,.3g} were recorded"
    used = " and ".join(
        f"{percent(share)} of {pool.name}"
        for pool, share in zip(load.pools, load.in_use, strict=True)
    )
    return (
        f"Under a load of {load} ({recorded}); calls as recorded keep {used} in use.",
        f"As recorded, a call waited {milliseconds(load.waited_s)} ms for connections"
        f" ({load.waits}). The model's median of calls as they are is"
        f" {milliseconds(load.simulated_s)} ms, {milliseconds(load.median_s)} ms was recorded.",
        "Single changes are ranked for calls that meet no other.",
    )


def _operations_table(found: list[Operation]) -> Table:
    rows = tuple(
        (str(each), f"{each.calls:,}", milliseconds(each.total_s / each.calls))
        for each in found[:_MOST]
    )
    columns = ("operation with steps", "calls", "mean ms")
    return Table("Operations", columns, rows, more=max(len(found) - _MOST, 0))


def _steps_table(found: Structure) -> Table:
    rows = tuple(
        (
            each.name,
            percent(each.share),
            milliseconds(each.median_s),
            milliseconds(each.p95_s),
            f"{each.failed:,}",
            f"{each.retries:,}",
        )
        for each in found.steps
    )
    columns = ("step", "in calls", "median ms", "p95 ms", "failed", "retries")
    return Table("Steps, as they mostly begin", columns, rows)


def _critical_tables(found: Structure) -> tuple[Table, ...]:
    shares = [each for each in found.critical if each.share >= _WORTH_TELLING]
    rows = tuple((each.name, percent(each.share)) for each in shares[:_MOST])
    title = "Whose time it is, along the critical paths"
    return (Table(title, ("span", "share"), rows),) if rows else ()


def _pairs_table(found: Structure) -> Table:
    pairs = sorted(found.pairs, key=lambda pair: np.nan_to_num(pair.median_gap_s, nan=-1.0))
    rows = tuple(
        (
            f"{pair.first}, then {pair.second}",
            f"{pair.calls:,}",
            f"{pair.before:,}",
            f"{pair.after:,}",
            f"{pair.overlapped:,}",
            milliseconds(pair.median_gap_s),
            milliseconds(pair.smallest_gap_s),
        )
        for pair in pairs[:_MOST]
    )
    columns = ("pair", "calls", "so", "reversed", "overlapped", "median gap ms", "least")
    return Table("Pairs, the closest first", columns, rows, more=max(len(found.pairs) - _MOST, 0))


def _possible_table(found: PossibleSavings) -> Table:
    rows = tuple(
        (
            each.statistic,
            _interval(each.saving),
            _interval(each.pessimistic),
            _interval(each.everything),
            str(each.prediction),
        )
        for each in found.results
    )
    columns = ("statistic", "as declared", "pessimistic", "were all independent", "prediction")
    return Table("Possible savings", columns, rows, words=("prediction",))


def _candidates_table(found: tuple[Candidate, ...]) -> Table:
    known = all(each.savings[RANKED_BY].defined for each in found)
    told = RANKED_BY if known else "mean"
    rows = tuple(
        (each.what, _interval(each.savings[told]), each.condition or "–") for each in found
    )
    columns = ("one change alone", f"{told} saving", "provided that")
    return Table("Changes, what saves most first", columns, rows, words=("provided that",))


def _interval(estimate: Estimate) -> str:
    if not estimate.defined:
        return "–"
    point, lower, upper = (
        round(100 * each, 1) + 0.0  # which makes of -0.0 what it is
        for each in (estimate.point, estimate.lower, estimate.upper)
    )
    return f"{point:+.1f}% [{lower:.1f}, {upper:.1f}]"
