"""Where the time goes: stage by stage over all requests, and within one request."""

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from hhperf.runs.observation import Arm, Outcome
from hhperf.show.plots.captions import modelled_caption, timeline_caption
from hhperf.show.plots.language import COLOURS, MODELLED
from hhperf.show.plots.style import (
    arm_labels,
    ink,
    modelled_patch,
    new_axes,
    note,
    styled,
)
from hhperf.why.arm_time import Breakdown, StageTime
from hhperf.why.timelines import ArmTimeline, Bar, Timeline

THICK = 0.36
ROW = 0.2
"""Inches that a row of a figure of bars is high."""


@styled
def plot_stages(breakdown: Breakdown, *, ax: Axes | None = None) -> Axes:
    """Each stage's own time under both arms: a bar to the median, a line to p95.

    Modelled stages are hatched. Stages run side by side under some arms: bars don't add up to
    the whole request.
    """
    stages = breakdown.stages
    modelled = [name for name in stages if _is_modelled(breakdown, name)]
    ax = ax or new_axes(modelled_caption(modelled), height=1.1 + 2 * ROW * len(stages))
    arms = {Arm.CONTROL: breakdown.control, Arm.TREATMENT: breakdown.treatment}
    for arm, time in arms.items():
        for name, stage in time.stages.items():
            _draw_stage(ax, stages.index(name), arm, stage)
    labels = arm_labels({arm: time.schedule for arm, time in arms.items()})
    ax.set(yticks=range(len(stages)), yticklabels=stages, xlabel="own time (ms)", xlim=(0, None))
    ax.set_xlim(right=1.16 * ax.get_xlim()[1])
    ax.invert_yaxis()
    ax.grid(visible=False, axis="y")
    ax.set_title("Stages: median / p95")
    ax.legend(handles=_legend(labels, with_modelled=bool(modelled)), loc="best")
    return ax


@styled
def plot_timeline(timeline: Timeline, *, ax: Axes | None = None) -> Axes:
    """One request's stages under each arm, one over the other on the same time axis.

    A hatched part of a bar is the delay modelled for the stage; real work goes on inside it.
    """
    schedules = {arm.schedule for arm in timeline.arms}
    rows = sum(1 + len(arm.stages) for arm in timeline.arms)
    ax = ax or new_axes(timeline_caption(timeline), height=1.0 + ROW * (rows + 1))
    names: dict[float, str] = {}
    top = 0.0
    for arm in timeline.arms:
        names |= _draw_arm(ax, arm, top)
        top += len(arm.stages) + 1.6
    ax.set(yticks=list(names), yticklabels=list(names.values()), xlabel="since the start (ms)")
    for label in ax.get_yticklabels():
        label.set_fontweight("bold" if label.get_text() in schedules else "normal")
    longest = max(arm.total_s for arm in timeline.arms)
    ax.set(xlim=(0, 1e3 * longest * 1.14), ylim=(top - 0.9, -0.7))
    ax.grid(visible=False, axis="y")
    ax.tick_params(axis="y", length=0)
    ax.set_title("One request, stage by stage")
    if any(bar.modelled_s for arm in timeline.arms for bar in arm.bars):
        ax.legend(handles=[modelled_patch()], loc="best")
    return ax


def _draw_stage(ax: Axes, row: int, arm: Arm, stage: StageTime) -> None:
    place = row + THICK / 2 * (-1 if arm is Arm.CONTROL else 1)
    median, p95 = 1e3 * stage.median_s, 1e3 * stage.p95_s
    _bar(ax, place, (0, median), arm, hatched=stage.is_modelled, thick=THICK)
    ax.plot([median, p95], [place, place], color=ink(), linewidth=1, marker="|", markevery=[1])
    note(ax, f"{median:.3g} / {p95:.3g}", (p95, place), va="center")


def _draw_arm(ax: Axes, arm: ArmTimeline, top: float) -> dict[float, str]:
    """Draw an arm's rows from the top downwards; gives the name of each by its place."""
    colour, total = COLOURS[arm.arm], 1e3 * arm.total_s
    ax.barh(top, total, height=0.22, color=colour)
    failed = "" if arm.outcome is Outcome.OK else f", {arm.outcome}"
    said = f"{total:,.0f} ms{failed}"
    note(ax, said, (total, top), va="center", fontsize="small", fontweight="bold")
    rows = {name: top + place for place, name in enumerate(arm.stages, 1)}
    for bar in arm.bars:
        _draw_bar(ax, rows[bar.stage], arm.arm, bar)
    ax.vlines(total, top, top + len(rows) + 0.4, color=colour, linewidth=0.8, linestyle=":")
    return {top: arm.schedule} | {place: name for name, place in rows.items()}


def _draw_bar(ax: Axes, row: float, arm: Arm, bar: Bar) -> None:
    start, modelled = 1e3 * bar.start_s, 1e3 * min(bar.modelled_s, bar.duration_s)
    if modelled:
        _bar(ax, row, (start, modelled), arm, hatched=True)
    rest = 1e3 * bar.duration_s - modelled
    if rest or not modelled:
        _bar(ax, row, (start + modelled, rest), arm, hatched=False)


def _bar(
    ax: Axes, row: float, span: tuple[float, float], arm: Arm, *, hatched: bool, thick: float = 0.7
) -> None:
    start, length = span
    ax.barh(
        row,
        length,
        left=start,
        height=thick,
        facecolor="none" if hatched else COLOURS[arm],
        edgecolor=COLOURS[arm],
        hatch=MODELLED if hatched else None,
        linewidth=0.8,
    )


def _is_modelled(breakdown: Breakdown, name: str) -> bool:
    arms = (breakdown.control, breakdown.treatment)
    return any(arm.stages[name].is_modelled for arm in arms if name in arm.stages)


def _legend(labels: dict[Arm, str], *, with_modelled: bool) -> list[Patch | Line2D]:
    arms = [Patch(color=COLOURS[arm], label=label) for arm, label in labels.items()
            if arm is not Arm.CONTROL_AGAIN]  # fmt: skip
    return [*arms, *([modelled_patch()] if with_modelled else [])]
