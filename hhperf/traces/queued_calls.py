"""Calls as a network that queues for pools: what lies between one asking and the next."""

from collections.abc import Mapping, Sequence

import numpy as np

from hhperf.forecast.queueing import BEGIN, NEVER, Network
from hhperf.traces.calls import Bools, Calls, Floats
from hhperf.traces.max_plus import Change, links, rest
from hhperf.traces.pools import Pool
from hhperf.traces.waiting import Holding

Offsets = Mapping[str, Floats]


def network_of(
    calls: Calls, holding: Holding, pools: Sequence[Pool], change: Change, *, in_line: bool = False
) -> Network:
    """What calls do between their askings, as `changed_totals` has it without waits.

    Each call has an order of its own: an event is the k-th step of those calls in which that takes
    a connection of one pool, and the others are without it.

    Args:
        calls: as they were recorded.
        holding: what their steps take and hold.
        pools: in the order of `holding`.
        change: what would be different.
        in_line: the pessimistic reading.
    """
    n = len(calls)
    asks: dict[str, Offsets] = {}
    held: dict[str, Floats] = {}
    pool_of: dict[str, str] = {}
    ended: list[Offsets] = []
    for k, (kept, lag) in enumerate(links(calls, change, in_line=in_line)):
        begins = _later(_joined([(each, kept[:, j]) for j, each in enumerate(ended)], n), lag)
        took, holds = holding.took[:, k], holding.held[:, k]
        ends = [(_later(begins, took), calls.present[:, k] & (holds <= 0))]
        for number, pool in enumerate(pools):
            mine = (holding.pool[:, k] == number) & (holds > 0)
            if mine.any():
                event = f"{k} {pool.name}"
                asks[event] = _where(_later(begins, took - holds), mine)
                held[event] = np.where(mine, holds, 0.0)
                pool_of[event] = pool.name
                ends.append(({event: np.zeros(n)}, mine))
        ended.append(_joined(ends, n, begin=False))
    everywhere = np.ones(n, dtype=np.bool_)
    answers = _later(_joined([(each, everywhere) for each in ended], n), _rest(calls))
    return Network(tuple(asks), asks, held, held, answers, pool_of)


def _rest(calls: Calls) -> Floats:
    """After the last step; of a call that failed nothing is known of it."""
    after = rest(calls)
    return np.where(np.isfinite(after), after, 0.0)


def _joined(
    each: Sequence[tuple[Offsets, Bools]], n: int, *, begin: bool = True
) -> dict[str, Floats]:
    """The latest of some offsets where they count, and of the beginning."""
    found: dict[str, Floats] = {BEGIN: np.zeros(n)} if begin else {}
    for offsets, where in each:
        for source, offset in _where(offsets, where).items():
            known = found.get(source)
            found[source] = offset if known is None else np.maximum(known, offset)
    return found


def _where(offsets: Offsets, where: Bools) -> dict[str, Floats]:
    chosen = {source: np.where(where, offset, NEVER) for source, offset in offsets.items()}
    return {source: offset for source, offset in chosen.items() if (offset > NEVER).any()}


def _later(offsets: Offsets, by: Floats) -> dict[str, Floats]:
    return {source: offset + by for source, offset in offsets.items()}
