"""How a history looks: a table of its points, its changes in sentences, a picture."""

import math
from functools import partial

from hhperf.show.card import Card, Picture, Table, card_of
from hhperf.show.intervals import interval
from hhperf.shown import counted, milliseconds, percent
from hhperf.verdict.history import SAVING, Against, History, Point

MOST_ROWS = 60


@card_of.register
def history_card(history: History) -> Card:
    """Its changes, and each point against the baseline."""
    return Card(
        title=f"{history.about.capitalize()} over {counted(len(history.points), 'point')}:"
        f" {history.title}",
        badge=str(history.newest.word),
        sentences=(*change_sentences(history), newest_sentence(history)),
        tables=(history_table(history),),
        pictures=(_picture(history),),
        warnings=(*history.warnings, *_notes(history)),
    )


def change_sentences(history: History) -> tuple[str, ...]:
    """Each change of level with its uncertainty, or that none was found."""
    if not history.changes:
        return (f"No change of level was found in the {history.about}.",)
    return tuple(
        f"The {history.about} changed: {each}, in {_of(history)}." for each in history.changes
    )


def newest_sentence(history: History) -> str:
    """The newest point against the baseline."""
    newest, name = history.newest, history.newest.moment.called
    if newest.word is Against.BASELINE:
        return f"{name} is the baseline itself."
    if not newest.change.defined:
        return f"{newest.word}: {name} has no number to hold against {history.held_against}."
    change = newest.change
    if math.isnan(change.lower):
        said = f"{change.point:+.1%}, with an unknown error"
    else:
        said = f"{change.point:+.1%} ({change.lower:+.1%} to {change.upper:+.1%})"
    return (
        f"{newest.word}: the newest, {name}, saves {said} in {_of(history)} against"
        f" {history.held_against} (less than {percent(history.margin)} is too small to matter)."
    )


def history_table(history: History) -> Table:
    """The newest points, each with its level, the claim's verdict and that against the baseline."""
    points, more = history.points[-MOST_ROWS:], max(0, len(history.points) - MOST_ROWS)
    rows = tuple(_row(history, point) for point in points)
    columns = ("point", "recorded", "commit", "runs", _level_head(history), "claim",
               "change", "95% interval", "against baseline")  # fmt: skip
    title = f"Against {history.held_against}; a change is saved in {_of(history)}"
    return Table(
        title, columns, rows, words=("recorded", "commit", "claim", "against baseline"), more=more
    )


def _of(history: History) -> str:
    """What a change is a share of."""
    return "the treatment's share of the control" if history.measure == SAVING else "latency"


def _level_head(history: History) -> str:
    return "saving" if history.measure == SAVING else "latency, ms"


def _row(history: History, point: Point) -> tuple[str, ...]:
    moment, change = point.moment, point.change
    is_judged = change.defined and point.word is not Against.BASELINE
    return (
        moment.name,
        f"{moment.at:%Y-%m-%d %H:%M}",
        moment.commit or "–",
        str(len(moment.logs)),
        _level(history, point),
        str(moment.claim or "–"),
        f"{change.point:+.1%}" if is_judged else "–",
        interval(change) if is_judged and not math.isnan(change.lower) else "–",
        str(point.word),
    )


def _level(history: History, point: Point) -> str:
    if math.isnan(point.level):
        return "–"
    said = percent if history.measure == SAVING else milliseconds
    if math.isnan(point.lower):
        return said(point.level)
    return f"{said(point.level)} ({said(point.lower)} to {said(point.upper)})"


def _picture(history: History) -> Picture:
    from hhperf.show import plots  # noqa: PLC0415  (only what is drawn needs it)

    label = " ".join((*change_sentences(history), newest_sentence(history)))
    return Picture("history", label, partial(plots.plot_history, history))


def _notes(history: History) -> tuple[str, ...]:
    return tuple(
        f"{point.moment.called}: {said}" for point in history.points for said in point.moment.notes
    )
