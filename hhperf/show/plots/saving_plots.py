"""Savings with their intervals: by statistic, look by look, and many against the truth."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from hhperf.analysis.comparison import Comparison, StatisticResult
from hhperf.analysis.decision import Verdict
from hhperf.analysis.estimate import Estimate
from hhperf.analysis.sequential import SequentialPath
from hhperf.runs.observation import Arm
from hhperf.show.plots.language import COLOURS, VERDICT_COLOURS, VERDICT_MARKERS
from hhperf.show.plots.style import (
    AT_FOOT,
    claim_line,
    in_percent,
    ink,
    new_axes,
    note,
    styled,
)

HELD, MISSED = 0.45, 1.0
"""How strong an interval is drawn."""

MARK = 7.0
"""Points; on the line of an interval a smaller mark has no shape."""


@styled
def plot_savings(comparison: Comparison, *, ax: Axes | None = None) -> Axes:
    """The saving at each statistic with its interval, against the one claimed."""
    ax = ax or new_axes(_size(comparison))
    results = comparison.results
    for place, result in enumerate(results):
        if result.estimate.defined:
            draw_saving(ax, place, result)
    mark_claim(ax, comparison.threshold)
    ax.set(
        yticks=range(len(results)),
        yticklabels=[f"{result.statistic}\n{word_of(result.verdict)}" for result in results],
        xlabel=f"saving (%), {comparison.confidence:.0%} intervals",
    )
    ax.invert_yaxis()
    ax.margins(x=0.1, y=0.15)
    ax.set_title("Saving by statistic")
    return ax


@styled
def plot_path(path: SequentialPath, *, ax: Axes | None = None) -> Axes:
    """The confidence sequence of a saving, look by look, up to the look that settled it."""
    ax = ax or new_axes(f"n = {max(path.looks, default=0):,} pairs, {len(path.looks):,} looks.")
    colour = COLOURS[Arm.TREATMENT]
    lower, upper = ([in_percent(each) for each in bounds] for bounds in (path.lower, path.upper))
    ax.fill_between(path.looks, lower, upper, color=colour, alpha=0.2, lw=0)
    ax.plot(path.looks, [100 * each for each in path.savings], color=colour)
    claim_line(ax, path.threshold)
    if path.stopped_at is not None:
        settled = f"settled after {path.stopped_at:,} pairs"
        ax.axvline(path.stopped_at, color=ink(), linewidth=0.8, label=settled)
    ax.set(xlabel="pairs so far (count)", ylabel=f"saving at {path.statistic} (%)")
    ax.set_title("Confidence sequence")
    ax.legend(loc="best")
    return ax


@styled
def plot_coverage(intervals: Sequence[Estimate], truth: float, *, ax: Axes | None = None) -> Axes:
    """Many intervals against the saving they should hold; those that miss it stand out.

    Args:
        intervals: of experiments of one kind, each with its own data.
        truth: the true saving, as a share.
        ax: where to draw; a new figure, with a caption, when None.
    """
    confidence = intervals[0].confidence
    ax = ax or new_axes(f"n = {len(intervals):,} experiments, {confidence:.0%} intervals.")
    held = [each.contains(truth) for each in intervals]
    for place, (each, holds) in enumerate(zip(intervals, held, strict=True), 1):
        strength, width = (HELD, 0.9) if holds else (MISSED, 2.2)
        ends = in_percent(each.lower), 100 * each.upper
        ax.vlines(place, *ends, color=ink(), alpha=strength, linewidth=width)
        if not holds:
            ax.plot(place, 100 * each.point, "_", color=ink(), markersize=8, markeredgewidth=2)
    ax.axhline(100 * truth, color=ink(), linestyle=":", linewidth=1.3)
    ax.set(xlabel="experiment (number)", ylabel="saving (%); dotted: true")
    ax.margins(x=0.02)
    ax.set_title(f"{sum(held):,} of {len(held):,} intervals hold the truth")
    return ax


def draw_saving(ax: Axes, place: int, result: StatisticResult) -> None:
    """A saving with its interval, in the colour and with the marker of its verdict."""
    estimate, colour = result.estimate, VERDICT_COLOURS[result.verdict]
    ends = [in_percent(estimate.lower), 100 * estimate.upper]
    ax.plot(ends, [place, place], color=colour, linewidth=2.2)
    mark = VERDICT_MARKERS[result.verdict]
    ax.plot(in_percent(estimate.point), place, mark, color=colour, markersize=MARK)


def mark_claim(ax: Axes, threshold: float) -> None:
    """The claim as an upright line with its words at the foot."""
    line = claim_line(ax, threshold, upright=True)
    foot = (100 * threshold, 0.03)
    note(ax, str(line.get_label()), foot, 2, xycoords=AT_FOOT, rotation=90)


def _size(comparison: Comparison) -> str:
    clusters = (
        f" in {comparison.n_clusters:,} clusters" if comparison.n_clusters is not None else ""
    )
    return f"n = {comparison.n_pairs:,} pairs{clusters}."


def word_of(verdict: Verdict) -> str:
    """A verdict in small letters, for an axis."""
    return str(verdict).replace("_", " ").lower()
