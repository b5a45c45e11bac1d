"""How long steps waited for a connection, and how long they then held one.

What a step took under load holds its wait: to let it queue anew, the wait is taken out of it first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heapreplace

import numpy as np

from hhperf.traces.arrivals import NotLoadedError, is_whole
from hhperf.traces.calls import NONE, Bools, Calls, Floats, Ints
from hhperf.traces.declared import base_name
from hhperf.traces.pools import Pool, pool_of_steps
from hhperf.traces.trace_set import TraceSet

WAITS = frozenset({"pool", "pool.acquire", "pg-pool.connect"})
_WAITS_END = "datasource.getconnection"
"""What spans are called that wait for a connection: this kit's, otelpgx's, those of
`@opentelemetry/instrumentation-pg`, and of OpenTelemetry's JDBC for Java, any pool's."""

_NEGLIGIBLE = 0.05
"""The share of a pool in use below which waits within steps are neglected, as what is sampled does
not say them: of one connection, asked for at random, so many would wait."""

BY_SPANS = "spans of waiting tell it"
BY_TURN = "it follows from who asked before whom, first come first served"
TOO_LITTLE = "too little of the pools was in use for any to speak of"
NONE_TAKEN = "no step took a connection"


@dataclass(frozen=True, slots=True, eq=False)
class Holding:
    """What each step of each call has of a pool, without its waits; shape (n, m), seconds.

    Attributes:
        pool: the place of its pool, -1 where it takes no connection.
        took: how long it takes when it waits for none.
        held: for how long of that, at its end, it holds a connection.
        waited: for how long it waited as it was recorded.
        told: how that is known, in words.
    """

    pool: Ints
    took: Floats
    held: Floats
    waited: Floats
    told: str


def holding_of(
    traces: TraceSet, calls: Calls, pools: Sequence[Pool], stands_for: Floats, recorded_hz: float
) -> Holding:
    """Take waits out of steps: as spans tell them, else by serving who asked in turn again.

    A step that has no span of waiting, where the same step of other calls has one, took no
    connection.

    Args:
        traces: that the calls are of.
        calls: of the operation.
        pools: named.
        stands_for: how many calls each stands for; where that is more than one, who asked before
            whom is not known.
        recorded_hz: calls a second that the traces stand for.

    Raises:
        NotLoadedError: waits are not told, and cannot be neglected.
        TraceError: a pool names a step that there is not.
    """
    by_step = pool_of_steps(pools, calls.names)
    names = frozenset(name for pool in pools for name in pool.waits)
    asking = np.array([_is_wait(base_name(each), names) for each in calls.names], dtype=np.bool_)
    by_step[asking] = NONE
    took = calls.end - calls.start
    pool = np.where(calls.present, by_step[calls.step], NONE)
    wait, into, told = _told(traces, calls, names)
    is_told = np.isin(calls.step, np.unique(calls.step[told]))
    pool = np.where(is_told & ~told, NONE, pool)
    unsaid = (pool != NONE) & ~told
    how = [BY_SPANS] if told.any() or asking.any() else []
    if asking.any():
        wait = np.where(calls.present & asking[calls.step], took, wait)
    elif unsaid.any() and is_whole(stands_for):
        wait = np.where(unsaid, _in_turn(calls, pool, took - into, into, pools), wait)
        how.append(BY_TURN)
    elif unsaid.any():
        busy_s = np.average(
            _busy(pool, took, len(pools)), axis=0, weights=np.maximum(stands_for, 1)
        )
        _check_rare(busy_s * recorded_hz / len(np.unique(calls.instance)), pools)
        how.append(TOO_LITTLE)
    wait = np.clip(wait, 0.0, took)
    own = took - wait
    held = np.where(pool != NONE, np.maximum(own - np.where(told, into, 0.0), 0.0), 0.0)
    return Holding(
        pool=pool, took=own, held=held, waited=wait, told=" and ".join(how) or NONE_TAKEN
    )


def _is_wait(name: str, more: frozenset[str]) -> bool:
    return name.lower() in WAITS or name.lower().endswith(_WAITS_END) or name in more


def _told(traces: TraceSet, calls: Calls, names: frozenset[str]) -> tuple[Floats, Floats, Bools]:
    """Waits that spans within a step tell: how long, how far into it, and where any does."""
    spans = traces.spans
    codes = [code for code, text in enumerate(traces.facts.texts) if _is_wait(text, names)]
    rows = np.flatnonzero(np.isin(spans["operation"], codes))
    place = np.full(len(spans["parent"]), NONE)
    place[calls.span[calls.present]] = np.flatnonzero(calls.present)
    above = spans["parent"][rows]
    while len(searching := np.flatnonzero((above >= 0) & (place[np.maximum(above, 0)] < 0))):
        above[searching] = spans["parent"][above[searching]]
    within = above >= 0
    rows, step = rows[within], place[above[within]]
    wait = np.zeros(calls.step.size)
    np.add.at(wait, step, (spans["end_ns"] - spans["start_ns"])[rows] / 1e9)
    first = np.full(calls.step.size, np.inf)
    begun = calls.begun_ns[step // calls.step.shape[1]]
    np.minimum.at(first, step, (spans["start_ns"][rows] - begun) / 1e9)
    told = np.isfinite(first).reshape(calls.step.shape)
    into = np.maximum(np.where(told, first.reshape(told.shape) - calls.start, 0.0), 0.0)
    return wait.reshape(told.shape), into, told


def _in_turn(
    calls: Calls, pool: Ints, lasted: Floats, into: Floats, pools: Sequence[Pool]
) -> Floats:
    """Each asking's wait, shape (n, m): until as many as there are connections but one hold one.

    Of a pool that serves who asked first, with every asking and every end known, that is certain.
    """
    wait = np.zeros(pool.shape)
    begun_s = (calls.begun_ns - calls.begun_ns.min()) / 1e9
    asked = begun_s[:, None] + calls.start + into
    for process in np.unique(calls.instance):
        mine = (calls.instance == process)[:, None] & (pool != NONE)
        for number, each in enumerate(pools):
            rows, columns = np.nonzero(mine & (pool == number))
            order = np.argsort(asked[rows, columns], kind="stable")
            rows, columns = rows[order], columns[order]
            free = [0.0] * each.size
            found = []
            asks, lasts = asked[rows, columns].tolist(), lasted[rows, columns].tolist()
            for ask, last in zip(asks, lasts, strict=True):
                found.append(max(free[0] - ask, 0.0))
                heapreplace(free, ask + last)
            wait[rows, columns] = found
    return wait


def _busy(pool: Ints, took: Floats, pools: int) -> Floats:
    """For how long each call has a connection of each pool, waits included; shape (n, pools)."""
    return np.stack([np.where(pool == each, took, 0.0).sum(axis=1) for each in range(pools)], 1)


def _check_rare(used: Floats, pools: Sequence[Pool]) -> None:
    for each, connections in zip(pools, used, strict=True):
        if connections > _NEGLIGIBLE * each.size:
            raise NotLoadedError(
                f"{connections / each.size:.0%} of pool {each.name} is in use, of sampled traces"
                " that have no span of waiting for a connection: how much of its steps was waiting"
                " is not known"
            )
