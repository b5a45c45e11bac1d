"""Which spans a trace's time went to: its critical path, walked back from the end."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hhperf.traces.calls import Operation
from hhperf.traces.families import Ints
from hhperf.traces.trace_set import TraceSet

ALLOWANCE = 0.01
"""By what share of their parent's time steps may overlap that follow each other."""

_LOOKED_AT = 2_000
"""Calls of which the paths are walked, evenly spread: shares need no more."""


@dataclass(frozen=True, slots=True)
class PathShare:
    """What part of an operation's time is some span's own, on the critical path.

    Attributes:
        name: of the spans, with their service.
        share: of the time of all calls looked at, in 0..1.
    """

    name: str
    share: float


def critical_times(
    root: int,
    children: Sequence[Sequence[int]],
    start: NDArray[np.int64],
    end: NDArray[np.int64],
) -> dict[int, int]:
    """The own time of each span on the critical path below a span, in nanoseconds.

    From a span's end back, the child that ended last was waited for, then the one that had ended
    when that one began, and so on; what is left of the span is its own. A child is cut to its
    parent's time, and one wholly outside it was not waited for.

    Args:
        root: the row to begin with.
        children: the rows of each row's children.
        start: of each row.
        end: of each row.

    Source: Zhang et al., CRISP: Critical Path Analysis of Large-Scale Microservice Architectures,
    2022, section 4.
    """
    own: dict[int, int] = {}
    waiting = [(root, int(start[root]), int(end[root]))]
    while waiting:
        row, begin, finish = waiting.pop()
        cut = [
            (min(int(end[each]), finish), max(int(start[each]), begin), each)
            for each in children[row]
            if start[each] < finish and end[each] > begin
        ]
        cut.sort(key=lambda each: each[0], reverse=True)
        own[row] = finish - begin
        reached = finish
        for ends, begins, child in cut:
            if ends <= reached + ALLOWANCE * (finish - begin):
                waiting.append((child, begins, ends))
                own[row] -= ends - begins
                reached = begins
        own[row] = max(own[row], 0)
    return own


def children_of(parent: Ints, awaited: NDArray[np.bool_]) -> list[list[int]]:
    """The rows of each row's children that it may have waited for."""
    children: list[list[int]] = [[] for _ in parent]
    for row in np.flatnonzero((parent >= 0) & awaited):
        children[int(parent[row])].append(int(row))
    return children


def critical_shares(traces: TraceSet, operation: Operation) -> list[PathShare]:
    """Where the time of an operation goes along its critical paths, the largest share first."""
    spans = traces.spans
    texts = traces.facts.texts
    service, name = texts.index(operation.service), texts.index(operation.name)
    rows = np.flatnonzero((spans["service"] == service) & (spans["operation"] == name))
    if len(rows) > _LOOKED_AT:
        rows = rows[np.linspace(0, len(rows) - 1, _LOOKED_AT).astype(np.int64)]
    chosen = np.flatnonzero(np.isin(spans["trace"], np.unique(spans["trace"][rows])))
    place = np.full(len(spans["trace"]), -1)
    place[chosen] = np.arange(len(chosen))
    parent = spans["parent"][chosen]
    parent = np.where(parent >= 0, place[np.maximum(parent, 0)], -1)
    children = children_of(parent, spans["awaited"][chosen])
    start, end = spans["start_ns"][chosen], spans["end_ns"][chosen]
    sums: Counter[tuple[int, int]] = Counter()
    for row in place[rows]:
        for each, own in critical_times(int(row), children, start, end).items():
            at = chosen[each]
            sums[int(spans["service"][at]), int(spans["operation"][at])] += own
    total = sum(sums.values()) or 1
    return [
        PathShare(f"{texts[of]} {texts[what]}", own / total)
        for (of, what), own in sums.most_common()
    ]
