"""What was predicted: which stages decide, orders by what they save, predicted beside measured."""

from collections.abc import Mapping

from matplotlib.axes import Axes

from hhperf.analysis.estimate import Estimate
from hhperf.forecast.decisive import Decisive
from hhperf.forecast.optimise import Ranking
from hhperf.runs.observation import Arm
from hhperf.show.plots.language import COLOURS, MARKERS, PREDICTED, PREDICTED_MARKER
from hhperf.show.plots.style import claim_line, in_percent, ink, new_axes, note, styled
from hhperf.shown import counted, milliseconds

FORESEEN = PREDICTED, PREDICTED_MARKER, 9.0
MEASURED = COLOURS[Arm.TREATMENT], MARKERS[Arm.TREATMENT], 5.5
"""Colour, marker, and its size in points."""
PALE = 0.45
"""How strong that is drawn which others surely beat."""
ROW = 0.36
"""Inches that a row of intervals is high."""
APART = 0.16
"""Of a row, from its middle to what was predicted and to what was measured."""
TOLD_S = 1e-4
"""Less slack is not told."""


@styled
def plot_decisive(decisive: Decisive, *, ax: Axes | None = None) -> Axes:
    """In how many of the slowest requests each stage is on the critical path, and its slack."""
    stages = decisive.stages
    ax = ax or new_axes(
        f"n = {counted(decisive.requests, 'request')}, each reckoned by itself.",
        height=1.1 + 0.26 * len(stages),
    )
    for place, stage in enumerate(stages.values()):
        share = 100 * stage.among_slowest
        ax.barh(place, share, height=0.6, color=PREDICTED)
        spare = f", slack {milliseconds(stage.slack_s)} ms" if stage.slack_s >= TOLD_S else ""
        note(ax, f"{share:.0f}%{spare}", (share, place), va="center")
    ax.set(
        yticks=range(len(stages)),
        yticklabels=list(stages),
        xlabel="on the critical path of the slowest 5% (%)",
        xlim=(0, 128),
        xticks=range(0, 101, 20),
    )
    ax.invert_yaxis()
    ax.grid(visible=False, axis="y")
    ax.set_title(f"Which stages decide: {decisive.schedule}")
    return ax


@styled
def plot_ranking(ranking: Ranking, *, ax: Axes | None = None) -> Axes:
    """Orders by the saving predicted, the best first; pale what can be told from it."""
    load = f" at {ranking.load}" if ranking.load else ""
    ax = ax or new_axes(
        f"n = {counted(ranking.orders, 'order')} tried{load}, predicted against"
        f" {ranking.control}; pale: surely less than the best.",
        height=1.1 + ROW * len(ranking.best),
    )
    for place, each in enumerate(ranking.best):
        _draw(ax, each.saving, place, alpha=1 if each.is_tied else PALE)
    ax.axvline(0, color=ink(), linewidth=0.8)
    _rows(ax, [each.schedule for each in ranking.best], ranking.statistic)
    ax.set_title("Orders by what they save")
    return ax


@styled
def plot_predicted(
    predicted: Mapping[str, Estimate],
    measured: Mapping[str, Estimate] | None = None,
    *,
    at: str = "p95",
    threshold: float | None = 0.20,
    ax: Axes | None = None,
) -> Axes:
    """Predicted savings with their intervals, and what was measured below each.

    Args:
        predicted: savings by what is changed, or by statistic; one row each.
        measured: some of them, under the same names.
        at: the statistic, for the axis; empty where the rows say it.
        threshold: the saving claimed; None for no line.
        ax: where to draw; a new figure, with a caption, when None.
    """
    found = measured or {}
    ax = ax or new_axes(
        f"n = {counted(len(predicted), 'prediction')}, {len(found):,} of them measured.",
        height=1.2 + ROW * len(predicted),
    )
    apart = APART if found else 0.0
    for place, (name, saving) in enumerate(predicted.items()):
        _draw(ax, saving, place - apart, label="predicted")
        if name in found:
            _draw(ax, found[name], place + apart, MEASURED, label="measured")
    if threshold is not None:
        claim_line(ax, threshold, upright=True)
    _rows(ax, list(predicted), at)
    ax.set_title("Predicted beside measured" if found else "What each change would save")
    handles, labels = ax.get_legend_handles_labels()
    first = dict(zip(reversed(labels), reversed(handles), strict=True))
    ax.legend(list(first.values())[::-1], list(first)[::-1], loc="best")
    return ax


def _draw(
    ax: Axes,
    estimate: Estimate,
    place: float,
    look: tuple[str, str, float] = FORESEEN,
    *,
    alpha: float = 1.0,
    label: str = "",
) -> None:
    """An interval as a line with its point on it; nothing of one that is undefined."""
    if not estimate.defined:
        return
    colour, marker, size = look
    ends = [in_percent(estimate.lower), 100 * estimate.upper]
    ax.plot(ends, [place, place], color=colour, linewidth=2.2, alpha=alpha)
    ax.plot(
        in_percent(estimate.point),
        place,
        marker,
        color=colour,
        markersize=size,
        alpha=alpha,
        label=label or None,
    )


def _rows(ax: Axes, names: list[str], statistic: str) -> None:
    ax.set(
        yticks=range(len(names)),
        yticklabels=[name.replace("; ", ";\n") for name in names],
        ylim=(len(names) - 0.5, -0.5),
        xlabel=f"saving{statistic and f' at {statistic}'} (%), 95% intervals",
    )
