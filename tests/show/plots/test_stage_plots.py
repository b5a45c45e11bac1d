"""Stages over all requests, and within one."""

import pytest
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from hhperf import plots
from hhperf.runs.observation import Arm, Outcome
from hhperf.why.arm_time import ArmTime, Breakdown, StageTime
from hhperf.why.timelines import ArmTimeline, Bar, Timeline


def arm_time(schedule: str, **stages: StageTime) -> ArmTime:
    return ArmTime(schedule, stages, total_s=0.3, path_s=0.3, bound_s=0.2)


MODELLED = StageTime(0.050, 0.075, is_modelled=True, is_alone=False)
MEASURED = StageTime(0.002, 0.004, is_modelled=False, is_alone=True)
BREAKDOWN = Breakdown(
    arm_time("sequential", embedding=MODELLED, fusion=MEASURED),
    arm_time("single_statement", embedding=MODELLED, statement=MODELLED, fusion=MEASURED),
    None,
)
TIMELINE = Timeline(
    7,
    "r7",
    (
        ArmTimeline(Arm.CONTROL, "sequential", 0.1, Outcome.OK, (
            Bar("cache", 0.0, 0.01, 0.0), Bar("text", 0.01, 0.08, 0.06),
            Bar("cache", 0.09, 0.01, 0.0),
        )),
        ArmTimeline(Arm.TREATMENT, "eager", 0.5, Outcome.TIMEOUT, (Bar("text", 0.0, 0.04, 0.05),)),
    ),
)  # fmt: skip


def bars(ax: Axes) -> list[tuple[float, float, bool]]:
    """Start, length and whether it is hatched, of each bar."""
    found = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    return [(round(each.get_x(), 6), round(each.get_width(), 6), bool(each.get_hatch()))
            for each in found]  # fmt: skip


def test_a_stage_is_a_bar_to_its_median(ax: Axes) -> None:
    """Hatched where it is modelled, in milliseconds, under each arm that has it."""
    plots.plot_stages(BREAKDOWN, ax=ax)
    assert bars(ax) == [
        (0, 50, True), (0, 2, False), (0, 50, True), (0, 50, True), (0, 2, False),
    ]  # fmt: skip


def test_a_line_goes_on_to_p95(ax: Axes) -> None:
    """From the median, with both figures at its end."""
    plots.plot_stages(BREAKDOWN, ax=ax)
    assert ax.lines[0].get_xdata() == pytest.approx([50, 75])
    assert ax.texts[0].get_text() == "50 / 75"


def test_stages_of_either_arm_have_a_row(ax: Axes) -> None:
    """In the order in which a search goes through them."""
    plots.plot_stages(BREAKDOWN, ax=ax)
    assert [tick.get_text() for tick in ax.get_yticklabels()] == [
        "embedding", "statement", "fusion",
    ]  # fmt: skip


def test_nothing_modelled_needs_no_such_legend(ax: Axes) -> None:
    """Only the arms stand in it."""
    measured = Breakdown(arm_time("one", fusion=MEASURED), arm_time("two", fusion=MEASURED), None)
    found = plots.plot_stages(measured, ax=ax).get_legend()
    assert found is not None
    assert [text.get_text() for text in found.get_texts()] == ["one", "two"]


def test_a_request_is_drawn_arm_over_arm(ax: Axes) -> None:
    """A stage that ran twice has one row."""
    plots.plot_timeline(TIMELINE, ax=ax)
    assert [tick.get_text() for tick in ax.get_yticklabels()] == [
        "sequential", "cache", "text", "eager", "text",
    ]  # fmt: skip


def test_the_modelled_part_of_a_bar_is_hatched(ax: Axes) -> None:
    """From its start, and never beyond its end; what is left of the bar is filled."""
    plots.plot_timeline(TIMELINE, ax=ax)
    assert bars(ax) == [
        (0, 100, False),
        (0, 10, False), (10, 60, True), (70, 20, False), (90, 10, False),
        (0, 500, False),
        (0, 40, True),
    ]  # fmt: skip


def test_a_request_without_an_answer_says_so(ax: Axes) -> None:
    """Beside its time."""
    plots.plot_timeline(TIMELINE, ax=ax)
    assert [text.get_text() for text in ax.texts] == ["100 ms", "500 ms, timeout"]
