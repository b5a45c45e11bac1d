"""Figures. Each function takes data and an optional Axes, draws, and returns the Axes.

None computes a statistic, none shows a figure. All share one style sheet: colours told apart with
any kind of colour vision, units on every axis, white behind. A figure that a function makes itself
has a caption with the number of requests and, as far as its data know it, profile and modelled
stages; `add_caption` puts another in its place. ::

    ax = plot_percentiles(run)
    save_figure(ax, "percentiles.svg")
"""

import matplotlib.pyplot as plt

from hhperf.plots.captions import add_caption, caption_of, sweep_caption
from hhperf.plots.distributions import plot_distributions, plot_percentiles, plot_shift
from hhperf.plots.figures import save_figure, subplots, verdict_figure
from hhperf.plots.freeze import plot_freeze
from hhperf.plots.load import plot_pool_wait, plot_response_by_load, plot_savings_by_load
from hhperf.plots.savings import plot_coverage, plot_path, plot_savings
from hhperf.plots.stages import plot_stages, plot_timeline
from hhperf.plots.style import COLOURS, STYLE, VERDICT_COLOURS

__all__ = [
    "COLOURS",
    "STYLE",
    "VERDICT_COLOURS",
    "add_caption",
    "caption_of",
    "plot_coverage",
    "plot_distributions",
    "plot_freeze",
    "plot_path",
    "plot_percentiles",
    "plot_pool_wait",
    "plot_response_by_load",
    "plot_savings",
    "plot_savings_by_load",
    "plot_shift",
    "plot_stages",
    "plot_timeline",
    "save_figure",
    "subplots",
    "sweep_caption",
    "verdict_figure",
]

# A notebook's backend turns interactive mode on when it is loaded. Within the style sheet, which
# `plot_...` would do otherwise, that would be undone at its end, and no later figure be shown.
plt.draw_if_interactive()  # type: ignore[no-untyped-call]
