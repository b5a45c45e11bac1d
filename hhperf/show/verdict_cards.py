"""Cards and tables of what `hhperf.verdict` finds."""

from hhperf.show.analysis_cards import comparison_warnings, interval
from hhperf.show.card import Card, Table, card_of
from hhperf.shown import counted, milliseconds, percent
from hhperf.verdict.sweeps import Sweep, rate


def savings_by_load_table(found: Sweep, statistic: str | None = None) -> Table:
    """The saving at each offered load, with its interval and verdict.

    Args:
        found: the sweep.
        statistic: such as `p50`; the one that decides when None.
    """
    first = found.points[0].comparison
    name = statistic or first.primary
    results = [point.comparison[name] for point in found.points]
    rows = tuple(
        (
            rate(point.offered_hz),
            percent(each.estimate.point),
            interval(each.estimate),
            str(each.verdict),
        )
        for point, each in zip(found.points, results, strict=True)
    )
    columns = ("offered/s", "saving", f"{results[0].estimate.confidence:.0%} interval", "verdict")
    title = f"Saving in response time at {name} against the {first.threshold:.0%} claimed"
    return Table(title, columns, rows)


def response_by_load_table(found: Sweep) -> Table:
    """How fast and how much both arms answered at each load."""
    rows = tuple(
        (
            rate(point.offered_hz),
            arm,
            milliseconds(seen.p50_s),
            milliseconds(seen.p95_s),
            rate(seen.answered_hz),
            f"{seen.failed:,}",
        )
        for point in found.points
        for arm, seen in point.arms.items()
    )
    columns = ("offered/s", "arm", "p50 ms", "p95 ms", "answered/s", "failed")
    return Table("Response time by offered load", columns, rows, words=("arm",))


@card_of.register
def sweep_card(found: Sweep) -> Card:
    """Savings against load, and where they end."""
    never = "not within these loads"
    notes = _notes_table(found)
    said = (f"{counted(len(notes.rows), 'note')} on single loads, below {notes.title!r}",)
    return Card(
        title=f"Sweep over {counted(len(found.points), 'load')}",
        facts=(
            *((f"knee of {arm}", str(level)) for arm, level in found.knees.items()),
            *((f"{arm} falls behind", str(at or never)) for arm, at in found.saturations.items()),
            *(
                (f"saving at {name} ends", str(at or never))
                for name, at in found.crossovers.items()
            ),
            *found.labels.items(),
        ),
        tables=(savings_by_load_table(found), response_by_load_table(found)),
        details=(notes,) if notes.rows else (),
        warnings=said if notes.rows else (),
    )


def _notes_table(found: Sweep) -> Table:
    rows = tuple(
        (rate(point.offered_hz), warning)
        for point in found.points
        for warning in comparison_warnings(point.comparison)
    )
    return Table("Notes by load", ("offered/s", "note"), rows, numeric=False)
