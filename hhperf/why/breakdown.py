"""Where a run's time goes: stage by stage, and what no schedule could have saved."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hhperf.errors import RunError
from hhperf.runs.observation import Arm, Outcome
from hhperf.runs.run import Run
from hhperf.search.arm_names import MODELLED
from hhperf.search.order import Waits
from hhperf.search.schedule import is_schedule, order_of
from hhperf.why.arm_time import (
    CACHE,
    COMPARED,
    STAGES,
    ArmTime,
    Breakdown,
    Durations,
    Expectation,
    StageTime,
    by_stage,
)
from hhperf.why.critical_path import critical_path
from hhperf.why.told import break_down_told


def break_down(run: Run) -> Breakdown:
    """Take a run's spans apart; requests without an answer are left out.

    Of this kit's own arms every stage and the schedule are known; of live services and other
    people's functions what their answers tell.

    Args:
        run: in pairs or under load.

    Raises:
        RunError: the run's files cannot be read, one arm alone was measured, or no answer tells of
            its stages.
    """
    arms = run.metadata.design.arms
    if not {*COMPARED} <= arms.keys():
        raise RunError(f"{run.path}: one arm alone was measured; there is nothing to compare")
    if not all(is_schedule(arms[arm]) for arm in COMPARED):
        return break_down_told(run)
    return _of_schedules(run)


def _of_schedules(run: Run) -> Breakdown:
    spans, totals = run.spans(), _totals(run)
    durations = {arm: by_stage(spans, arm, "duration_s", totals[arm].index) for arm in COMPARED}
    modelled = {arm: by_stage(spans, arm, "modelled_s", totals[arm].index) for arm in COMPARED}
    names = run.metadata.design.arms
    arms = {
        arm: _arm_time(names[arm], durations[arm], modelled[arm], totals[arm].to_numpy())
        for arm in COMPARED
    }
    return Breakdown(
        control=arms[Arm.CONTROL],
        treatment=arms[Arm.TREATMENT],
        expectation=_expectation(run, modelled, arms),
    )


def path_of(waits: Waits, durations: Durations) -> NDArray[np.float64]:
    """The critical path of a schedule, with the time in which the cache is asked and told."""
    return critical_path(durations, waits) + durations.get(CACHE, 0.0)


def _arm_time(
    schedule: str, durations: Durations, modelled: Durations, totals: NDArray[np.float64]
) -> ArmTime:
    order = order_of(schedule)
    return ArmTime(
        schedule=schedule,
        stages={
            stage: StageTime.of(stage, durations[stage], is_modelled=bool(modelled[stage].any()))
            for stage in STAGES
            if stage in durations
        },
        total_s=float(np.median(totals)),
        path_s=float(np.median(path_of(order.waits, durations))),
        bound_s=float(np.median(path_of(order.inputs, durations))),
    )


def _expectation(
    run: Run, modelled: Mapping[Arm, Durations], arms: Mapping[Arm, ArmTime]
) -> Expectation | None:
    profile = run.metadata.conditions.profile
    is_sped_up = arms[Arm.TREATMENT].schedule.endswith(MODELLED)  # not by the profile's delays
    if profile is None or not profile.modelled or is_sped_up:
        return None
    waits = {arm: order_of(arms[arm].schedule).waits for arm in COMPARED}
    budgets = {
        arm: {
            stage: np.atleast_1d(profile.modelled[stage]["p50_ms"] / 1e3)
            for stage, delays in modelled[arm].items()
            if stage in profile.modelled and delays.any()
        }
        for arm in COMPARED
    }
    return Expectation(
        budget=_saving({arm: path_of(waits[arm], budgets[arm]) for arm in COMPARED}),
        drawn=_saving({arm: path_of(waits[arm], modelled[arm]) for arm in COMPARED}),
        measured=1 - arms[Arm.TREATMENT].total_s / arms[Arm.CONTROL].total_s,
    )


def _saving(times: Mapping[Arm, NDArray[np.float64]]) -> float:
    return float(1 - np.median(times[Arm.TREATMENT]) / np.median(times[Arm.CONTROL]))


def _totals(run: Run) -> dict[Arm, pd.Series]:
    frame = run.frame()
    answered = frame[frame["outcome"].astype(str) == Outcome.OK.value]
    return {
        arm: answered[answered["arm"].astype(str) == arm.value].set_index("pair")["service_time_s"]
        for arm in COMPARED
    }
