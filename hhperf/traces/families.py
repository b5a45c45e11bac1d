"""Which span is whose child: spans put in order by trace, each with its parent's row."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hhperf.traces.zipkin_read import HALF

Ints = NDArray[np.int64]
Columns = Mapping[str, NDArray[Any]]

ROOT, ORPHAN = -1, -2
"""In place of a parent's row: it names no parent, or one that is not there."""

_SINCE_1970_NS = 10**15
"""A span that begins at 0 and ends later than this has no begin, and is not weeks long."""


@dataclass(frozen=True, slots=True, eq=False)
class Families:
    """Spans in order, and who belongs to whom.

    Attributes:
        rows: which of the columns' rows are kept, by trace, then by start; shape (n,).
        trace: each one's trace, 0..k-1 in that order, shape (n,).
        parent: the place of its parent among the rows, `ROOT` or `ORPHAN`; shape (n,).
        depth: how many spans are above it, shape (n,).
        unfinished: spans left out that have no end, or end before they start.
        repeated: spans left out since one with the same id was there already.
        circular: spans that are their own ancestors; they count as orphans.
    """

    rows: Ints
    trace: Ints
    parent: Ints
    depth: Ints
    unfinished: int
    repeated: int
    circular: int


def link(columns: Columns) -> Families:
    """Find each span's trace and parent.

    Args:
        columns: as `SpanColumns` gives them.
    """
    start, end = columns["start_ns"], columns["end_ns"]
    whole = np.flatnonzero((end > 0) & (end >= start) & ((start > 0) | (end < _SINCE_1970_NS)))
    unfinished = len(columns["span"]) - len(whole)
    keys = [columns[name][whole] for name in ("start_ns", "trace_low", "trace_high")]
    rows = whole[np.lexsort(keys)]
    trace = _numbered(columns["trace_high"][rows], columns["trace_low"][rows])
    first = _first_of_each(trace, columns["span"][rows])
    repeated = len(rows) - len(first)
    rows, trace = rows[first], trace[first]
    parent = _parents(columns, rows, trace)
    depth = _depths(parent)
    circular = depth < 0
    parent[circular] = ORPHAN
    return Families(
        rows=rows,
        trace=trace,
        parent=parent,
        depth=np.maximum(depth, 0),
        unfinished=unfinished,
        repeated=repeated,
        circular=int(circular.sum()),
    )


def _numbered(high: NDArray[np.uint64], low: NDArray[np.uint64]) -> Ints:
    if not len(high):
        return np.empty(0, dtype=np.int64)
    changed = (high[1:] != high[:-1]) | (low[1:] != low[:-1])
    return np.concatenate([[0], np.cumsum(changed)]).astype(np.int64)


def _first_of_each(trace: Ints, span: NDArray[np.uint64]) -> Ints:
    """Places of the first span of each id in its trace, in their order."""
    order = np.lexsort((np.arange(len(span)), span, trace))
    again = (trace[order][1:] == trace[order][:-1]) & (span[order][1:] == span[order][:-1])
    return np.sort(order[np.concatenate([[True], ~again])]) if len(order) else order


def _parents(columns: Columns, rows: Ints, trace: Ints) -> Ints:
    span, above = columns["span"][rows], columns["above"][rows]
    known, codes = np.unique(span, return_inverse=True)
    keys = trace * max(len(known), 1) + codes
    order = np.argsort(keys)

    def found(wanted: NDArray[np.uint64]) -> Ints:
        """The row of each id in its own trace; `ORPHAN` where there is none."""
        if not len(known):
            return np.empty(0, dtype=np.int64)
        code = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
        place = np.minimum(np.searchsorted(keys[order], trace * len(known) + code), len(order) - 1)
        row = order[place]
        there = (span[row] == wanted) & (trace[row] == trace)
        return np.where(there, row, ORPHAN)

    parent = found(above)
    # Zipkin: what the server did names the span that it shares with its client.
    half = found(above ^ np.uint64(HALF))
    service = columns["service"][rows]
    same = service[np.maximum(half, 0)] == service
    parent = np.where((half >= 0) & same & (half != np.arange(len(rows))), half, parent)
    return np.where(above == 0, ROOT, parent).astype(np.int64)


def _depths(parent: Ints) -> Ints:
    """How many spans are above each; -1 for one that is its own ancestor."""
    depth = np.where(parent < 0, 0, -1).astype(np.int64)
    while True:
        waiting = np.flatnonzero((depth < 0) & (depth[np.maximum(parent, 0)] >= 0) & (parent >= 0))
        if not len(waiting):
            return depth
        depth[waiting] = depth[parent[waiting]] + 1
