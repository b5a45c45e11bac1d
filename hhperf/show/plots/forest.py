"""Several comparisons one over the other."""

from matplotlib.axes import Axes

from hhperf.show.comparisons import Comparisons
from hhperf.show.plots.saving_plots import draw_saving, mark_claim, word_of
from hhperf.show.plots.style import new_axes, styled

ROW = 0.36
"""Inches."""


@styled
def plot_forest(comparisons: Comparisons, *, ax: Axes | None = None) -> Axes:
    """Each saving at one statistic with its interval, against the one claimed."""
    ax = ax or new_axes(comparisons.sentence, height=1.0 + ROW * len(comparisons))
    results = comparisons.results
    for place, result in enumerate(results.values()):
        if result.estimate.defined:
            draw_saving(ax, place, result)
    mark_claim(ax, comparisons.threshold)
    ax.set(
        yticks=range(len(results)),
        yticklabels=[f"{name}\n{word_of(each.verdict)}" for name, each in results.items()],
        xlabel=f"saving at {comparisons.at} (%), each with its own interval",
        ylim=(len(results) - 0.5, -0.5),
    )
    ax.margins(x=0.1)
    ax.set_title(f"Saving at {comparisons.at}")
    return ax
