"""Latencies as curves."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes

from hhperf import plots
from hhperf.analysis.shift import shift_function
from hhperf.errors import FigureError
from hhperf.runs.observation import Arm, Outcome
from hhperf.runs.run import Run, load_run
from hhperf.runs.writer import RunWriter
from hhperf.show.plots.style import arm_labels
from tests.runs.conftest import METADATA, observe, observe_pair
from tests.show.plots.made import shipped_run
from tests.show.plots.reading import legend, xs, ys


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Run]:
    """Writes a run whose control takes so many seconds, the treatment half of it."""

    def write(*seconds: float, failed: int = 0) -> Run:
        with RunWriter(tmp_path / "run", METADATA, epoch_ns=0) as writer:
            for pair, each in enumerate(seconds):
                writer.add(*observe_pair(pair, (each, each / 2, each)))
            for pair in range(len(seconds), len(seconds) + failed):
                writer.add(*(observe(pair, arm, outcome=Outcome.TIMEOUT) for arm in Arm))
        return load_run(tmp_path / "run")

    return write


def test_the_noise_lies_below_the_arms(ax: Axes) -> None:
    """Three curves, named by what served them."""
    plots.plot_distributions(shipped_run(), ax=ax)
    assert legend(ax) == ["sequential again", "sequential", "parallel"]


def test_a_curve_is_the_share_answered(ax: Axes, written: Callable[..., Run]) -> None:
    """Of three requests one fails: two thirds are answered, and the curve ends there."""
    plots.plot_distributions(written(0.1, 0.2, failed=1), ax=ax)
    assert xs(ax.lines[1]) == pytest.approx([100, 100, 200, np.inf])
    assert ys(ax.lines[1]) == pytest.approx([0, 1 / 3, 2 / 3, 1])


def test_a_long_tail_gets_a_log_scale(ax: Axes, written: Callable[..., Run]) -> None:
    """Where the slowest takes more than thirty times as long as the fastest."""
    assert plots.plot_distributions(written(0.1, 2.0), ax=ax).get_xscale() == "log"


def test_a_short_tail_keeps_the_plain_scale(ax: Axes) -> None:
    """The shipped run's latencies differ less than that."""
    assert plots.plot_distributions(shipped_run(), ax=ax).get_xscale() == "linear"


def test_each_nine_is_as_wide_as_the_last(ax: Axes) -> None:
    """A quantile q stands at 1/(1 - q) of a log scale, up to the one a single request exceeds."""
    plots.plot_percentiles(shipped_run(), ax=ax)
    places = dict(
        zip([tick.get_text() for tick in ax.get_xticklabels()], ax.get_xticks(), strict=True)
    )
    assert places == pytest.approx({"0": 1, "50": 2, "90": 10, "95": 20, "99": 100, "99.9": 1000})
    assert ax.get_xscale() == "log"


def test_the_curve_passes_through_the_quantiles(ax: Axes) -> None:
    """The treatment's step at p95 is the 951st of a thousand times."""
    plots.plot_percentiles(shipped_run(), ax=ax)
    nines, ms = np.asarray(xs(ax.lines[4])), ys(ax.lines[4])
    ordered = 1e3 * np.sort(shipped_run().pairs().treatment)
    at = np.searchsorted(nines, 20.0 + 1e-9, side="right") - 1
    assert ms[at] == pytest.approx(ordered[len(ordered) - round(len(ordered) / nines[at])])
    assert nines[at] == pytest.approx(20, rel=0.02)


def test_the_measurable_end_is_marked(ax: Axes) -> None:
    """A thousand requests can tell p98, and no curve goes beyond p99.9."""
    plots.plot_percentiles(shipped_run(), ax=ax)
    last = len(shipped_run().pairs()) / 20  # twenty requests lie beyond
    assert xs(ax.lines[-1]) == [last, last]
    assert max(x for line in ax.lines for x in xs(line)) == pytest.approx(20 * last)
    assert [line.get_alpha() for line in ax.lines[:2]] == [1, 0.4]


def test_a_few_requests_have_no_measurable_end(ax: Axes, written: Callable[..., Run]) -> None:
    """Six curves, three of them empty, and no mark."""
    plots.plot_percentiles(written(0.1, 0.2, 0.3), ax=ax)
    assert len(ax.lines) == 6


def test_equal_names_are_told_apart_by_role() -> None:
    """An arm against itself."""
    labels = arm_labels(dict.fromkeys(Arm, "eager"))
    assert labels[Arm.CONTROL] == "eager (control)"
    assert labels[Arm.CONTROL_AGAIN] == "eager (control again)"


def test_the_band_lies_around_the_shift(ax: Axes) -> None:
    """With the claim as a line."""
    pairs = shipped_run().pairs()
    shift = shift_function(pairs.control, pairs.treatment, replicates=200)
    plots.plot_shift(shift, threshold=0.3, ax=ax)
    assert ys(ax.lines[0]) == pytest.approx((100 * shift.savings).tolist())
    assert legend(ax) == ["30% claimed"]
    assert len(ax.collections) == 1


@pytest.mark.parametrize("plot", [plots.plot_shift, plots.plot_savings, plots.plot_stages])
def test_what_a_plot_does_not_draw_is_named(plot: Callable[[Any], Axes]) -> None:
    """A run, where something that was worked out from it is wanted."""
    wanted = {"plot_shift": "ShiftFunction", "plot_savings": "Comparison"}
    name = wanted.get(plot.__name__, "Breakdown")
    with pytest.raises(FigureError, match=f"{plot.__name__} draws a {name}, not Run"):
        plot(shipped_run())
