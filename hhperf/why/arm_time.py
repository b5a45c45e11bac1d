"""Where the time of a run goes, as it is shown: arms, their stages, what is in none of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hhperf.runs.observation import Arm
from hhperf.search.arms import ALONE
from hhperf.shown import Displayed, milliseconds

CACHE = "cache"
STAGES = (CACHE, "embedding", "specialty", "vector", "text", "statement", "retrieval", "fusion",
          "hydration", "ranking", "rerank")  # fmt: skip
"""As a search goes through them."""

REMAINDER = "remainder"
"""What is in no stage: in the service beside its stages, and on the way there and back."""

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

    @classmethod
    def of(cls, name: str, times: NDArray[np.float64], *, is_modelled: bool) -> "StageTime":
        """Of a stage's times by request, in seconds."""
        return cls(
            median_s=float(np.median(times)),
            p95_s=float(np.quantile(times, 0.95)),
            is_modelled=is_modelled,
            is_alone=name in ALONE,
        )


@dataclass(frozen=True, slots=True)
class CachedTime:
    """Answers from a service's result cache: one stage, and the rest; medians in seconds.

    Attributes:
        answers: how many there were.
        total_s: of the whole request.
        cache_s: of the cache.
        remainder_s: of what is in no stage.
    """

    answers: int
    total_s: float
    cache_s: float
    remainder_s: float


@dataclass(frozen=True, slots=True)
class ToldTime:
    """What a service tells of its searches; medians in seconds over answers it searched for.

    Attributes:
        answers: how many were searched for.
        together_s: of the sum of the stages.
        service_s: of what the service says it took in all; NaN where it does not say.
        share: of what the stages together are of that; above 1 where they overlap.
        remainder_s: of what is in no stage: in the service, and on the way there and back.
        cached: answers from its result cache, which are in none of the figures above.
    """

    answers: int
    together_s: float
    service_s: float
    share: float
    remainder_s: float
    cached: CachedTime | None


@dataclass(frozen=True, slots=True)
class ArmTime:
    """An arm's total against what its own stages explain; medians in seconds.

    Attributes:
        schedule: what served the arm.
        stages: each stage that ran, in order; of a service with the remainder.
        total_s: of the whole request.
        path_s: the critical path of the arm's schedule over its own stage durations; NaN where the
            schedule is not known.
        bound_s: the critical path over the stages' inputs alone: no schedule of stages that last
            this long is shorter; NaN where the stages are not known.
        told: of a service: what it tells of itself; None for this kit's own arms.
    """

    schedule: str
    stages: Mapping[str, StageTime]
    total_s: float
    path_s: float
    bound_s: float
    told: ToldTime | None = None

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
    """Where the time of a run goes.

    Attributes:
        control: the control's time.
        treatment: the treatment's.
        expectation: None where nothing is modelled.
        warnings: where what services tell of themselves does not add up.

    Example:
        >>> run = hhperf.load_run(hhperf.data_dir() / "runs" / "claim" / "plan")
        >>> hhperf.break_down(run).treatment.schedule
        'parallel'
    """

    control: ArmTime
    treatment: ArmTime
    expectation: Expectation | None
    warnings: tuple[str, ...] = ()

    @property
    def stages(self) -> list[str]:
        """The stages of either arm, in the order in which they are shown."""
        return in_order({**self.control.stages, **self.treatment.stages})

    def __repr__(self) -> str:
        arms = (
            f"{arm.schedule} {milliseconds(arm.total_s)} ms"
            for arm in (self.control, self.treatment)
        )
        return f"Breakdown({', '.join(arms)} in the median)"


def in_order(stages: Iterable[str]) -> list[str]:
    """Known stages first, as a search goes through them, then others; what is in none last."""
    rank = {name: place for place, name in enumerate(STAGES)}
    return sorted(stages, key=lambda name: (name == REMAINDER, rank.get(name, len(rank))))


def by_stage(spans: pd.DataFrame, arm: Arm, column: str, pairs: pd.Index) -> Durations:
    """A column of an arm's spans as an array for each stage, in the order of the pairs."""
    own = spans[spans["arm"].astype(str) == arm.value]
    wide = own.pivot_table(index="pair", columns="stage", values=column, aggfunc="sum")
    wide = wide.reindex(pairs).fillna(0.0)
    return {str(stage): wide[stage].to_numpy() for stage in wide.columns}
