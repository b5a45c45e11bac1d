"""Whole figures: the verdict's, Axes in the style sheet for one's own, and files."""

from pathlib import Path
from textwrap import wrap
from typing import Any

import matplotlib.pyplot as plt
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hhperf.analysis.comparison import Comparison
from hhperf.analysis.sequential import SequentialPath
from hhperf.analysis.shift import ShiftFunction
from hhperf.errors import FigureError
from hhperf.runs.run import Run
from hhperf.show.plots.canvas import METADATA as PNG_METADATA
from hhperf.show.plots.canvas import Canvas
from hhperf.show.plots.captions import add_caption, whole_figure
from hhperf.show.plots.distributions import plot_distributions, plot_shift
from hhperf.show.plots.saving_plots import plot_path, plot_savings
from hhperf.show.plots.style import STYLE
from hhperf.show.sentences import verdict_sentence

# Neither date nor version, so that equal figures are equal files.
METADATA = {".png": PNG_METADATA, ".svg": {"Date": None, "Creator": None}}

PAGE = 2
"""So many single figures are as wide as a page: letters are as large on both."""

TITLE_CHARACTERS = 96
"""So many bold ones have room above a page."""

HEAD = 0.6
"""Inches, of the sentence above and the conditions below."""


def verdict_figure(
    run: Run,
    comparison: Comparison,
    caption: str,
    *,
    shift: ShiftFunction | None = None,
    path: SequentialPath | None = None,
) -> Figure:
    """The pictures side by side under the verdict, with the conditions as caption.

    The latency is that of the savings: service time of pairs, response time under load. The third
    picture is the confidence sequence of a run that stopped on its verdict, else the saving by
    quantile, else nothing.
    """
    with style.context(STYLE):
        widths = (3, 2) if shift is None and path is None else (4, 3, 3)
        width, height = plt.rcParams["figure.figsize"]
        figure = plt.figure(figsize=(PAGE * width, HEAD + height), FigureClass=Canvas)
        axes = figure.subplots(1, len(widths), width_ratios=widths)
        plot_distributions(run, statistic=run.statistic, ax=axes[0])
        plot_savings(comparison, ax=axes[1])
        if path is not None:
            plot_path(path, ax=axes[2])
        elif shift is not None:
            plot_shift(shift, threshold=comparison.threshold, ax=axes[2])
        title = wrap(verdict_sentence(run, comparison), TITLE_CHARACTERS)
        figure.suptitle("\n".join(title), x=0.01, ha="left")
        add_caption(figure, caption)
    plt.close(figure)  # a notebook shows what a cell returns; left open it would show twice
    return figure


def subplots(
    rows: int = 1, columns: int = 1, *, caption: str = "", **options: Any
) -> tuple[Figure, Any]:
    """`pyplot.subplots` in the style sheet, for pictures side by side or one over the other.

    Args:
        rows: of pictures.
        columns: of pictures.
        caption: what stands below them all.
        options: as `pyplot.subplots` takes them; `figsize` is 4.5 by 3.1 in a picture if not given.

    Returns:
        The figure and its Axes, as `pyplot.subplots` does.
    """
    with style.context(STYLE):
        width, height = plt.rcParams["figure.figsize"]
        options.setdefault("figsize", (width * columns, height * rows))
        options.setdefault("FigureClass", Canvas)
        figure, axes = plt.subplots(rows, columns, **options)
        if caption:
            add_caption(figure, caption)
    return figure, axes


def closed_figure(ax: Axes) -> Figure:
    """The figure that Axes are on, for a cell to return: pyplot would show it a second time."""
    figure = whole_figure(ax)
    plt.close(figure)
    return figure


def save_figure(figure_or_axes: Figure | Axes, path: Path | str) -> Path:
    """Write a figure as PNG or SVG; equal figures become equal files, and SVG keeps text as text.

    Args:
        figure_or_axes: the figure, or Axes of it.
        path: where to; its suffix says which.

    Returns:
        The path.

    Raises:
        FigureError: the suffix is another, or the file cannot be written.
    """
    path = Path(path)
    metadata = METADATA.get(path.suffix.lower())
    if metadata is None:
        known = " or ".join(METADATA)
        raise FigureError(f"{path}: a figure is written as {known}, not as '{path.suffix}'")
    figure = whole_figure(figure_or_axes)
    try:
        with style.context(STYLE):
            figure.savefig(path, metadata=metadata)
    except OSError as error:
        raise FigureError(f"{path}: cannot be written: {error}") from error
    return path
