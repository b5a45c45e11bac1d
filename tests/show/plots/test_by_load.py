"""What a sweep looks like."""

import math
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.axes import Axes

from hhperf import plots
from hhperf.analysis.decision import Verdict
from hhperf.analysis.estimate import Estimate
from hhperf.runs.observation import Arm
from hhperf.show.plots.style import log_scale
from hhperf.verdict.sweeps import LoadPoint, Sweep
from tests.show.plots.made import LOADS, make_sweep
from tests.show.plots.reading import labelled, legend, xs, ys


def with_first(sweep: Sweep, estimate: Estimate, verdict: Verdict) -> Sweep:
    """The sweep with another p50 at its first load."""
    point = sweep.points[0]
    results = point.comparison.results
    changed = replace(results[0], estimate=estimate, verdict=verdict)
    comparison = replace(point.comparison, results=(changed, *results[1:]))
    first = LoadPoint(point.offered_hz, point.arms, comparison)
    return replace(sweep, points=(first, *sweep.points[1:]))


def test_savings_stand_at_their_loads(ax: Axes) -> None:
    """In percent, a curve a statistic, with the claim and where savings end."""
    sweep = make_sweep()
    plots.plot_savings_by_load(sweep, ax=ax)
    drawn = labelled(ax, "p50")
    assert xs(drawn) == list(LOADS)
    assert ys(drawn)[0] == pytest.approx(100 * sweep.points[0].comparison["p50"].estimate.point)
    assert legend(ax) == [
        "p50", "saves up to 31.7/s", "p95", "saves up to 29.1/s", "20% claimed",
        "exceeds", "below", "inconclusive",
    ]  # fmt: skip


def test_each_saving_has_its_interval(ax: Axes) -> None:
    """An upright line at every load that has a saving."""
    sweep = make_sweep()
    plots.plot_savings_by_load(sweep, ax=ax)
    defined = [each for point in sweep.points for each in point.comparison.results
               if each.estimate.defined]  # fmt: skip
    assert len(ax.collections) == len(defined)


def test_a_saving_without_a_verdict_is_a_cross(ax: Axes) -> None:
    """As in every picture; the legend names it."""
    estimate = Estimate(0.3, 0.2, 0.4)
    plots.plot_savings_by_load(with_first(make_sweep(), estimate, Verdict.NOT_MEASURABLE), ax=ax)
    crosses = [line for line in ax.lines if line.get_marker() == "x"]
    assert [ys(each) for each in crosses] == [pytest.approx([30])]
    assert "not measurable" in legend(ax)


def test_a_loss_too_large_is_an_arrow_at_the_bottom(ax: Axes) -> None:
    """An arm five times as slow does not flatten the rest of the picture."""
    estimate = Estimate(-4.0, -math.inf, -3.0)
    plots.plot_savings_by_load(with_first(make_sweep(), estimate, Verdict.BELOW), ax=ax)
    lowest = next(line for line in ax.lines if line.get_marker() == "v")
    assert ys(lowest) == [-100]
    assert "↓" in [text.get_text() for text in ax.texts]
    assert ax.get_ylim()[0] > -120


def test_an_undefined_saving_is_left_out(ax: Axes) -> None:
    """The curve begins at the next load."""
    nothing = Estimate(math.nan, math.nan, math.nan)
    plots.plot_savings_by_load(with_first(make_sweep(), nothing, Verdict.NOT_MEASURABLE), ax=ax)
    assert xs(labelled(ax, "p50")) == list(LOADS[1:])


def test_savings_that_do_not_end_have_no_line(ax: Axes) -> None:
    """Nothing is said of where they do."""
    sweep = replace(make_sweep(), crossovers={"p50": None, "p95": None})
    assert legend(plots.plot_savings_by_load(sweep, ax=ax))[:3] == ["p50", "p95", "20% claimed"]


def test_response_times_are_in_milliseconds(ax: Axes) -> None:
    """On a log scale, for each arm the median and p95."""
    sweep = make_sweep()
    plots.plot_response_by_load(sweep, ax=ax)
    seen = ys(labelled(ax, "treatment p95"))
    assert seen[1] == pytest.approx(1e3 * sweep.points[1].arms[Arm.TREATMENT].p95_s)
    assert ax.get_yscale() == "log"


def test_knees_and_saturations_stand_on_the_axis(ax: Axes) -> None:
    """Each at its load, named with it."""
    sweep = make_sweep()
    plots.plot_response_by_load(sweep, ax=ax)
    knee = sweep.knees[Arm.CONTROL].point
    assert xs(labelled(ax, f"knee at {knee:,.3g}/s")) == [knee, knee]
    saturation = sweep.saturations[Arm.TREATMENT]
    assert saturation is not None
    assert xs(labelled(ax, f"behind from {saturation.point:,.3g}/s")) == 2 * [saturation.point]


def test_an_arm_that_never_falls_behind_keeps_up(ax: Axes) -> None:
    """So that each arm has as many entries in the legend."""
    sweep = replace(make_sweep(), saturations={Arm.CONTROL: None, Arm.TREATMENT: None})
    assert legend(plots.plot_response_by_load(sweep, ax=ax)).count("keeps up") == 2


def test_an_endless_response_is_marked_at_the_top(ax: Axes) -> None:
    """The treatment's p95 at the highest load, which its curve leaves out."""
    plots.plot_response_by_load(make_sweep(), ax=ax)
    endless = [line for line in ax.lines if line.get_marker() == r"$\infty$"]
    assert [xs(line) for line in endless] == [[LOADS[-1]]]
    assert math.isnan(ys(labelled(ax, "treatment p95"))[-1])


def test_waits_for_the_pool_are_drawn_for_both_arms(ax: Axes) -> None:
    """In milliseconds."""
    sweep = make_sweep()
    plots.plot_pool_wait(sweep, ax=ax)
    waits = ys(labelled(ax, "control"))
    assert waits[0] == pytest.approx(1e3 * sweep.points[0].arms[Arm.CONTROL].pool_wait_p95_s)
    assert legend(ax) == ["control", "treatment"]


def test_arms_have_the_names_of_what_served_them(ax: Axes) -> None:
    """As in pictures of one run."""
    served = {Arm.CONTROL: "sequential", Arm.TREATMENT: "parallel"}
    plots.plot_pool_wait(replace(make_sweep(), names=served), ax=ax)
    assert legend(ax) == ["sequential", "parallel"]


def test_waits_that_were_not_recorded_are_said_to_be(ax: Axes) -> None:
    """Instead of an empty picture."""
    plots.plot_pool_wait(make_sweep(pool_waits=False), ax=ax)
    assert [text.get_text() for text in ax.texts] == ["not recorded"]


def test_loads_far_apart_stand_on_a_log_scale(ax: Axes) -> None:
    """From 5/s to 6,000/s."""
    sweep = make_sweep()
    last = replace(sweep.points[-1], offered_hz=6000.0)
    plots.plot_pool_wait(replace(sweep, points=(*sweep.points[:-1], last)), ax=ax)
    assert ax.get_xscale() == "log"


def test_many_decades_get_few_ticks(ax: Axes) -> None:
    """Powers of ten alone, where 1, 2 and 5 of each would run into each other."""
    ax.set_ylim(0.1, 1e5)
    log_scale(ax, "y")
    assert np.log10(ax.get_yticks()) == pytest.approx(np.round(np.log10(ax.get_yticks())))


def test_a_few_decades_get_three_ticks_each(ax: Axes) -> None:
    """With plain numbers on them."""
    ax.set_ylim(10, 1000)
    log_scale(ax, "y")
    words = [label.get_text() for label in ax.get_yticklabels()]
    assert {"10", "20", "50", "100", "200", "500", "1,000"} <= set(words)
