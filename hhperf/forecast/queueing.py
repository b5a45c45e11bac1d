"""Requests that queue for a pool of connections: a discrete-event simulation, event by event.

Only two things make one request wait for another: a connection, and a lookup that somebody has
under way already. All between is reckoned beforehand for all requests at once (max-plus over the
schedule), so that an event is one asking for a connection, and a request has no more than four.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush, heapreplace

import numpy as np

from hhperf.forecast.taken_apart import Floats, Integers, Requests, lasting
from hhperf.search.schedule import in_running_order

BEGIN = ""
"""The source of what waits for nothing but the request itself."""

SHARED = ("embedding", "specialty")
"""Lookups that requests for an equal text share, where they are coalesced."""

Offsets = Mapping[str, Floats]
"""By source (a stage, or the beginning): how long after its end at the earliest; shape (n,).

`NEVER` where a request does not wait for that source.
"""

NEVER = float("-inf")

Connections = int | Mapping[str, int]  # of the one pool, or of each by name


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """What a request does between its events; arrays have shape (n,), seconds.

    Attributes:
        events: the stages that wait for a connection or share what they look up; a request that
            waits for no source of one is without it.
        asks: of each event, when it comes after each source's end.
        lasts: how long each event takes once it has what it waited for.
        pooled: for how long of that it holds a connection; 0 for one that needs none.
        answers: when the answer comes after each source's end.
        pool_of: by event the pool that its connection is of, where there are several.
    """

    events: tuple[str, ...]
    asks: Mapping[str, Offsets]
    lasts: Mapping[str, Floats]
    pooled: Mapping[str, Floats]
    answers: Offsets
    pool_of: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, requests: Requests, *, coalesced: bool = False) -> "Network":
        """Reckon what lies between events; a connection is asked for where the parts say."""
        asks: dict[str, Offsets] = {}
        lasts: dict[str, Floats] = {}
        pooled: dict[str, Floats] = {}
        ended: dict[str, Offsets] = {}
        waits = requests.schedule.waits
        for stage in in_running_order(waits):
            ready = _joined([ended[each] for each in waits[stage]]) or {BEGIN: requests.head}
            part = requests.parts.get(stage)
            if part is None:
                ended[stage] = ready
                continue
            shared = coalesced and stage in SHARED
            if not (part.held > 0).any() and not shared:
                ended[stage] = _later(ready, lasting(part))
                continue
            asks[stage] = _later(ready, part.lead if shared else part.lead + part.before)
            lasts[stage] = part.own if shared else part.held
            pooled[stage] = part.held
            ended[stage] = {stage: np.zeros(len(requests))}
        answers = _later(_joined(list(ended.values())), requests.tail)
        return cls(tuple(asks), asks, lasts, pooled, answers)

    @property
    def size(self) -> int:
        """How many requests there are."""
        return len(next(iter(self.answers.values())))

    def of_requests(self, requests: Integers) -> "Network":
        """Of some requests, as often as they are named."""
        return Network(
            self.events,
            {stage: _taken(offsets, requests) for stage, offsets in self.asks.items()},
            _taken(self.lasts, requests),
            _taken(self.pooled, requests),
            _taken(self.answers, requests),
            self.pool_of,
        )

    def pools(self, pool: Connections) -> list[tuple[int, list[str]]]:
        """Of each pool how many connections it has, and the events that take one of them."""
        if isinstance(pool, int):
            return [(pool, list(self.events))]
        return [
            (size, [each for each in self.events if self.pool_of[each] == name])
            for name, size in pool.items()
        ]


def simulate(
    network: Network, arrivals: Floats, pool: Connections, texts: Integers | None = None
) -> Floats:
    """When each request is answered, first come first served at the pool; seconds, shape (n,).

    Args:
        network: of the requests, in the order of arrival.
        arrivals: when each comes, ascending, shape (n,).
        pool: connections; by pool where the network's events have several.
        texts: numbers, equal for requests that share lookups under way; None for none.
    """
    if texts is None:
        free = _ends_without_waiting(network, arrivals)
        if all(_most_at_once(network, free, at) <= size for size, at in network.pools(pool)):
            return _answered(network, arrivals, free)
    found = _ends_in_turn(network, arrivals, pool, texts)
    return _answered(network, arrivals, found)


def _taken(arrays: Mapping[str, Floats], requests: Integers) -> dict[str, Floats]:
    return {name: each[requests] for name, each in arrays.items()}


def _joined(each: Sequence[Offsets]) -> dict[str, Floats]:
    found: dict[str, Floats] = {}
    for offsets in each:
        for source, offset in offsets.items():
            known = found.get(source)
            found[source] = offset if known is None else np.maximum(known, offset)
    return found


def _later(offsets: Offsets, by: Floats) -> dict[str, Floats]:
    return {source: offset + by for source, offset in offsets.items()}


def _after(offsets: Offsets, arrivals: Floats, ends: Mapping[str, Floats]) -> Floats:
    times = [
        (arrivals if source == BEGIN else ends[source]) + offset
        for source, offset in offsets.items()
    ]
    latest: Floats = np.maximum.reduce(times)
    return latest


def _answered(network: Network, arrivals: Floats, ends: Mapping[str, Floats]) -> Floats:
    return _after(network.answers, arrivals, ends)


def _ends_without_waiting(network: Network, arrivals: Floats) -> dict[str, Floats]:
    ends: dict[str, Floats] = {}
    for stage in network.events:
        ends[stage] = _after(network.asks[stage], arrivals, ends) + network.lasts[stage]
    return ends


def _most_at_once(network: Network, ends: Mapping[str, Floats], events: Sequence[str]) -> int:
    """The most connections held at once by some events when nobody waits for one."""
    if not events:
        return 0
    pooled = [network.pooled[stage] for stage in events]
    stops = [ends[stage][each > 0] for stage, each in zip(events, pooled, strict=True)]
    held = [each[each > 0] for each in pooled]
    stop, start = np.concatenate(stops), np.concatenate(stops) - np.concatenate(held)
    order = np.argsort(np.concatenate([stop, start]), kind="stable")  # ends before beginnings
    steps = np.where(order < len(stop), -1, 1)
    return int(np.cumsum(steps).max(initial=0))


@dataclass(slots=True)
class _Askings:
    """Every event of every request in flat lists: stage k of request i stands at k * n + i.

    Attributes:
        n: requests.
        ready: when it asks, as far as is known.
        missing: how many events it still waits for.
        lasts: how long it takes, once it has what it waited for.
        held: for how long of that it holds a connection.
        followers: by stage, where those begin that wait for it, and how long after it they ask.
    """

    n: int
    ready: list[float]
    missing: list[int]
    lasts: list[float]
    held: list[float]
    followers: list[list[tuple[int, list[float]]]]

    @classmethod
    def of(cls, network: Network, arrivals: Floats) -> "_Askings":
        n, asks = len(arrivals), network.asks
        first = {stage: number * n for number, stage in enumerate(network.events)}
        known = [arrivals + asks[each].get(BEGIN, NEVER) for each in network.events]
        return cls(
            n=n,
            ready=_flat(known),
            missing=[count for each in network.events for count in _awaited(asks[each], n)],
            lasts=_flat([network.lasts[each] for each in network.events]),
            held=_flat([network.pooled[each] for each in network.events]),
            followers=[
                [
                    (first[later], offsets[stage].tolist())
                    for later, offsets in asks.items()
                    if stage in offsets
                ]
                for stage in network.events
            ],
        )


def _ends_in_turn(
    network: Network, arrivals: Floats, pool: Connections, texts: Integers | None
) -> dict[str, Floats]:
    """Event by event: one heap of askings to come, one of when each connection is free.

    A prediction under load spends most of its time here: hence comparisons in place of `max`.
    """
    todo = _Askings.of(network, arrivals)
    n, ready, missing, lasts, held = todo.n, todo.ready, todo.missing, todo.lasts, todo.held
    under_way, is_shared = _UnderWay(network, texts), texts is not None
    first = [at for at in range(len(ready)) if not missing[at] and ready[at] > NEVER]
    first.sort(key=ready.__getitem__)
    first.reverse()  # of askings at one moment that of the earlier request is taken first
    heap: list[tuple[float, int]] = []
    free_at: dict[str, list[float]] = {}
    for size, members in network.pools(pool):
        free_at |= dict.fromkeys(members, [0.0] * size)  # one list for all events of a pool
    free_of = [free_at[each] for each in network.events]
    ends = [NEVER] * len(ready)
    while first or heap:
        if heap and (not first or heap[0][0] < ready[first[-1]]):
            now, at = heappop(heap)
        else:
            at = first.pop()
            now = ready[at]
        stage, request = divmod(at, n)
        end = under_way.until(stage, request, now) if is_shared else 0.0
        if not end:
            end = now + lasts[at]
            if holds := held[at]:
                free = free_of[stage]
                freed = free[0] + holds
                end = freed if freed > end else end
                heapreplace(free, end)
            if is_shared:
                under_way.note(stage, request, end)
        ends[at] = end
        for base, offsets in todo.followers[stage]:
            later = base + request
            known, asked = ready[later], end + offsets[request]
            if asked == NEVER:
                continue
            asked = known if known > asked else asked
            missing[later] -= 1
            if missing[later]:
                ready[later] = asked
            else:
                heappush(heap, (asked, later))
    return {
        stage: np.array(ends[number * n : (number + 1) * n])
        for number, stage in enumerate(network.events)
    }


class _UnderWay:
    """Lookups under way, by stage and text."""

    def __init__(self, network: Network, texts: Integers | None) -> None:
        self._texts = [] if texts is None else texts.tolist()
        self._is_shared = [stage in SHARED for stage in network.events]
        self._until: dict[tuple[int, int], float] = {}

    def until(self, stage: int, request: int, now: float) -> float:
        """When one for an equal text ends that is under way; 0 for none."""
        if not self._is_shared[stage]:
            return 0.0
        until = self._until.get((stage, self._texts[request]), 0.0)
        return until if until > now else 0.0

    def note(self, stage: int, request: int, end: float) -> None:
        """One has begun that ends then."""
        if self._is_shared[stage]:
            self._until[stage, self._texts[request]] = end


def _awaited(offsets: Offsets, n: int) -> list[int]:
    """How many events each request's event waits for."""
    waits = [np.isfinite(each) for source, each in offsets.items() if source != BEGIN]
    return [int(each) for each in np.sum(waits, axis=0)] if waits else [0] * n


def _flat(arrays: Sequence[Floats]) -> list[float]:
    flat: list[float] = np.concatenate(arrays).tolist() if arrays else []
    return flat
