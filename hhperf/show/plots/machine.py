"""The time of a run, and when its machine stood still."""

import numpy as np
from matplotlib.axes import Axes

from hhperf.errors import FigureError
from hhperf.runs.run import Run
from hhperf.runs.stalls import stalls_by_core
from hhperf.show.machine import stalls_against
from hhperf.show.plots.captions import caption_of
from hhperf.show.plots.style import ink, new_axes, styled
from hhperf.shown import milliseconds, percent

HEIGHT = 1.0
"""Inches."""

NARROWEST = 0.0015
"""Of the strip, so that no stall is too short to be seen."""


@styled
def plot_stalls(run: Run, *, ax: Axes | None = None) -> Axes:
    """A strip of the run's time for each core, with its stalls: those that count dark, others pale.

    Args:
        run: recorded with the stall clock.
        ax: where to draw; a new figure, with a caption, when None.

    Raises:
        FigureError: nothing looked for stalls while the run was recorded.
    """
    counting = stalls_against(run)
    if counting is None:
        raise FigureError(f"{run.path}: no stall clock ran; record the run anew to see its stalls")
    ax = ax or new_axes(caption_of(run), height=HEIGHT)
    span_s, cores = counting.span_ns / 1e9, stalls_by_core(run)
    for row, (at_s, lasts_s) in enumerate(cores.values()):
        counts = lasts_s >= counting.floor_s
        for chosen, alpha in ((~counts, 0.25), (counts, 1.0)):
            widths = np.maximum(lasts_s[chosen], NARROWEST * span_s)
            bars = list(zip(at_s[chosen].tolist(), widths.tolist(), strict=True))
            ax.broken_barh(bars, (row - 0.4, 0.8), color=ink(), alpha=alpha, linewidth=0)
    ax.set(xlabel="since the start (s)", xlim=(0, span_s), ylim=(len(cores) - 0.5, -0.5))
    ax.set_yticks(range(len(cores)), [f"core {core}" for core in cores])
    ax.set_title(
        f"Lost to others: {percent(counting.lost)}, at most"
        f" {milliseconds(counting.longest_s)} ms at once"
    )
    return ax
