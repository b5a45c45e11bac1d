"""What caching and coalescing do to lookups, predicted from when they come and what they ask."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hhperf.errors import ForecastError
from hhperf.why.lookups import ArmLookups, Lookup, LookupCounts, counted

JITTER = 0.2
"""By which share a time to live is drawn shorter or longer, as production does."""

ASKED_S = 1e-3
"""What a hit takes where none was seen."""


@dataclass(frozen=True, slots=True)
class Caching:
    """A cache before lookups.

    Attributes:
        ttl_s: how long an answer is kept, in seconds; 0 for no cache.
        jitter: the share by which that is drawn shorter or longer.
        coalescing: whether equal lookups that are under way are shared.
    """

    ttl_s: float
    jitter: float = JITTER
    coalescing: bool = True

    def __post_init__(self) -> None:
        if not (0 <= self.ttl_s < np.inf and 0 <= self.jitter < 1):
            raise ForecastError(
                f"ttl_s = {self.ttl_s:g}, jitter = {self.jitter:g}: seconds from 0, and a share"
                " below 1"
            )


def predict_lookups(seen: ArmLookups, cache: Caching, *, seed: int = 0) -> LookupCounts:
    """What would become of an arm's lookups, from their times and keys alone.

    What the cache answered then is not looked at: a lookup is a hit when an equal one was stored
    less than its time to live ago. A miss takes what misses took in the median, one that joins
    another what is left of that. What warming up left in the cache is not known here, so a run
    that was warmed up has some hits more.

    Args:
        seen: an arm's lookups as recorded.
        cache: what is before them.
        seed: of the times to live.
    """
    missed = [each.end_s - each.start_s for each in seen.events if not each.hit]
    hit = [each.end_s - each.start_s for each in seen.events if each.hit]
    fetch_s = statistics.median(missed) if missed else 0.0
    ask_s = statistics.median(hit) if hit else min(ASKED_S, fetch_s)
    return counted(_answered(seen.events, cache, fetch_s, ask_s, np.random.default_rng(seed)))


def _answered(
    events: Sequence[Lookup],
    cache: Caching,
    fetch_s: float,
    ask_s: float,
    rng: np.random.Generator,
) -> list[Lookup]:
    """Each lookup as it would go, in order of time."""
    kept: dict[str, list[tuple[float, float]]] = {}
    ends: dict[str, float] = {}
    found = []
    for each in events:
        now = each.start_s
        if any(since <= now < until for since, until in kept.get(each.key, ())):
            found.append(each._replace(hit=True, end_s=now + ask_s))
            continue
        end = ends.get(each.key, -1.0)
        if not (cache.coalescing and now < end):
            end = now + fetch_s
            ends[each.key] = max(end, ends.get(each.key, -1.0))
            lasts = cache.ttl_s * rng.uniform(1 - cache.jitter, 1 + cache.jitter)
            stored = [one for one in kept.get(each.key, []) if one[1] > now]
            kept[each.key] = [*stored, (end, end + lasts)]
        found.append(each._replace(hit=False, end_s=end))
    return found
