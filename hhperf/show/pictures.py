"""The pictures of a report, each with words for those who cannot see it."""

from collections.abc import Mapping

import numpy as np

from hhperf.analysis.comparison import Comparison
from hhperf.analysis.sequential import SequentialPath
from hhperf.analysis.shift import ShiftFunction
from hhperf.errors import RunError
from hhperf.runs.observation import Arm
from hhperf.runs.run import Run
from hhperf.runs.stalls import stalls_of
from hhperf.show import plots
from hhperf.show.card import Picture, Table
from hhperf.show.intervals import with_interval
from hhperf.shown import milliseconds, percent
from hhperf.verdict.sweeps import COMPARED, Sweep, rate
from hhperf.why.arm_time import Breakdown
from hhperf.why.timelines import median_pair, timeline_of

Pictures = tuple[Picture, ...]


def savings_pictures(
    comparison: Comparison, shift: ShiftFunction | None, path: SequentialPath | None
) -> Pictures:
    """What is saved, by statistic and by quantile or look by look."""
    threshold = comparison.threshold
    savings = ", ".join(
        f"{each.statistic} {with_interval(each.estimate)}" for each in comparison.results
    )
    label = f"Saving by statistic against the {percent(threshold)} claimed: {savings}."
    first = Picture("savings", label, lambda: plots.plot_savings(comparison))
    if path is not None and path.looks:
        label = f"The confidence sequence of the saving at {path.statistic} narrows with the pairs."
        return first, Picture("path", label, lambda: plots.plot_path(path))
    if shift is None:
        return (first,)
    least, most = (percent(float(edge(shift.savings))) for edge in (np.nanmin, np.nanmax))
    label = f"Saving at every quantile, with its band: from {least} to {most}."
    return first, Picture("shift", label, lambda: plots.plot_shift(shift, threshold=threshold))


def latency_pictures(run: Run, latencies: Table, machine: str) -> Pictures:
    """How long requests took under each arm, and what the machine did meanwhile.

    Args:
        run: what was measured.
        latencies: the table of the same.
        machine: the sentence on what it lost.
    """
    statistic = run.statistic
    rows = [dict(zip(latencies.columns, row, strict=True)) for row in latencies.rows]
    said = "; ".join(f"{row['arm']}: p50 {row['p50']} ms, p95 {row['p95']} ms" for row in rows)
    return (
        Picture(
            "distributions",
            f"Share of requests answered within a time. {said}.",
            lambda: plots.plot_distributions(run, statistic=statistic),
        ),
        Picture(
            "percentiles",
            f"Latency by quantile, the tail stretched. {said}.",
            lambda: plots.plot_percentiles(run, statistic=statistic),
        ),
        *_machine_picture(run, machine),
    )


def _machine_picture(run: Run, machine: str) -> Pictures:
    """When the machine stood still; none where nobody looked, or it never did."""
    stalls = stalls_of(run)
    if stalls is None or not len(stalls):
        return ()
    label = f"When each core stood still. {machine}"
    return (Picture("stalls", label, lambda: plots.plot_stalls(run)),)


def stage_pictures(run: Run, breakdown: Breakdown) -> Pictures:
    """Where the time goes: over all requests, and within a typical one."""
    stages = sorted(breakdown.treatment.stages.items(), key=lambda each: -each[1].median_s)
    longest = ", ".join(f"{name} {milliseconds(stage.median_s)} ms" for name, stage in stages[:3])
    label = (
        "Own time of each stage under both arms. The longest under"
        f" {breakdown.treatment.schedule}, at the median: {longest}."
    )
    first = Picture("stages", label, lambda: plots.plot_stages(breakdown))
    if breakdown.treatment.told is not None:  # when its stages began is not known
        return (first,)
    try:
        timeline = timeline_of(run, median_pair(run))
    except RunError:  # no request was answered by both arms
        return (first,)
    said = ", ".join(f"{arm.schedule} {milliseconds(arm.total_s)} ms" for arm in timeline.arms)
    label = f"One typical request, stage by stage under each arm: {said}."
    return first, Picture("timeline", label, lambda: plots.plot_timeline(timeline))


def sweep_savings_pictures(sweep: Sweep, verdict: str) -> Pictures:
    """What is saved against the offered load."""
    label = f"Saving in response time against the offered load. {verdict}"
    return (Picture("savings-by-load", label, lambda: plots.plot_savings_by_load(sweep)),)


def sweep_response_pictures(sweep: Sweep, names: Mapping[Arm, str]) -> Pictures:
    """How long each arm takes against the offered load, and waits for a connection."""
    said = "; ".join(
        f"{rate(point.offered_hz)}/s "
        + ", ".join(f"{names[arm]} {milliseconds(point.arms[arm].p95_s)} ms" for arm in COMPARED)
        for point in sweep.points
    )
    label = f"Response time against the offered load, at p95: {said}."
    first = Picture("response-by-load", label, lambda: plots.plot_response_by_load(sweep))
    waits = [arm.pool_wait_p95_s for point in sweep.points for arm in point.arms.values()]
    if not np.isfinite(waits).any():
        return (first,)
    label = "Wait for a database connection against the offered load, p95 under each arm."
    return first, Picture("pool-wait", label, lambda: plots.plot_pool_wait(sweep))
