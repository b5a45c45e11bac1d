"""A fitted latency profile against what it was fitted to."""

from itertools import cycle

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from hhperf.experiment.profile_fit import ProfileFit
from hhperf.show.plots.style import ink, log_scale, new_axes, styled

MARKERS = "+1x2|3_4"
"""Of stages, in order: none that means an arm or a verdict."""
SHADES = "viridis", 0.38, 0.68
"""A colour map, and the part of it that stands out from white and from black."""
POINTS = 60


@styled
def plot_profile_fit(found: ProfileFit, *, ax: Axes | None = None) -> Axes:
    """Quantiles of each stage as measured against those of its distribution (a Q-Q picture)."""
    ax = ax or new_axes()
    q = (np.arange(POINTS) + 0.5) / POINTS
    largest, least = 0.0, np.inf
    shades, first, last = SHADES
    colours = plt.get_cmap(shades)(np.linspace(first, last, len(found.stages)))
    looks = zip(cycle(MARKERS), colours, strict=False)
    for (marker, colour), (name, each) in zip(looks, found.stages.items(), strict=False):
        drawn, seen = each.quantiles_ms(q), np.quantile(each.times_ms, q)
        ax.plot(
            drawn,
            seen,
            linestyle="none",
            marker=marker,
            color=colour,
            markersize=4,
            label=f"{name}, {each.kind}",
        )
        largest, least = max(largest, *drawn, *seen), min(least, *drawn, *seen)
    ax.plot([least, largest], [least, largest], color=ink(), linewidth=0.8)
    log_scale(ax, "x")
    log_scale(ax, "y")
    ax.set(xlabel="fitted quantile (ms)", ylabel="measured quantile (ms)")
    ax.set_title("Fitted and measured")
    ax.legend(loc="best")
    return ax
