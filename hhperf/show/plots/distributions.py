"""Latencies as distributions: all of them, their tail, and the saving at every quantile."""

from typing import cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator, PercentFormatter

from hhperf.analysis.shift import ShiftFunction
from hhperf.analysis.tails import Tail, tail_of
from hhperf.runs.observation import Arm
from hhperf.runs.pairs import RecordedPairs, Statistic
from hhperf.runs.run import Run
from hhperf.show.plots.captions import caption_of
from hhperf.show.plots.language import COLOURS, DASHES
from hhperf.show.plots.style import (
    AT_FOOT,
    arm_labels,
    claim_line,
    ink,
    log_if_long,
    new_axes,
    note,
    styled,
)

DRAWN = (Arm.CONTROL_AGAIN, Arm.CONTROL, Arm.TREATMENT)
"""The noise lies below what it is the noise of."""

QUANTILES_NAMED = (0, 0.5, 0.9, 0.95, 0.99, 0.999, 0.9999, 0.99999, 0.999999)
CROWDED = 10_000
"""From so many requests there is no room for p95 beside p90."""


@styled
def plot_distributions(
    run: Run, *, statistic: Statistic | str = Statistic.SERVICE_TIME, ax: Axes | None = None
) -> Axes:
    """The share of requests answered within a time, for each arm; a step a request.

    An arm's curve ends below 100% where requests failed. Time is on a log scale where the slowest
    request took 30 times as long as the fastest.

    Args:
        run: a run with a pair to compare.
        statistic: `service_time`, or `response_time` for a run under load.
        ax: where to draw; a new figure, with a caption, when None.

    Raises:
        RunError: the run has no pair to compare.
    """
    ax = ax or new_axes(caption_of(run))
    pairs, labels = run.pairs(statistic), arm_labels(run.metadata.design.arms)
    for arm in DRAWN:
        ax.ecdf(
            _latency_ms(pairs, arm), label=labels[arm], color=COLOURS[arm], linestyle=DASHES[arm]
        )
    ax.set(xlabel=_time_label(pairs), ylabel="requests answered within (%)", ylim=(0, 1.005))
    ax.yaxis.set_major_formatter(PercentFormatter(1, symbol=""))
    log_if_long(ax, "x", *_extremes(pairs))
    ax.set_title(f"Latency, {len(pairs):,} pairs")
    ax.legend(loc="lower right")
    return ax


@styled
def plot_percentiles(
    run: Run, *, statistic: Statistic | str = Statistic.SERVICE_TIME, ax: Axes | None = None
) -> Axes:
    """Latency over the quantile, each further nine as wide as the one before (HDR histogram style).

    A curve is faint beyond the quantile that 20 requests exceed, which is marked, and ends at the
    one that a single request does.

    Args:
        run: a run with a pair to compare.
        statistic: `service_time`, or `response_time` for a run under load.
        ax: where to draw; a new figure, with a caption, when None.

    Raises:
        RunError: the run has no pair to compare.
    """
    ax = ax or new_axes(caption_of(run))
    pairs, labels = run.pairs(statistic), arm_labels(run.metadata.design.arms)
    tails = {arm: tail_of(_latency_ms(pairs, arm) / 1e3) for arm in DRAWN}
    for arm, tail in tails.items():
        _draw_tail(ax, tail, arm, labels[arm])
    _mark_limit(ax, tails[Arm.CONTROL])
    _quantile_axis(ax, len(pairs))
    ax.set(xlabel="quantile (%)", ylabel=_time_label(pairs))
    log_if_long(ax, "y", *_extremes(pairs))
    ax.set_title(f"Latency by quantile, {len(pairs):,} pairs")
    ax.legend(loc="best")
    return ax


@styled
def plot_shift(shift: ShiftFunction, *, threshold: float = 0.20, ax: Axes | None = None) -> Axes:
    """The saving at every quantile, with a band that holds the whole curve."""
    ax = ax or new_axes()
    q, colour = 100 * shift.quantiles, COLOURS[Arm.TREATMENT]
    ax.fill_between(q, 100 * shift.lower, 100 * shift.upper, color=colour, alpha=0.2, lw=0)
    ax.plot(q, 100 * shift.savings, color=colour, marker=".", markersize=4)
    claim_line(ax, threshold)
    ax.set(
        xlabel=f"quantile (%), {shift.confidence:.0%} band",
        ylabel="saving (%)",
        xlim=(0, 100),
    )
    ax.set_title("Saving by quantile")
    ax.legend(loc="best")
    return ax


def _draw_tail(ax: Axes, tail: Tail, arm: Arm, label: str) -> None:
    sure = max(int(np.searchsorted(tail.nines, tail.measurable_to)), 1)
    ms = 1e3 * tail.latency_s
    for part, faint in ((slice(None, sure + 1), False), (slice(sure, None), True)):
        ax.plot(
            tail.nines[part],
            ms[part],
            label="" if faint else label,
            color=COLOURS[arm],
            linestyle=DASHES[arm],
            alpha=0.4 if faint else 1,
            drawstyle="steps-post",
        )


def _mark_limit(ax: Axes, tail: Tail) -> None:
    nines = tail.measurable_to
    if nines > 1:
        far = nines**2 > tail.n  # in the right half, where the words go to the left
        ax.axvline(nines, color=ink(), linestyle=":", linewidth=1)
        shift, side = (-3, "right") if far else (3, "left")
        note(ax, "fewer than 20 beyond", (nines, 0.02), shift, xycoords=AT_FOOT, ha=side)


def _quantile_axis(ax: Axes, n: int) -> None:
    named = [q for q in QUANTILES_NAMED if n * (1 - q) >= 1 - 1e-9]
    if n >= CROWDED:
        named = [q for q in named if q not in {0.5, 0.95}]
    ax.set_xscale("log")
    ax.set_xlim(1, n * 1.1)
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xticks([1 / (1 - q) for q in named], [f"{100 * q:.10g}" for q in named])


def _latency_ms(pairs: RecordedPairs, arm: Arm) -> np.ndarray:
    return 1e3 * cast("np.ndarray", getattr(pairs, arm.value))


def _extremes(pairs: RecordedPairs) -> tuple[float, float]:
    every = np.concatenate([_latency_ms(pairs, arm) for arm in DRAWN])
    answered = every[np.isfinite(every)]
    return (float(answered.min()), float(answered.max())) if len(answered) else (0.0, 0.0)


def _time_label(pairs: RecordedPairs) -> str:
    return f"{pairs.statistic.value.replace('_', ' ')} (ms)"
