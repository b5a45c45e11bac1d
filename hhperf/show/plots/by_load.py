"""What a sweep over offered loads shows: savings, response times, and waits for a connection."""

import math
from collections.abc import Callable

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from hhperf.analysis.knees import LoadLevel
from hhperf.runs.observation import Arm
from hhperf.show.plots.captions import sweep_caption
from hhperf.show.plots.language import (
    COLOURS,
    DASHES,
    MARKERS,
    STATISTICS,
    VERDICT_MARKERS,
    Dash,
)
from hhperf.show.plots.saving_plots import word_of
from hhperf.show.plots.style import (
    LOSS_SHOWN,
    arm_labels,
    beside,
    claim_line,
    in_percent,
    ink,
    log_scale,
    new_axes,
    note,
    plain_numbers,
    room_above,
    styled,
)
from hhperf.verdict.sweeps import COMPARED, ArmAtLoad, Sweep

Look = tuple[str, Dash]
"""Colour and dash of a statistic."""

LEGEND_SHARE = 0.32
"""Of the height of a picture whose legend has no room among the curves."""

MOST_SAVED = 100.0
"""Percent; the axis says nothing above, where the legend is."""

KNEE_SHARE = 0.07
"""Of the height, that a knee's tick is high."""

SHORT_WAIT_MS = 10.0
"""The axis of waits goes at least so far: shorter ones are to look short."""
WIDE_RANGE = 12
"""Loads that differ by more stand on a log scale."""


@styled
def plot_savings_by_load(sweep: Sweep, *, ax: Axes | None = None) -> Axes:
    """The saving at each statistic with its interval against the offered load.

    Each point has the marker of its verdict, which the legend names. A loss of more than 100% is
    drawn at the bottom with an arrow down. Where the treatment stops saving, a line crosses
    the picture, with the loads between which it may lie as a band.
    """
    ax = ax or new_axes(sweep_caption(sweep))
    first = sweep.points[0].comparison
    names = [result.statistic for result in first.results]
    _load_axis(ax, sweep)
    for place, name in enumerate(names):
        look = STATISTICS[place % len(STATISTICS)]
        _draw_savings(ax, sweep, name, look, shift=4.0 * (place - (len(names) - 1) / 2))
        _draw_crossover(ax, sweep.crossovers.get(name), look)
    ax.axhline(0, color=ink(), linewidth=0.8)
    claim_line(ax, first.threshold)
    ax.set(ylabel=f"saving (%), {first.confidence:.0%} intervals", ylim=_saving_limits(sweep))
    ax.set_title("Saving by load")
    room_above(ax, LEGEND_SHARE)
    handles, _ = ax.get_legend_handles_labels()
    ax.legend(handles=[*handles, *_verdicts_of(sweep)], loc="upper left", ncols=2)
    ax.yaxis.set_major_formatter(FuncFormatter(_possible))
    return ax


@styled
def plot_response_by_load(sweep: Sweep, *, ax: Axes | None = None) -> Axes:
    """Each arm's response time at p50 and p95 against the offered load.

    Thin lines with small marks are p95. A thick tick on the load axis is the arm's knee, a dotted
    line the load from which it falls behind. A quantile that has no end, because too few requests
    were answered, is ∞ at the top.
    """
    ax = ax or new_axes(sweep_caption(sweep))
    _load_axis(ax, sweep)
    log_scale(ax, "y")
    names = _names(sweep)
    for arm in COMPARED:
        _draw_arm(ax, sweep, arm, lambda at: at.p50_s, f"{names[arm]} p50")
        _draw_arm(ax, sweep, arm, lambda at: at.p95_s, f"{names[arm]} p95", is_tail=True)
        _mark_knee(ax, sweep.knees[arm], arm)
        _mark_saturation(ax, sweep.saturations[arm], arm)
    ax.set_ylabel("response time (ms)")
    ax.set_title("Response time by load")
    room_above(ax, LEGEND_SHARE)
    ax.legend(loc="upper left", ncols=len(COMPARED))
    return ax


@styled
def plot_pool_wait(sweep: Sweep, *, ax: Axes | None = None) -> Axes:
    """Each arm's p95 of the time a request waits for a database connection.

    The axis is linear up to 1 ms and logarithmic beyond, since a wait may be nothing.
    """
    ax, names = ax or new_axes(sweep_caption(sweep)), _names(sweep)
    _load_axis(ax, sweep)
    for arm in COMPARED:
        _draw_arm(ax, sweep, arm, lambda at: at.pool_wait_p95_s, names[arm])
    ax.set_yscale("symlog", linthresh=1)
    ax.yaxis.set_major_formatter(plain_numbers())
    ax.set(ylabel="wait for a connection, p95 (ms)", ylim=(0, max(ax.get_ylim()[1], SHORT_WAIT_MS)))
    ax.set_title("Waiting for the pool")
    ax.legend(loc="upper left")
    seen = [point.arms[arm] for point in sweep.points for arm in COMPARED]
    if all(math.isnan(each.pool_wait_p95_s) for each in seen):
        ax.set_ylim(0, 1)
        ax.text(0.5, 0.5, "not recorded", transform=ax.transAxes, ha="center")
    return ax


def _load_axis(ax: Axes, sweep: Sweep) -> None:
    lowest, highest = sweep.points[0].offered_hz, sweep.points[-1].offered_hz
    ax.set_xlabel("offered load (requests/s)")
    if highest / lowest > WIDE_RANGE:
        log_scale(ax, "x")
        ax.set_xlim(lowest / 1.2, highest * 1.2)
    else:
        ax.set_xlim(0, highest * 1.05)


def _draw_savings(ax: Axes, sweep: Sweep, name: str, look: Look, *, shift: float) -> None:
    colour, dash = look
    results = [(point.offered_hz, point.comparison[name]) for point in sweep.points]
    defined = [(load, each) for load, each in results if each.estimate.defined]
    where = beside(ax, shift)
    ax.plot(
        [load for load, _ in defined],
        [in_percent(each.estimate.point) for _, each in defined],
        color=colour,
        linestyle=dash,
        label=name,
        transform=where,
    )
    for load, each in defined:
        estimate = each.estimate
        ends = in_percent(estimate.lower), in_percent(estimate.upper)
        ax.vlines(load, *ends, color=colour, linewidth=1.4, transform=where)
        at = in_percent(estimate.point)
        ax.plot(load, at, marker=VERDICT_MARKERS[each.verdict], color=colour, transform=where)
        if estimate.point < LOSS_SHOWN:
            note(ax, "↓", (load, at), shift, va="top", ha="center", color=colour, fontsize="large")


def _possible(percent: float, _: int) -> str:
    return "" if percent > MOST_SAVED else f"{percent:g}".replace("-", "−")


def _verdicts_of(sweep: Sweep) -> list[Line2D]:
    """The legend's entry for the marker of each verdict there is."""
    seen = {each.verdict for point in sweep.points for each in point.comparison.results
            if each.estimate.defined}  # fmt: skip
    return [
        Line2D([], [], linestyle="none", color=ink(), marker=marker, label=word_of(verdict))
        for verdict, marker in VERDICT_MARKERS.items()
        if verdict in seen
    ]


def _draw_crossover(ax: Axes, crossing: LoadLevel | None, look: Look) -> None:
    if crossing is None:
        return
    colour, dash = look
    left, right = ax.get_xlim()
    ax.axvspan(
        max(crossing.lower, left),
        min(crossing.upper, right),
        ymax=1 - LEGEND_SHARE,
        color=colour,
        alpha=0.12,
        linewidth=0,
    )
    ax.axvline(
        crossing.point,
        ymax=1 - LEGEND_SHARE,
        color=colour,
        linestyle=dash,
        linewidth=1,
        label=f"saves up to {crossing.point:,.3g}/s",
    )


def _draw_arm(
    ax: Axes,
    sweep: Sweep,
    arm: Arm,
    figure_of: Callable[[ArmAtLoad], float],
    label: str,
    *,
    is_tail: bool = False,
) -> None:
    times = [(point.offered_hz, 1e3 * figure_of(point.arms[arm])) for point in sweep.points]
    ax.plot(
        [load for load, _ in times],
        [ms if math.isfinite(ms) else math.nan for _, ms in times],
        color=COLOURS[arm],
        linestyle=DASHES[arm],
        linewidth=0.9 if is_tail else 1.6,
        marker=MARKERS[arm],
        markersize=3 if is_tail else 5,
        clip_on=False,
        zorder=3,
        label=label,
    )
    endless = [load for load, ms in times if ms == math.inf]
    if endless:
        ax.plot(
            endless,
            [1.0] * len(endless),
            linestyle="none",
            color=COLOURS[arm],
            marker=r"$\infty$",
            markersize=7,
            clip_on=False,
            zorder=3,
            transform=ax.get_xaxis_transform(),
        )


def _mark_knee(ax: Axes, level: LoadLevel, arm: Arm) -> None:
    ax.axvline(
        level.point,
        ymax=KNEE_SHARE,
        color=COLOURS[arm],
        linewidth=4,
        label=f"knee at {level.point:,.3g}/s",
    )


def _mark_saturation(ax: Axes, level: LoadLevel | None, arm: Arm) -> None:
    if level is None:
        ax.plot([], [], linestyle="none", label="keeps up")
        return
    ax.axvline(
        level.point,
        ymax=1 - LEGEND_SHARE,
        color=COLOURS[arm],
        linestyle=":",
        linewidth=1.3,
        label=f"behind from {level.point:,.3g}/s",
    )


def _names(sweep: Sweep) -> dict[Arm, str]:
    """What each arm is called; its role where the sweep does not know."""
    return arm_labels(sweep.names or {arm: arm.value for arm in COMPARED})


def _saving_limits(sweep: Sweep) -> tuple[float, float]:
    estimates = [each.estimate for point in sweep.points for each in point.comparison.results]
    drawn = [
        in_percent(end) for each in estimates if each.defined for end in (each.lower, each.upper)
    ]
    claimed = 100 * sweep.points[0].comparison.threshold
    lowest, highest = min([*drawn, 0.0]), max([*drawn, claimed])
    space = 0.06 * (highest - lowest)
    return lowest - space, highest + space
