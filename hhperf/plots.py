"""Figures. Each takes data and an optional Axes, draws, and returns the Axes; none computes."""

from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hhperf.analysis import Comparison, SequentialPath, ShiftFunction, Verdict
from hhperf.narrative import verdict_sentence
from hhperf.runs import Arm, Run

# Okabe and Ito's colours, told apart with any kind of colour vision.
COLOURS = {Arm.CONTROL: "#0072B2", Arm.CONTROL_AGAIN: "#56B4E9", Arm.TREATMENT: "#D55E00"}
VERDICT_COLOURS = {
    Verdict.EXCEEDS: "#009E73",
    Verdict.BELOW: "#D55E00",
    Verdict.INCONCLUSIVE: "#555555",
    Verdict.NOT_MEASURABLE: "#999999",
}
STYLE = str(Path(__file__).with_name("hhperf.mplstyle"))


def plot_distributions(run: Run, *, ax: Axes | None = None) -> Axes:
    """The share of requests answered within a time, for each arm; a step a request."""
    ax = ax or _new_axes()
    pairs, names = run.pairs(), run.metadata.design.arms
    for arm in (Arm.CONTROL_AGAIN, Arm.CONTROL, Arm.TREATMENT):
        again = " again" if arm is Arm.CONTROL_AGAIN else ""
        ax.ecdf(
            getattr(pairs, arm.value) * 1e3,
            label=names[arm] + again,
            color=COLOURS[arm],
            linestyle="--" if again else "-",
            linewidth=1.2 if again else 1.8,
        )
    ax.set(xlabel="service time (ms)", ylabel="share of requests", ylim=(0, 1))
    ax.set_title(f"Latency, {len(pairs):,} pairs", loc="left")
    ax.legend(loc="lower right")
    return ax


def plot_savings(comparison: Comparison, *, ax: Axes | None = None) -> Axes:
    """The saving at each statistic with its interval, against the one claimed."""
    ax = ax or _new_axes()
    results = comparison.results
    for place, result in enumerate(results):
        estimate, colour = result.estimate, VERDICT_COLOURS[result.verdict]
        if estimate.defined:
            ends = [100 * estimate.lower, 100 * estimate.upper]
            ax.plot(ends, [place, place], color=colour, linewidth=2)
            ax.plot(100 * estimate.point, place, "o", color=colour)
    ax.axvline(100 * comparison.threshold, color="#333333", linestyle=":", linewidth=1.2)
    ax.set(
        yticks=range(len(results)),
        yticklabels=[f"{result.statistic}\n{_word(result.verdict)}" for result in results],
        xlabel=f"saving (%), {comparison.confidence:.0%} intervals; dotted: claimed",
    )
    for label, result in zip(ax.get_yticklabels(), results, strict=True):
        label.set_color(VERDICT_COLOURS[result.verdict])
    ax.invert_yaxis()
    ax.margins(x=0.1, y=0.15)
    ax.set_title("Saving by statistic", loc="left")
    return ax


def plot_shift(shift: ShiftFunction, *, threshold: float = 0.20, ax: Axes | None = None) -> Axes:
    """The saving at every quantile, with its simultaneous band."""
    ax = ax or _new_axes()
    q = 100 * shift.quantiles
    ax.fill_between(
        q, 100 * shift.lower, 100 * shift.upper, color=COLOURS[Arm.TREATMENT], alpha=0.2, lw=0
    )
    ax.plot(q, 100 * shift.savings, color=COLOURS[Arm.TREATMENT])
    ax.axhline(100 * threshold, color="#333333", linestyle=":", linewidth=1.2)
    ax.set(
        xlabel=f"quantile (%), {shift.confidence:.0%} band for the whole curve",
        ylabel="saving (%)",
        xlim=(0, 100),
    )
    ax.set_title("Saving by quantile", loc="left")
    return ax


def plot_path(path: SequentialPath, *, ax: Axes | None = None) -> Axes:
    """The confidence sequence of a saving, look by look, up to the look that settled it."""
    ax = ax or _new_axes()
    lower, upper = (
        [100 * max(-1.0, each) for each in bounds] for bounds in (path.lower, path.upper)
    )
    ax.fill_between(path.looks, lower, upper, color=COLOURS[Arm.TREATMENT], alpha=0.2, lw=0)
    ax.plot(path.looks, [100 * each for each in path.savings], color=COLOURS[Arm.TREATMENT])
    ax.axhline(100 * path.threshold, color="#333333", linestyle=":", linewidth=1.2)
    if path.stopped_at is not None:
        ax.axvline(path.stopped_at, color="#333333", linewidth=0.8)
    ax.set(xlabel="pairs", ylabel=f"saving at {path.statistic} (%)")
    ax.set_title("Confidence sequence", loc="left")
    return ax


def verdict_figure(
    run: Run,
    comparison: Comparison,
    caption: str,
    *,
    shift: ShiftFunction | None = None,
    path: SequentialPath | None = None,
) -> Figure:
    """The pictures side by side under the verdict, with the conditions as caption.

    The third is the confidence sequence of a run that stopped on its verdict, else the saving by
    quantile, else nothing.
    """
    with style.context(STYLE):
        widths = (3, 2) if shift is None and path is None else (3, 2, 2)
        figure = plt.figure(figsize=(13, 4.4))
        axes = figure.subplots(1, len(widths), width_ratios=widths)
        plot_distributions(run, ax=axes[0])
        plot_savings(comparison, ax=axes[1])
        if path is not None:
            plot_path(path, ax=axes[2])
        elif shift is not None:
            plot_shift(shift, threshold=comparison.threshold, ax=axes[2])
        figure.suptitle(verdict_sentence(run, comparison), fontsize=11, fontweight="bold")
        figure.supxlabel(caption, fontsize=8)
    plt.close(figure)  # a notebook shows what a cell returns; left open it would show twice
    return figure


def _word(verdict: Verdict) -> str:
    return str(verdict).replace("_", " ").lower()


def _new_axes() -> Axes:
    with style.context(STYLE):
        return plt.subplots(figsize=(6, 4))[1]
