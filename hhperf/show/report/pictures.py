"""The figures of a report, one below the other, each with words for those who cannot see it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hhperf.analysis.comparison import Comparison
from hhperf.analysis.shift import ShiftFunction
from hhperf.errors import RunError
from hhperf.runs.observation import Arm
from hhperf.runs.pairs import Statistic
from hhperf.runs.run import Run
from hhperf.show.analysis_cards import interval
from hhperf.show.findings import Findings
from hhperf.show.plots.by_load import plot_pool_wait, plot_response_by_load, plot_savings_by_load
from hhperf.show.plots.distributions import plot_distributions, plot_percentiles, plot_shift
from hhperf.show.plots.savings import plot_path, plot_savings
from hhperf.show.plots.stages import plot_stages, plot_timeline
from hhperf.show.sweep_findings import SweepFindings
from hhperf.shown import milliseconds, percent
from hhperf.verdict.sweeps import Sweep, rate
from hhperf.why.breakdown import Breakdown
from hhperf.why.timelines import Timeline, median_pair, timeline_of

Draw = Callable[[], Axes]


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure that is drawn when it is asked for.

    Attributes:
        name: short, unique among the figures of a section.
        label: what it shows, in a sentence with its main figures.
        draw: draws it on a figure of its own.
    """

    name: str
    label: str
    draw: Draw

    def figure(self) -> Figure:
        """The figure, no longer held by pyplot."""
        figure = self.draw().figure
        assert isinstance(figure, Figure)
        plt.close(figure)
        return figure


def savings_pictures(findings: Findings) -> Iterator[Picture]:
    """What is saved, by statistic and by quantile or look by look."""
    comparison, shift, path = findings.comparison, findings.shift, findings.path
    yield Picture("savings", _savings(comparison), lambda: plot_savings(comparison))
    if path is not None and path.looks:
        label = f"The confidence sequence of the saving at {path.statistic} narrows with the pairs."
        yield Picture("path", label, lambda: plot_path(path))
    elif shift is not None:
        threshold = comparison.threshold
        yield Picture("shift", _shift(shift), lambda: plot_shift(shift, threshold=threshold))


def latency_pictures(findings: Findings) -> Iterator[Picture]:
    """How long requests took under each arm."""
    run, said = findings.run, _latencies(findings)
    statistic = Statistic.RESPONSE_TIME if findings.under_load else Statistic.SERVICE_TIME
    yield Picture(
        "distributions",
        f"Share of requests answered within a time. {said}",
        lambda: plot_distributions(run, statistic=statistic),
    )
    yield Picture(
        "percentiles",
        f"Latency by quantile, the tail stretched. {said}",
        lambda: plot_percentiles(run, statistic=statistic),
    )


def stage_pictures(run: Run, breakdown: Breakdown) -> Iterator[Picture]:
    """Where the time goes: over all requests, and within a typical one."""
    yield Picture("stages", _stages(breakdown), lambda: plot_stages(breakdown))
    try:
        timeline = timeline_of(run, median_pair(run))
    except RunError:  # no request was answered by both arms
        return
    yield Picture("timeline", _timeline(timeline), lambda: plot_timeline(timeline))


def sweep_savings_pictures(findings: SweepFindings) -> Iterator[Picture]:
    """What is saved against the offered load."""
    yield Picture(
        "savings-by-load",
        f"Saving in response time against the offered load. {findings.verdict}",
        lambda: plot_savings_by_load(findings.sweep),
    )


def sweep_response_pictures(findings: SweepFindings) -> Iterator[Picture]:
    """How long each arm takes against the offered load, and waits for a connection."""
    sweep = findings.sweep
    yield Picture(
        "response-by-load",
        f"Response time against the offered load, at p95: {_responses(findings)}.",
        lambda: plot_response_by_load(sweep),
    )
    if _has_pool_waits(sweep):
        yield Picture(
            "pool-wait",
            "Wait for a database connection against the offered load, p95 under each arm.",
            lambda: plot_pool_wait(sweep),
        )


def _savings(comparison: Comparison) -> str:
    parts = [
        f"{each.statistic} {percent(each.estimate.point)} ({interval(each.estimate)})"
        for each in comparison.results
    ]
    threshold = percent(comparison.threshold)
    return f"Saving by statistic against the {threshold} claimed: {', '.join(parts)}."


def _shift(shift: ShiftFunction) -> str:
    least, most = float(np.nanmin(shift.savings)), float(np.nanmax(shift.savings))
    return f"Saving at every quantile, with its band: from {percent(least)} to {percent(most)}."


def _latencies(findings: Findings) -> str:
    table = findings.latencies
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    return (
        "; ".join(f"{row['arm']}: p50 {row['p50']} ms, p95 {row['p95']} ms" for row in rows) + "."
    )


def _stages(breakdown: Breakdown) -> str:
    stages = sorted(breakdown.treatment.stages.items(), key=lambda each: -each[1].median_s)
    said = ", ".join(f"{name} {milliseconds(stage.median_s)} ms" for name, stage in stages[:3])
    return (
        "Own time of each stage under both arms. The longest under"
        f" {breakdown.treatment.schedule}, at the median: {said}."
    )


def _timeline(timeline: Timeline) -> str:
    said = ", ".join(f"{arm.schedule} {milliseconds(arm.total_s)} ms" for arm in timeline.arms)
    return f"One typical request, stage by stage under each arm: {said}."


def _responses(findings: SweepFindings) -> str:
    control, treatment = findings.names[Arm.CONTROL], findings.names[Arm.TREATMENT]
    return "; ".join(
        f"{rate(point.offered_hz)}/s {control} {milliseconds(point.arms[Arm.CONTROL].p95_s)} ms,"
        f" {treatment} {milliseconds(point.arms[Arm.TREATMENT].p95_s)} ms"
        for point in findings.sweep.points
    )


def _has_pool_waits(sweep: Sweep) -> bool:
    waits = [arm.pool_wait_p95_s for point in sweep.points for arm in point.arms.values()]
    return bool(np.isfinite(waits).any())
