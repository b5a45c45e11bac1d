"""What was predicted, drawn."""

from collections.abc import Mapping

import pytest
from matplotlib.axes import Axes

from hhperf import plots
from hhperf.analysis.estimate import Estimate, undefined
from hhperf.forecast.decisive import Decisive, DecisiveStage
from hhperf.forecast.optimise import RankedSchedule, Ranking
from hhperf.runs.observation import Arm
from hhperf.show.plots.forecast_plots import PALE
from hhperf.show.plots.language import MARKERS, PREDICTED_MARKER
from tests.show.plots.reading import xs

SAVED = Estimate(0.3, 0.2, 0.4)
MEASURED = Estimate(0.25, 0.2, 0.35)


def names(ax: Axes) -> list[str]:
    """What stands at the rows."""
    return [tick.get_text() for tick in ax.get_yticklabels()]


def test_a_stage_with_slack_says_how_much(ax: Axes) -> None:
    """One that is always critical says nothing of it."""
    stages = {
        "embedding": DecisiveStage(1.0, 1.0, 0.0, 1.0, 1.0),
        "specialty": DecisiveStage(0.0, 0.02, 0.0322, 0.0, 0.0),
    }
    plots.plot_decisive(Decisive("parallel", 100, stages), ax=ax)
    assert [note.get_text() for note in ax.texts] == ["100%", "2%, slack 32.2 ms"]
    assert names(ax) == list(stages)


def test_orders_that_the_best_surely_beats_are_pale(ax: Axes) -> None:
    """Those that tie with it are not."""
    best = tuple(
        RankedSchedule(name, 1.0, SAVED, SAVED, tied)
        for name, tied in {"eager": True, "vector < text; text < specialty": False}.items()
    )
    plots.plot_ranking(Ranking("run", "sequential", "p95", None, 4, 2, True, best), ax=ax)
    marks = [line for line in ax.lines if line.get_marker() == PREDICTED_MARKER]
    assert [mark.get_alpha() for mark in marks] == [1, PALE]
    assert names(ax) == ["eager", "vector < text;\ntext < specialty"]


@pytest.mark.parametrize(
    ("measured", "drawn"), [({}, [30]), ({"parallel": MEASURED}, [30, 25])], ids=["none", "one"]
)
def test_what_was_measured_stands_beside(
    measured: Mapping[str, Estimate], drawn: list[float], ax: Axes
) -> None:
    """Where there is a measurement of that name."""
    plots.plot_predicted({"parallel": SAVED}, measured, ax=ax)
    points = [
        line for line in ax.lines if line.get_marker() in {PREDICTED_MARKER, MARKERS[Arm.TREATMENT]}
    ]
    assert [x for each in points for x in xs(each)] == pytest.approx(drawn)


def test_what_cannot_be_predicted_keeps_its_row(ax: Axes) -> None:
    """And the claim's line is left out where there is none."""
    unknown = undefined("too few", confidence=0.95, method="none")
    plots.plot_predicted({"parallel": unknown}, threshold=None, ax=ax)
    assert names(ax) == ["parallel"]
    assert not ax.lines
