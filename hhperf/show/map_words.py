"""A claim's map in words: when the claim holds, and its cells in a table."""

from collections.abc import Sequence

from hhperf.analysis.decision import Verdict
from hhperf.analysis.estimate import Estimate
from hhperf.forecast.map_cells import Cell, ClaimMap, Place
from hhperf.forecast.map_rules import Rule, rules_of
from hhperf.show.card import Table
from hhperf.shown import counted

MOST_RULES = 4
"""A sentence with more is none."""


def map_sentences(found: ClaimMap) -> tuple[str, ...]:
    """When the claim holds, in how many cells it does not, and what is open."""
    count = {word: sum(each.verdict is word for each in found.cells) for word in Verdict}
    measured = sum(each.measured is not None for each in found.cells)
    claim = f"{found.design.threshold:.0%} at {found.design.statistic}"
    open_ = len(found.cells) - count[Verdict.EXCEEDS] - count[Verdict.BELOW]
    whole = (
        f"Of {counted(len(found.cells), 'cell')} ({measured:,} measured, the others predicted) it"
        f" holds in {count[Verdict.EXCEEDS]:,}, fails in {count[Verdict.BELOW]:,} and is open in"
        f" {open_:,}."
    )
    if not count[Verdict.EXCEEDS]:
        return (f"The claim of {claim} holds in no cell.", whole)
    rules = rules_of(found.cells, Verdict.EXCEEDS)
    return (f"The claim of {claim} holds {_when(rules)}.", whole)


def _when(rules: Sequence[Rule]) -> str:
    said = [f"{rule} ({counted(rule.cells, 'cell')})" for rule in rules[:MOST_RULES]]
    more = len(rules) - MOST_RULES
    return "; or ".join(said) + (f"; or in {more:,} narrower ways" if more > 0 else "")


def map_table(found: ClaimMap) -> Table:
    """A row for each profile, reranker and caches, a column for each load and pool.

    Savings in percent: `+` where the claim holds, `-` where it fails, `?` where that is open, and
    `*` where it was measured.
    """
    rows: dict[str, dict[str, str]] = {}
    heads: dict[tuple[int, float], str] = {}
    for cell in found.cells:
        place = cell.place
        heads[place.pool or 0, place.rate_hz] = load = _load(place)
        rows.setdefault(_conditions(place), {})[load] = _short(cell)
    columns = [heads[each] for each in sorted(heads)]
    return Table(
        f"Saving at {found.design.statistic}, %: + more than {found.design.threshold:.0%}, - less,"
        " ? open; * measured, else predicted",
        ("requests, connections", *columns),
        tuple((name, *(row.get(each, "–") for each in columns)) for name, row in rows.items()),
    )


def cells_table(cells: Sequence[Cell], title: str) -> Table:
    """A row a cell: its saving with the interval, measured ones beside what was predicted."""
    rows = tuple(
        (
            str(each.place),
            _interval(each.predicted),
            "–" if each.measured is None else _interval(each.measured),
            str(each.verdict),
        )
        for each in cells
    )
    return Table(
        title, ("cell", "predicted, %", "measured, %", "verdict"), rows, words=("verdict",)
    )


def _conditions(place: Place) -> str:
    size = "" if place.candidates is None else f" of {place.candidates:,}"
    return f"{place.profile}{size}, rerank {'on' if place.rerank else 'off'}, {place.cache}"


def _load(place: Place) -> str:
    return "alone" if place.pool is None else f"{place.rate_hz:g}/s, {place.pool}"


def _short(cell: Cell) -> str:
    sign = {Verdict.EXCEEDS: "+", Verdict.BELOW: "-"}.get(cell.verdict, "?")
    point = f"{100 * cell.saving.point:z.0f}" if cell.saving.defined else ""
    return f"{point}{sign}{'' if cell.measured is None else '*'}"


def _interval(estimate: Estimate) -> str:
    if not estimate.defined:
        return "–"
    return f"{100 * estimate.point:.1f} ({100 * estimate.lower:.1f} to {100 * estimate.upper:.1f})"
