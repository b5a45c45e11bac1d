"""Systems that predictions are held against: conditions, each with schedules against sequential."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np

from hhperf.errors import ForecastError
from hhperf.experiment.latency_profiles import LatencyProfile, load_profile
from hhperf.shown import counted

CONTROL = "sequential"
SCHEDULES = ("parallel", "eager", "vector < specialty; text < specialty", "text < embedding")


@dataclass(frozen=True)
class Setting:
    """Under what a schedule is measured against sequential.

    Attributes:
        name: in a word or two.
        profile: of both arms.
        scaled: delays of some stages by a factor, injected on top of the profile.
        rerank: whether results are reranked.
        warm: whether lookups are known.
        pool_max: connections of each arm.
        rate_hz: the load; 0 for pairs, one at a time.
    """

    name: str
    profile: str = "plan"
    scaled: Mapping[str, float] = field(default_factory=dict)
    rerank: bool = False
    warm: bool = False
    pool_max: int = 20
    rate_hz: float = 0.0

    @property
    def kind(self) -> str:
        """What a prediction errs by most under it, as `hhperf.forecast.model_error` names it."""
        if self.rate_hz:
            return "load"
        if self.pool_max < 20:
            return "pool_max"
        return "stages" if self.scaled or self.warm or self.rerank else "schedule"

    def latency_profile(self) -> LatencyProfile:
        """The profile with its delays as injected."""
        profile = load_profile(self.profile)
        stages = dict(profile.stages)
        for stage, factor in self.scaled.items():
            median_ms = stages[stage].median_ms * factor  # type: ignore[attr-defined]
            stages[stage] = stages[stage].model_copy(update={"median_ms": median_ms})
        return LatencyProfile(f"{profile.name}-{self.name}", profile.about, stages)


@dataclass(frozen=True)
class ChangedSystem:
    """A schedule under a setting; its name is one of a kind."""

    setting: Setting
    schedule: str

    @property
    def name(self) -> str:
        """What is changed, in words."""
        return f"{self.setting.name}: {self.schedule}"


SETTINGS = (
    Setting("plan"),
    Setting("reranked", rerank=True),
    Setting("warm", warm=True),
    Setting("warm-reranked", warm=True, rerank=True),
    Setting("cloud", profile="cloud"),
    Setting("cloud-reranked", profile="cloud", rerank=True),
    Setting("embedding-halved", scaled={"embedding": 0.5}),
    Setting("embedding-doubled", scaled={"embedding": 2.0}),
    Setting("specialty-fourfold", scaled={"specialty": 4.0}),
    Setting("vector-halved", scaled={"vector": 0.5}),
    Setting("text-longer", scaled={"text": 1.5}),
    Setting("two-connections", pool_max=2),
    Setting("one-connection", pool_max=1),
    Setting("light", rate_hz=4.0),
    Setting("few-8", pool_max=4, rate_hz=8.0),
    Setting("few-12", pool_max=4, rate_hz=12.0),
    Setting("few-16", pool_max=4, rate_hz=16.0),
    Setting("six-12-warm", pool_max=6, rate_hz=12.0, warm=True),
    Setting("eight-16", pool_max=8, rate_hz=16.0),
)

SYSTEMS = tuple(ChangedSystem(*each) for each in product(SETTINGS, SCHEDULES))
"""Seventy-six."""


def drawn(seed: int, number: int, but: Iterable[int] = ()) -> tuple[int, ...]:
    """The places of so many systems in `SYSTEMS`, ascending.

    Args:
        seed: of the draw.
        number: how many.
        but: places that are not drawn.

    Raises:
        ForecastError: there are not so many.
    """
    gone = set(but)
    places: Sequence[int] = [each for each in range(len(SYSTEMS)) if each not in gone]
    if not 1 <= number <= len(places):
        said = counted(len(places), "changed system")
        raise ForecastError(f"{number:,} systems: there are {said}: take 1 to {len(places)}")
    chosen = np.random.default_rng(seed).choice(places, number, replace=False)
    return tuple(sorted(map(int, chosen)))
