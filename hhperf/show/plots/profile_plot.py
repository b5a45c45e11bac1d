"""A fitted latency profile against what it was fitted to."""

import numpy as np
from matplotlib.axes import Axes

from hhperf.experiment.profile_fit import ProfileFit
from hhperf.show.plots.style import ink, log_scale, new_axes, styled

MARKERS = "osD^vXP*"
POINTS = 60


@styled
def plot_profile_fit(found: ProfileFit, *, ax: Axes | None = None) -> Axes:
    """Quantiles of each stage as measured against those of its distribution (a Q-Q picture)."""
    ax = ax or new_axes()
    q = (np.arange(POINTS) + 0.5) / POINTS
    largest, least = 0.0, np.inf
    for marker, (name, each) in zip(MARKERS, found.stages.items(), strict=False):
        drawn, seen = each.quantiles_ms(q), np.quantile(each.times_ms, q)
        ax.plot(drawn, seen, marker, markersize=3, label=f"{name}, {each.kind}")
        largest, least = max(largest, *drawn, *seen), min(least, *drawn, *seen)
    ax.plot([least, largest], [least, largest], color=ink(), linewidth=0.8)
    log_scale(ax, "x")
    log_scale(ax, "y")
    ax.set(xlabel="fitted quantile (ms)", ylabel="measured quantile (ms)")
    ax.set_title("Fitted and measured")
    ax.legend(loc="best")
    return ax
