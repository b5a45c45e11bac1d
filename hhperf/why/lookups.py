"""What became of an arm's lookups: hits, misses, equal ones at the same time, renewals.

All is told from what was recorded of each request: when its lookup began and ended, whether the
cache had it, who asked and by which text.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import pandas as pd

from hhperf.errors import RunError
from hhperf.runs.observation import Arm
from hhperf.runs.run import Run
from hhperf.search.arm_names import UNCOALESCED

LAYERS = ("embedding", "specialty")
"""The lookups that are coalesced."""

WINDOWS = 4


class Lookup(NamedTuple):
    """One lookup; times in seconds since the start of the run.

    Attributes:
        key: equal for what the cache and the coalescer take for the same.
        start_s: when it began.
        end_s: when it ended.
        hit: whether the cache had it.
    """

    key: str
    start_s: float
    end_s: float
    hit: bool


@dataclass(frozen=True, slots=True)
class LookupCounts:
    """What became of lookups.

    Attributes:
        asked: how many there were.
        hits: how many the cache had.
        equal: misses that began while an equal one was under way: those coalescing suppresses.
        renewed: misses, but for those, of what had been looked up before: its time to live was
            over.
        largest: the most equal ones at the same time, the first among them: a stampede, if many.
        hit_ratios: over the lookups in order of time, cut in `WINDOWS` parts.
    """

    asked: int
    hits: int
    equal: int
    renewed: int
    largest: int
    hit_ratios: tuple[float, ...]

    @property
    def misses(self) -> int:
        """How many the cache did not have."""
        return self.asked - self.hits

    def fetches(self, *, coalescing: bool) -> int:
        """How often the service or the database was asked."""
        return self.misses - self.equal if coalescing else self.misses


@dataclass(frozen=True, slots=True)
class ArmLookups:
    """One arm's lookups in one layer.

    Attributes:
        arm: which.
        name: what served it.
        layer: `embedding` or `specialty`.
        coalescing: whether equal ones that are under way are shared.
        found: what became of them.
        events: the lookups themselves, in order of time.
    """

    arm: Arm
    name: str
    layer: str
    coalescing: bool
    found: LookupCounts
    events: tuple[Lookup, ...]


def lookups_of(run: Run) -> tuple[ArmLookups, ...]:
    """Each arm's lookups, by layer; of this kit's arms.

    Args:
        run: in pairs or under load.

    Raises:
        RunError: no request tells of its lookups.
    """
    frame = run.frame().set_index(["pair", "arm"])
    spans = run.spans().set_index(["pair", "arm"])
    found = []
    for arm, name in run.metadata.design.arms.items():
        for layer in LAYERS:
            events = tuple(sorted(_events(frame, spans, arm, layer), key=lambda each: each.start_s))
            if events:
                coalescing = UNCOALESCED not in name
                found.append(ArmLookups(arm, name, layer, coalescing, counted(events), events))
    if not found:
        raise RunError(f"{run.path}: tells nothing of lookups (embedding, specialty)")
    return tuple(found)


def counted(events: Sequence[Lookup]) -> LookupCounts:
    """What became of lookups, in order of time."""
    under_way: dict[str, tuple[float, int]] = {}
    equal = renewed = largest = 0
    for each in events:
        if each.hit:
            continue
        until_s, members = under_way.get(each.key, (-1.0, 0))
        if each.start_s < until_s:
            equal, members = equal + 1, members + 1
            until_s = max(until_s, each.end_s)
        else:
            renewed += each.key in under_way
            until_s, members = each.end_s, 1
        under_way[each.key] = (until_s, members)
        largest = max(largest, members)
    hits = sum(each.hit for each in events)
    return LookupCounts(len(events), hits, equal, renewed, largest, _over_time(events))


def _over_time(events: Sequence[Lookup]) -> tuple[float, ...]:
    n, parts = len(events), min(WINDOWS, len(events))
    edges = [round(n * number / parts) for number in range(parts + 1)]
    return tuple(
        sum(each.hit for each in events[low:high]) / (high - low) for low, high in pairwise(edges)
    )


def _events(frame: pd.DataFrame, spans: pd.DataFrame, arm: Arm, layer: str) -> Iterator[Lookup]:
    asked = frame[f"cache_{layer}"].dropna()
    asked = asked[asked.index.get_level_values("arm").astype(str) == arm.value]
    mine = spans[spans["stage"].astype(str) == layer]
    mine = mine[~mine.index.duplicated()]
    known = asked.index.intersection(mine.index)
    rows = frame.loc[known]
    starts = rows["start_ns"] / 1e9 + mine.loc[known, "start_s"]
    ends = starts + mine.loc[known, "duration_s"]
    keys = rows["tenant"].astype(str) + ":" + rows["text_key"].astype(str)
    for key, start_s, end_s, hit in zip(keys, starts, ends, asked.loc[known], strict=True):
        yield Lookup(key, float(start_s), float(end_s), bool(hit))
