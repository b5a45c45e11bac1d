"""A history: points in order of time, with their intervals, and where the level changed."""

import math

import numpy as np
from matplotlib.axes import Axes

from hhperf.analysis.decision import Verdict
from hhperf.runs.observation import Arm
from hhperf.show.plots.language import (
    COLOURS,
    MARKERS,
    UNSETTLED,
    VERDICT_COLOURS,
    VERDICT_MARKERS,
)
from hhperf.show.plots.style import (
    AT_FOOT,
    ink,
    new_axes,
    note,
    room_above,
    styled,
)
from hhperf.shown import counted
from hhperf.verdict.history import SAVING, Against, History, Point

LOOKS = {
    Against.BASELINE: (COLOURS[Arm.CONTROL], MARKERS[Arm.CONTROL]),
    Against.BETTER: (VERDICT_COLOURS[Verdict.EXCEEDS], VERDICT_MARKERS[Verdict.EXCEEDS]),
    Against.WORSE: (VERDICT_COLOURS[Verdict.BELOW], VERDICT_MARKERS[Verdict.BELOW]),
    Against.ALIKE: (COLOURS[Arm.CONTROL_AGAIN], MARKERS[Arm.CONTROL_AGAIN]),
    Against.INCONCLUSIVE: (UNSETTLED, VERDICT_MARKERS[Verdict.INCONCLUSIVE]),
}
"""A baseline is held against as a control is, and what is like it as the control measured again."""
MOST_LABELS = 9
HIGH = 0.8
"""Of the axes: where the size of a change stands, below the legend."""


@styled
def plot_history(history: History, *, ax: Axes | None = None) -> Axes:
    """Levels with 95% intervals, each coloured by its verdict against the baseline.

    A change of level is an upright line, with a band over the points where it may have begun.
    """
    ax = ax or new_axes(
        f"n = {counted(len(history.points), 'point')} in order of time; {history.title}. Bands:"
        " where a change of level may have begun (95%).",
        height=3.3,
    )
    for word in LOOKS:
        chosen = {place: point for place, point in enumerate(history.points) if point.word is word}
        if chosen:
            _draw(ax, chosen, word, _unit(history))
    _mark_changes(ax, history)
    _name_points(ax, history)
    ax.set(ylabel=f"{history.about} ({'%' if history.measure == SAVING else 'ms'})")
    ax.set_title(f"{history.about.capitalize()} over time")
    ax.margins(y=0.05)
    room_above(ax, 0.16)
    ax.legend(fontsize="small", ncols=5, loc="upper left")
    return ax


def _unit(history: History) -> float:
    return 100.0 if history.measure == SAVING else 1e3


def _draw(ax: Axes, points: dict[int, Point], word: Against, unit: float) -> None:
    levels = unit * np.array([point.level for point in points.values()])
    lower, upper = (
        np.nan_to_num(unit * np.array([getattr(point, end) for point in points.values()]) - levels)
        for end in ("lower", "upper")
    )
    ax.errorbar(
        list(points), levels, yerr=[(-lower).tolist(), upper.tolist()], fmt=LOOKS[word][1],
        color=LOOKS[word][0], capsize=2, elinewidth=0.9, label=word.value.lower(),
    )  # fmt: skip


def _mark_changes(ax: Axes, history: History) -> None:
    names = [point.moment.called for point in history.points]
    for change in history.changes:
        first, last = names.index(change.first), names.index(change.last)
        ax.axvspan(first - 0.75, last - 0.25, color=ink(), alpha=0.3, lw=0)
        ax.axvline(change.index - 0.5, color=ink(), linewidth=1.1, linestyle="--")
        said = f"{change.change.point:+.1%}"
        note(ax, said, (change.index - 0.5, HIGH), xycoords=AT_FOOT)


def _name_points(ax: Axes, history: History) -> None:
    step = math.ceil(len(history.points) / MOST_LABELS)
    places = range(0, len(history.points), step)
    shown = [history.points[place].moment for place in places]
    ax.set_xticks(
        list(places),
        [f"{(each.commit or each.name)[:8]}\n{each.at:%d %b}" for each in shown],
        fontsize="x-small",
    )
    ax.axhline(
        history.base_level * _unit(history), color=ink(), linewidth=0.8, linestyle=":",
    )  # fmt: skip
