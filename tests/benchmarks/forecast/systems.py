"""The systems that predictions are proved on: conditions, each with schedules against sequential.

The list is fixed, and so are the twelve that are drawn of it, before any is measured.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product

import numpy as np

from hhperf.experiment.latency_profiles import LatencyProfile, load_profile

DRAWN = 12
SEED = 20_261_127

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
    """The places of the systems that are measured, in ascending order."""
    chosen = np.random.default_rng(SEED).choice(len(SYSTEMS), DRAWN, replace=False)
    return tuple(sorted(map(int, chosen)))
