"""The systems that predictions are proved on: conditions, each with schedules against sequential.

The list is fixed, and so are the twelve that are drawn of it, before any is measured. What has been
measured once is never drawn again: neither the first twelve nor those that the error was learnt on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np

from hhperf.experiment.latency_profiles import LatencyProfile, load_profile

DRAWN = 12
FIRST_SEED, SEED = 20_261_127, 20_261_128

SCHEDULES = ("parallel", "eager", "vector < specialty; text < specialty", "text < embedding")


@dataclass(frozen=True)
class Setting:
    """Under what a schedule is measured against sequential.

    Attributes:
        name: in a word or two.
        base: the shipped run that it is predicted from.
        profile: of both arms.
        scaled: delays of some stages by a factor, injected on top of the profile.
        rerank: whether results are reranked.
        warm: whether lookups are known.
        pool_max: connections of each arm.
        rate_hz: the load; 0 for pairs, one at a time.
    """

    name: str
    base: str = "claim/plan"
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


SETTINGS = (
    Setting("plan"),
    Setting("reranked", rerank=True),
    Setting("warm", warm=True),
    Setting("warm-reranked", warm=True, rerank=True),
    Setting("cloud", base="claim/cloud", profile="cloud"),
    Setting("cloud-reranked", base="claim/cloud", profile="cloud", rerank=True),
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

SYSTEMS: tuple[tuple[Setting, str], ...] = tuple(product(SETTINGS, SCHEDULES))
"""Seventy-six."""


def drawn() -> tuple[int, ...]:
    """The places of the systems that predictions are proved on, in ascending order."""
    measured = {*first_drawn(), *learned_from()}
    return _draw(SEED, [each for each in range(len(SYSTEMS)) if each not in measured], DRAWN)


def first_drawn() -> tuple[int, ...]:
    """Those of the first list."""
    return _draw(FIRST_SEED, range(len(SYSTEMS)), DRAWN)


def learned_from() -> tuple[int, ...]:
    """The places of others, on which the model's own error is worked out beforehand."""
    others = [place for place in range(len(SYSTEMS)) if place not in first_drawn()]
    unloaded = [place for place in others if not SYSTEMS[place][0].rate_hz]
    return _draw(FIRST_SEED + 1, unloaded, DRAWN)


def _draw(seed: int, places: Sequence[int], number: int) -> tuple[int, ...]:
    chosen = np.random.default_rng(seed).choice(places, number, replace=False)
    return tuple(sorted(map(int, chosen)))
