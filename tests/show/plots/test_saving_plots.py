"""Savings with their intervals."""

import math

import pytest
from matplotlib.axes import Axes

from hhperf import plots
from hhperf.analysis.comparison import Comparison, Failures, StatisticResult
from hhperf.analysis.decision import Verdict
from hhperf.analysis.estimate import Estimate
from hhperf.analysis.sequential import SequentialPath
from hhperf.show.plots.saving_plots import HELD, MISSED
from tests.show.plots.reading import xs


def compared(*estimates: Estimate) -> Comparison:
    """A comparison with these estimates and no verdict."""
    results = tuple(
        StatisticResult(f"p{place}", each, Verdict.NOT_MEASURABLE)
        for place, each in enumerate(estimates, 1)
    )
    return Comparison(0.2, 0.95, 100, None, None, "p1", results, Failures(0, 0))


def test_a_saving_is_drawn_from_end_to_end(ax: Axes) -> None:
    """Its interval as a line, the point on it."""
    plots.plot_savings(compared(Estimate(0.3, 0.1, 0.4)), ax=ax)
    assert xs(ax.lines[0]) == pytest.approx([10, 40])
    assert xs(ax.lines[1]) == pytest.approx([30])


def test_the_claim_is_a_line_that_says_so(ax: Axes) -> None:
    """Dotted, at 20%."""
    plots.plot_savings(compared(Estimate(0.3, 0.1, 0.4)), ax=ax)
    assert xs(ax.lines[-1]) == [20, 20]
    assert [text.get_text() for text in ax.texts] == ["20% claimed"]


def test_an_undefined_saving_keeps_its_row(ax: Axes) -> None:
    """Its name stands there with nothing beside it."""
    plots.plot_savings(compared(Estimate(math.nan, math.nan, math.nan)), ax=ax)
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["p1\nnot measurable"]
    assert len(ax.lines) == 1


def test_an_unbounded_loss_ends_where_twice_the_time_is(ax: Axes) -> None:
    """No infinity reaches the picture."""
    plots.plot_savings(compared(Estimate(0.1, -math.inf, 0.3)), ax=ax)
    assert xs(ax.lines[0]) == pytest.approx([-100, 30])


def test_intervals_that_miss_the_truth_stand_out(ax: Axes) -> None:
    """One of three, stronger than the others and with a mark."""
    intervals = [Estimate(0.2, 0.1, 0.3), Estimate(0.25, 0.22, 0.3), Estimate(0.2, -math.inf, 0.3)]
    plots.plot_coverage(intervals, 0.2, ax=ax)
    assert [each.get_alpha() for each in ax.collections] == [HELD, MISSED, HELD]
    assert xs(ax.lines[0]) == [2]
    assert ax.get_title(loc="left") == "2 of 3 intervals hold the truth"


def test_a_path_shows_where_it_settled(ax: Axes) -> None:
    """A line at the look, named."""
    path = SequentialPath(
        "p95", (100, 200), (0.3, 0.3), (0.1, 0.22), (0.5, 0.4), 0.2, 0.05, Verdict.EXCEEDS, 200
    )
    plots.plot_path(path, ax=ax)
    assert xs(ax.lines[-1]) == [200, 200]
    assert ax.lines[-1].get_label() == "settled after 200 pairs"


def test_a_path_that_never_settled_has_no_such_line(ax: Axes) -> None:
    """The curve and the claim alone."""
    path = SequentialPath(
        "p95", (9,), (0.3,), (0.1,), (0.5,), 0.2, 0.05, Verdict.INCONCLUSIVE, None
    )
    assert len(plots.plot_path(path, ax=ax).lines) == 2


def test_a_path_without_a_look_can_be_drawn() -> None:
    """A run too short for a single look has a figure that says so."""
    path = SequentialPath("p95", (), (), (), (), 0.2, 0.05, Verdict.NOT_MEASURABLE, None)
    figure = plots.plot_path(path).get_figure(root=True)
    assert figure is not None
    assert figure.get_supxlabel() == "n = 0 pairs, 0 looks."
