"""Where a run's time goes: stage by stage, and what no schedule could have saved."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hhperf.runs.observation import Arm, Outcome
from hhperf.runs.run import Run
from hhperf.search.arms import ALONE, ARMS
from hhperf.search.order import Waits
from hhperf.shown import Displayed, milliseconds
from hhperf.why.critical_path import critical_path

CACHE = "cache"
STAGES = (CACHE, "embedding", "specialty", "vector", "text", "statement", "fusion", "hydration",
          "ranking", "rerank")  # fmt: skip
COMPARED = (Arm.CONTROL, Arm.TREATMENT)

Durations = Mapping[str, NDArray[np.float64]]
"""Each stage's time by request, shape (n,); absent for a stage that never ran."""


@dataclass(frozen=True, slots=True)
class StageTime:
    """One stage's own time under one arm, in seconds.

    Attributes:
        median_s: over all requests of the arm.
        p95_s: the 95th percentile.
        is_modelled: whether its least time was drawn from a latency profile.
        is_alone: whether no schedule overlaps it with another stage.
    """

    median_s: float
    p95_s: float
    is_modelled: bool
    is_alone: bool


@dataclass(frozen=True, slots=True)
class ArmTime:
    """An arm's total against what its own stages explain; medians in seconds.

    Attributes:
        schedule: what served the arm.
        stages: each stage that ran, in order.
        total_s: of the whole request.
        path_s: the critical path of the arm's schedule over its own stage durations.
        bound_s: the critical path over the stages' inputs alone: no schedule of stages that last
            this long is shorter.
    """

    schedule: str
    stages: Mapping[str, StageTime]
    total_s: float
    path_s: float
    bound_s: float

    @property
    def alone_s(self) -> float:
        """What the stages that nothing can overlap take: the sum of their medians."""
        return sum(stage.median_s for stage in self.stages.values() if stage.is_alone)


@dataclass(frozen=True, slots=True)
class Expectation:
    """The saving at the median that the modelled delays alone would give, and the one measured.

    Attributes:
        budget: with every modelled stage at its own median.
        drawn: with the delays as drawn for each request, nothing else taking time.
        measured: as measured.
    """

    budget: float
    drawn: float
    measured: float


@dataclass(frozen=True, slots=True)
class Breakdown(Displayed):
    """Where the time of a run goes; `expectation` is None where nothing is modelled."""

    control: ArmTime
    treatment: ArmTime
    expectation: Expectation | None

    def __repr__(self) -> str:
        arms = (
            f"{arm.schedule} {milliseconds(arm.total_s)} ms"
            for arm in (self.control, self.treatment)
        )
        return f"Breakdown({', '.join(arms)} in the median)"


def break_down(run: Run) -> Breakdown:
    """Take a run's spans apart; requests without an answer are left out.

    Args:
        run: of this kit's own arms.

    Raises:
        RunError: the run's files cannot be read.
        KeyError: an arm was served by none of this kit's schedules.
    """
    spans, totals = run.spans(), _totals(run)
    durations = {arm: _by_stage(spans, arm, "duration_s", totals[arm].index) for arm in COMPARED}
    modelled = {arm: _by_stage(spans, arm, "modelled_s", totals[arm].index) for arm in COMPARED}
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
    order = ARMS[schedule]
    return ArmTime(
        schedule=schedule,
        stages={
            stage: StageTime(
                median_s=float(np.median(durations[stage])),
                p95_s=float(np.quantile(durations[stage], 0.95)),
                is_modelled=bool(modelled[stage].any()),
                is_alone=stage in ALONE,
            )
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
    if profile is None or not profile.modelled:
        return None
    waits = {arm: ARMS[arms[arm].schedule].waits for arm in COMPARED}
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


def _by_stage(spans: pd.DataFrame, arm: Arm, column: str, pairs: pd.Index) -> Durations:
    own = spans[spans["arm"].astype(str) == arm.value]
    wide = own.pivot_table(index="pair", columns="stage", values=column, aggfunc="sum")
    wide = wide.reindex(pairs).fillna(0.0)
    return {str(stage): wide[stage].to_numpy() for stage in wide.columns}
