"""Where the time of live services goes, as far as they tell it."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hhperf.errors import RunError
from hhperf.runs.observation import Arm, Outcome
from hhperf.runs.run import Run
from hhperf.runs.told_times import excess_warnings
from hhperf.search.trace import POOL
from hhperf.why.arm_time import (
    CACHE,
    COMPARED,
    REMAINDER,
    ArmTime,
    Breakdown,
    CachedTime,
    Durations,
    StageTime,
    ToldTime,
    by_stage,
    in_order,
)

CONNECT = "connect"
"""The generator's own stage: no answer tells of it."""

NAN = float("nan")
Floats = NDArray[np.float64]


def break_down_told(run: Run) -> Breakdown:
    """Take a run of services apart by what each answer said of its own stages.

    Their schedules are not known: nothing is said of critical paths. Answers from a result cache
    stand apart from those that were searched for. A stage that waits for a database connection
    holds the wait (`pool`), which is shown and not counted again.

    Raises:
        RunError: no answer tells of its stages, or the run's files cannot be read.
    """
    if not tells_of_stages(run):
        names = " and ".join(dict.fromkeys(run.metadata.design.arms.values()))
        raise RunError(
            f"{run.path}: {names} told nothing of their stages, neither in `timings` of the body"
            " nor in Server-Timing, so there is nothing to break down"
        )
    spans, frame = _told_spans(run), run.frame()
    control, treatment = (_arm_time(run, arm, frame, spans) for arm in COMPARED)
    return Breakdown(control, treatment, expectation=None, warnings=excess_warnings(run))


def tells_of_stages(run: Run) -> bool:
    """Whether any answer of the run told of a stage."""
    return not _told_spans(run).empty


def _told_spans(run: Run) -> pd.DataFrame:
    spans = run.spans()
    return spans[spans["stage"] != CONNECT]


def _arm_time(run: Run, arm: Arm, frame: pd.DataFrame, spans: pd.DataFrame) -> ArmTime:
    answered = frame[
        (frame["arm"].astype(str) == arm.value)
        & (frame["outcome"].astype(str) == Outcome.OK.value)
    ].set_index("pair")  # fmt: skip
    is_hit = answered["cache_result"].isin([True])
    searched, hits = answered[~is_hit], answered[is_hit]
    modelled = set(spans["stage"][spans["modelled_s"] > 0])
    durations = by_stage(spans, arm, "duration_s", searched.index)
    durations = {name: durations[name] for name in in_order(durations) if durations[name].any()}
    totals = searched["service_time_s"].to_numpy()
    service = searched["service_ns"].to_numpy(dtype=np.float64, na_value=NAN) / 1e9
    together = _together(durations, len(searched))
    remainder = _remainder(totals, together, service)
    return ArmTime(
        schedule=run.metadata.design.arms[arm],
        stages={
            name: StageTime.of(name, times, is_modelled=name in modelled)
            for name, times in {**durations, REMAINDER: remainder}.items()
            if len(times)
        },
        total_s=_median(totals),
        path_s=NAN,
        bound_s=NAN,
        told=ToldTime(
            answers=len(searched),
            together_s=_median(together),
            service_s=_median(service),
            share=_median(together / service),
            remainder_s=_median(remainder),
            cached=_cached(hits, by_stage(spans, arm, "duration_s", hits.index)),
        ),
    )


def _cached(hits: pd.DataFrame, durations: Durations) -> CachedTime | None:
    if hits.empty:
        return None
    totals = hits["service_time_s"].to_numpy()
    cache = durations.get(CACHE, np.zeros(len(hits)))
    return CachedTime(
        answers=len(hits),
        total_s=_median(totals),
        cache_s=_median(cache),
        remainder_s=_median(_remainder(totals, cache, np.full(len(hits), NAN))),
    )


def _together(durations: Durations, n: int) -> Floats:
    """The sum of an answer's stages; more than they took where they overlap."""
    counted = [times for name, times in durations.items() if name != POOL]
    return np.sum(counted, axis=0) if counted else np.zeros(n)


def _remainder(totals: Floats, together: Floats, service: Floats) -> Floats:
    """What stages do not explain, at least: they explain no more than the service took in all."""
    return np.maximum(totals - np.fmin(together, service), 0.0)


def _median(times: Floats) -> float:
    known = times[np.isfinite(times)]
    return float(np.median(known)) if len(known) else NAN
