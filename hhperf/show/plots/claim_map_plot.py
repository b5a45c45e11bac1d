"""A claim's map as a picture: what is saved where, and which cells were measured."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import TwoSlopeNorm
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.transforms import ScaledTranslation

from hhperf.analysis.decision import Verdict
from hhperf.forecast.map_cells import Cell, ClaimMap, Place
from hhperf.show.plots.language import BY_SAVING, OPEN
from hhperf.show.plots.style import NOTE_SIZE, new_axes, styled

Row = tuple[str, bool, str, int]
Column = tuple[int, float]

REACH = 0.2
"""Savings so far from the claim have the full colour."""
ROW_IN, COLUMN_IN = 0.24, 0.48
LEAST_IN = 5.2, 3.0
"""What names, labels and legend take of a map of few cells."""
BELOW_TICKS = 0.6
"""Inches from the cells to the legend: two lines at the ticks, and the label."""
DARK = 0.7
"""Of the full colour; beyond it words are white."""


@styled
def plot_claim_map(found: ClaimMap, *, ax: Axes | None = None) -> Axes:
    """The saving in percent by conditions (rows), pool and load (columns).

    White is the claim, green more and purple less, as verdicts are. Open cells, whose interval
    holds the claim or that cannot be told, are dotted. Measured cells have a thick frame and a dot;
    the others are predicted. Requests that meet no other wait for no connection: they have a column
    of their own.
    """
    rows = sorted({_row(each.place) for each in found.cells})
    columns = sorted({_column(each.place) for each in found.cells})
    if ax is None:
        width, height = 2.3 + COLUMN_IN * len(columns), 1.3 + ROW_IN * len(rows)
        ax = new_axes(height=max(height, LEAST_IN[1]))
        ax.figure.set_size_inches(max(width, LEAST_IN[0]), max(height, LEAST_IN[1]))  # type: ignore[union-attr]
    ax.grid(visible=False)
    norm = TwoSlopeNorm(
        found.design.threshold, found.design.threshold - REACH, found.design.threshold + REACH
    )
    for cell in found.cells:
        at = columns.index(_column(cell.place)), rows.index(_row(cell.place))
        _draw(ax, cell, at, float(norm(cell.saving.point)))
    _label(ax, rows, columns)
    ax.set_title(
        f"Saving at {found.design.statistic}, %; the claim is {found.design.threshold:.0%}"
    )
    ax.legend(
        handles=_legend(),
        loc="upper left",
        bbox_to_anchor=(0, 0),
        bbox_transform=ax.transAxes + ScaledTranslation(0, -BELOW_TICKS, ax.figure.dpi_scale_trans),
        borderaxespad=0,
        ncols=3,
    )
    return ax


def _draw(ax: Axes, cell: Cell, at: tuple[int, int], share: float) -> None:
    (x, y), colour = at, plt.get_cmap(BY_SAVING)(np.clip(share, 0, 1))
    words = "white" if abs(2 * share - 1) > DARK else "black"
    is_open = cell.verdict not in (Verdict.EXCEEDS, Verdict.BELOW)
    measured = cell.measured is not None
    ax.add_patch(
        Rectangle(
            (x - 0.5, y - 0.5), 1, 1, facecolor=colour, edgecolor="#999999", linewidth=0.4,
            hatch=OPEN if is_open else "",
        )
    )  # fmt: skip
    if measured:
        ax.add_patch(
            Rectangle((x - 0.44, y - 0.42), 0.88, 0.84, fill=False, edgecolor=words, linewidth=1.4)
        )
        ax.plot(x - 0.33, y - 0.25, marker="o", markersize=2.5, color=words)
    box = {"facecolor": colour, "edgecolor": "none", "pad": 0.6}
    text = f"{100 * cell.saving.point:z.0f}" if cell.saving.defined else "–"
    ax.text(x, y, text, ha="center", va="center", fontsize=NOTE_SIZE, color=words, bbox=box)


def _label(ax: Axes, rows: Sequence[Row], columns: Sequence[Column]) -> None:
    sizes = len({row[3] for row in rows}) > 1
    names = [
        f"{profile}{f' {size:,}' if sizes else ''}, {'' if rerank else 'no '}rerank, {cache}"
        for profile, rerank, cache, size in rows
    ]
    ax.set(xlim=(-0.5, len(columns) - 0.5), ylim=(len(rows) - 0.5, -0.5))
    ax.set_yticks(range(len(rows)), names, fontsize=NOTE_SIZE)
    loads = ["alone" if not pool else f"{rate:g}/s\n{pool}" for pool, rate in columns]
    ax.set_xticks(range(len(columns)), loads, fontsize=NOTE_SIZE)
    ax.set_xlabel("requests a second, and connections")
    ax.tick_params(length=0)


def _legend() -> list[Patch | Line2D]:
    return [
        Patch(facecolor="#dddddd", edgecolor="#999999", label="predicted"),
        Line2D([], [], marker="s", markersize=8, markerfacecolor="#dddddd", markeredgecolor="black",
               markeredgewidth=1.4, linestyle="", label="measured (frame, dot)"),
        Patch(facecolor="#dddddd", edgecolor="black", hatch=OPEN, label="open"),
    ]  # fmt: skip


def _row(place: Place) -> Row:
    return place.profile, place.rerank, place.cache, place.candidates or 0


def _column(place: Place) -> Column:
    return place.pool or 0, place.rate_hz
