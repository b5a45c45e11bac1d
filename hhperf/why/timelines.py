"""One request's stages under each arm, on one time axis."""

from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from hhperf.errors import RunError
from hhperf.runs.observation import Arm, Outcome
from hhperf.runs.run import Run

SHOWN = (Arm.CONTROL, Arm.TREATMENT)


@dataclass(frozen=True, slots=True)
class Bar:
    """One stage of one request, in seconds.

    Attributes:
        stage: the stage's name.
        start_s: since the request's start.
        duration_s: how long it took.
        modelled_s: the delay drawn for it, which it lasts at least; 0 where it is only measured.
    """

    stage: str
    start_s: float
    duration_s: float
    modelled_s: float


@dataclass(frozen=True, slots=True)
class ArmTimeline:
    """A request under one arm.

    Attributes:
        arm: the side of the comparison.
        schedule: what served it.
        total_s: the whole request, in seconds.
        outcome: what came of it.
        bars: its stages, in the order they began; empty where the target tells of none.
    """

    arm: Arm
    schedule: str
    total_s: float
    outcome: Outcome
    bars: tuple[Bar, ...]

    @property
    def stages(self) -> tuple[str, ...]:
        """The names of its stages, each once, in the order they began."""
        return tuple(dict.fromkeys(bar.stage for bar in self.bars))


@dataclass(frozen=True, slots=True)
class Timeline:
    """One request under each arm, the control first.

    Attributes:
        pair: the pair's number in the run.
        request_id: its id in the query log.
        arms: the control and the treatment, as far as they were sent.
    """

    pair: int
    request_id: str
    arms: tuple[ArmTimeline, ...]


def timeline_of(run: Run, pair: int) -> Timeline:
    """A pair's request, stage by stage, under control and treatment.

    Raises:
        RunError: the run has no such pair, or its files cannot be read.
    """
    rows = run.frame(pair)
    if rows.empty:
        raise RunError(f"{run.path}: has no pair {pair}; median_pair(run) gives a typical one")
    own = run.spans(pair)
    arms = map(partial(_arm_timeline, rows, own), SHOWN)
    return Timeline(
        pair=pair,
        request_id=str(rows["request_id"].iloc[0]),
        arms=tuple(each for each in arms if each is not None),
    )


def median_pair(run: Run) -> int:
    """A typical pair: the one whose service times come nearest to the medians of both arms.

    Near is the larger of the two arms' distances, as ratios; of equal ones the first pair counts.

    Raises:
        RunError: the run has no pair to compare, or in none did both arms answer.
    """
    pairs = run.pairs()
    times = np.stack([pairs.control, pairs.treatment])
    answered = np.isfinite(times).all(axis=0)
    if not answered.any():
        raise RunError(f"{run.path}: has no pair that both arms answered")
    logs = np.log(times[:, answered])
    distance = np.abs(logs - np.median(logs, axis=1, keepdims=True)).max(axis=0)
    return int(pairs.pair[answered][distance.argmin()])


def _arm_timeline(rows: pd.DataFrame, spans: pd.DataFrame, arm: Arm) -> ArmTimeline | None:
    own = rows[rows["arm"].astype(str) == arm.value]
    if own.empty:
        return None
    mine = spans[spans["arm"].astype(str) == arm.value].sort_values("start_s", kind="stable")
    request = own.iloc[0]
    columns = ("stage", "start_s", "duration_s", "modelled_s")
    return ArmTimeline(
        arm=arm,
        schedule=str(request["arm_schedule"]),
        total_s=float(request["service_time_s"]),
        outcome=Outcome(request["outcome"]),
        bars=tuple(
            Bar(str(stage), float(start), float(duration), float(modelled))
            for stage, start, duration, modelled in mine[list(columns)].itertuples(index=False)
        ),
    )
