"""Histories of runs, from a folder that has many of them."""

from pathlib import Path

from hhperf.errors import SampleError
from hhperf.runs.observation import Arm
from hhperf.show.sentences import title_of
from hhperf.verdict.history import SAVING, History
from hhperf.verdict.history_points import Question, moments_of, runs_below, series_of
from hhperf.verdict.history_verdicts import MARGIN, make_history


def history(
    folder: Path | str,
    *,
    statistic: str = "p95",
    measure: str = SAVING,
    baseline: str | None = None,
    threshold: float = 0.20,
    margin: float = MARGIN,
    seed: int = 0,
) -> tuple[History, ...]:
    """Follow runs over time: each against a baseline, and where the level changed.

    Runs under equal conditions (arms, profile, settings, log, pace) are one history, in order of
    time; restarts (`--runs`) are one point.

    Args:
        folder: with runs at any depth.
        statistic: `mean`, `p50`, `p95`, …
        measure: `saving`, which a slower machine does not move; or an arm's own latency, `control`
            or `treatment`, of runs on one machine.
        baseline: a folder's name or a commit; the first run when None.
        threshold: the saving that each run's own verdict is about.
        margin: a change that is too small to matter, as a share.
        seed: of the bootstrap and the tests.

    Raises:
        RunError: there is no run, or one cannot be read.
        SampleError: there is no such statistic, measure or baseline, or no run has a number.
    """
    asked = Question(measure, statistic, threshold, seed)
    if not 0 <= margin < 1:
        raise SampleError(f"margin {margin:g} must be 0 or more and below 1: 0.05 is 5%")
    both = {Arm.CONTROL, Arm.TREATMENT}
    runs = [run for run in runs_below(folder) if both <= run.metadata.design.arms.keys()]
    if not runs:
        raise SampleError(f"{folder}: its runs have one arm alone; there is nothing to follow")
    found, failed = list[History](), list[SampleError]()
    for series in series_of(runs):
        try:
            found.append(
                make_history(
                    title_of(series[0]),
                    moments_of(series, folder, asked),
                    measure=measure,
                    statistic=statistic,
                    baseline=baseline,
                    margin=margin,
                    seed=seed,
                )
            )
        except SampleError as error:  # another history may have numbers, and the baseline
            failed.append(error)
    if not found:
        raise failed[0]
    return tuple(found)
