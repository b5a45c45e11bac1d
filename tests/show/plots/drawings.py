"""Every drawing under its name, as the image tests compare it."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.text import Text

from hhperf import plots
from hhperf.analysis.savings import compare_samples
from hhperf.analysis.sequential import sequential_test
from hhperf.analysis.shift import shift_function
from hhperf.forecast.optimise import optimise
from hhperf.forecast.what_if import decide, what_if
from hhperf.show.comparisons import Comparisons
from hhperf.verdict.compare import compare
from hhperf.verdict.history_verdicts import make_history
from hhperf.why.breakdown import break_down
from hhperf.why.timelines import median_pair, timeline_of
from tests.show.plots.made import (
    TRUTH,
    make_intervals,
    make_moments,
    make_sweep,
    shipped_run,
    stalled_run,
    write_freezing,
)

BASELINES = Path(__file__).with_name("baselines")
DPI = 72


class Drawing(Protocol):
    """A plot function with its data."""

    def __call__(self, *, ax: Axes | None = None) -> Axes:
        """Draw, in a new figure when no Axes are given."""


def make_drawings(folder: Path) -> Mapping[str, Drawing]:
    """All drawings by name; the folder is for the runs that they need."""
    run, sweep = shipped_run(), make_sweep()
    pairs = run.pairs()
    arms = pairs.control, pairs.treatment
    frozen = [write_freezing(folder / str(closed), closed=closed) for closed in (False, True)]
    return {
        "coverage": partial(plots.plot_coverage, make_intervals(), TRUTH),
        "decisive": partial(plots.plot_decisive, decide(run, schedule="parallel")),
        "distributions": partial(plots.plot_distributions, run),
        "forest": partial(plots.plot_forest, side_by_side()),
        "freeze": partial(plots.plot_freeze, *frozen),
        "history": partial(plots.plot_history, make_history("made", make_moments())),
        "path": partial(plots.plot_path, sequential_test(*arms, "mean")),
        "percentiles": partial(plots.plot_percentiles, run),
        "pool_wait": partial(plots.plot_pool_wait, sweep),
        "predicted": partial(
            plots.plot_predicted,
            {each: what_if(run, schedule=each)["p95"] for each in ("parallel", "eager")},
            {"parallel": compare(run)["p95"].estimate},
        ),
        "ranking": partial(plots.plot_ranking, optimise(run)),
        "response_by_load": partial(plots.plot_response_by_load, sweep),
        "savings": partial(plots.plot_savings, compare(run, quantiles=(0.5, 0.95, 0.99))),
        "savings_by_load": partial(plots.plot_savings_by_load, sweep),
        "shift": partial(plots.plot_shift, shift_function(*arms)),
        "stages": partial(plots.plot_stages, break_down(run)),
        "stalls": partial(plots.plot_stalls, stalled_run()),
        "timeline": partial(plots.plot_timeline, timeline_of(run, median_pair(run))),
    }


def side_by_side() -> Comparisons:
    """Three savings of made latencies: one above the claim, one below it, one across it."""
    rng = np.random.default_rng(1)
    control = rng.lognormal(4, 0.5, 600)
    ratios = {"parallel": 0.70, "eager": 0.80, "pooled": 0.95}
    found = {
        name: compare_samples(control, ratio * control * rng.lognormal(0, 0.2, 600))
        for name, ratio in ratios.items()
    }
    return Comparisons(found, "p95")


def save_without_text(figure: Figure, path: Path) -> None:
    """Write a picture in which no letter stands, since fonts differ from machine to machine."""
    figure.draw_without_rendering()  # places what depends on the size of text
    figure.set_layout_engine("none")
    for artist in (*figure.findobj(Text), *figure.findobj(Legend)):
        artist.set_visible(False)
    figure.savefig(path, dpi=DPI, metadata={"Software": None})
