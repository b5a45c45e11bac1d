"""Clocks that disagree: whatever a service did for another lies within the other's wait for it.

Jaeger moves each child that does not fit into its parent to the parent's middle. Here all spans of
one clock in a trace move together, by an offset with which every one of them fits its parent: no
move where that is possible, else the middle of what is possible, which is Jaeger's choice where one
span alone decides.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hhperf.traces.families import Ints

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Clocks:
    """By how much times were moved.

    Attributes:
        shift_ns: of each span, shape (n,).
        skewed: traces in which a clock was moved, shape (k,).
        torn: traces in which no single offset fits all of a clock's spans, shape (k,); their
            middle was taken.
    """

    shift_ns: Ints
    skewed: Bools
    torn: Bools


@dataclass(frozen=True, slots=True, eq=False)
class Timed:
    """What is needed to compare clocks; arrays of shape (n,), by trace.

    Attributes:
        trace: the trace's number.
        parent: the parent's row; negative for none.
        depth: how many spans are above.
        clock: whose clock the times are from.
        start_ns: since 1970.
        end_ns: since 1970.
        awaited: whether the parent may have waited for it.
    """

    trace: Ints
    parent: Ints
    depth: Ints
    clock: Ints
    start_ns: Ints
    end_ns: Ints
    awaited: Bools


def correct(spans: Timed) -> Clocks:
    """Find offsets for the clocks of each trace, against that of its root.

    Source: Jaeger, model/adjuster/clockskew.go, whose rule for one span this keeps.
    """
    traces = int(spans.trace.max(initial=-1)) + 1
    shift = np.zeros(len(spans.trace), dtype=np.int64)
    skewed, torn = np.zeros(traces, dtype=np.bool_), np.zeros(traces, dtype=np.bool_)
    above = np.maximum(spans.parent, 0)
    crossing = (spans.parent >= 0) & spans.awaited & (spans.clock != spans.clock[above])
    outside = (spans.start_ns < spans.start_ns[above]) | (spans.end_ns > spans.end_ns[above])
    starts = np.searchsorted(spans.trace, np.arange(traces + 1))
    for trace in np.unique(spans.trace[crossing & outside]):
        rows = np.arange(starts[trace], starts[trace + 1])
        offsets, fits = _offsets(spans, rows, crossing)
        shift[rows] = [offsets.get(int(clock), 0) for clock in spans.clock[rows]]
        skewed[trace] = any(offsets.values())
        torn[trace] = not fits
    return Clocks(shift, skewed, torn)


def _offsets(spans: Timed, rows: Ints, crossing: Bools) -> tuple[dict[int, int], bool]:
    """The offset of each clock of a trace, and whether all spans fit with it."""
    edges = rows[crossing[rows]]
    edges = edges[np.argsort(spans.depth[edges], kind="stable")]
    offsets = {int(spans.clock[row]): 0 for row in rows if spans.parent[row] < 0}
    fits = True
    while True:
        bounds: dict[int, list[tuple[float, float]]] = {}
        for row in edges:
            clock, upper = int(spans.clock[row]), int(spans.clock[spans.parent[row]])
            if clock not in offsets and upper in offsets:
                bounds.setdefault(clock, []).append(_bounds(spans, int(row), offsets[upper]))
        if not bounds:
            return offsets, fits
        for clock, found in bounds.items():
            offsets[clock], fit = _offset(found)
            fits &= fit


def _bounds(spans: Timed, row: int, upper_shift: int) -> tuple[float, float]:
    """The least and the largest offset with which a span lies within its parent.

    One that lasts longer than its parent has to start no earlier, and that is all.
    """
    parent = int(spans.parent[row])
    least = float(spans.start_ns[parent] + upper_shift - spans.start_ns[row])
    largest = float(spans.end_ns[parent] + upper_shift - spans.end_ns[row])
    return (least, largest) if least <= largest else (least, np.inf)


def _offset(bounds: list[tuple[float, float]]) -> tuple[int, bool]:
    least, largest = (np.array(each) for each in zip(*bounds, strict=True))
    low, high = float(least.max()), float(largest.min())
    if low <= 0 <= high:
        return 0, True
    if low <= high:
        return round(low if np.isinf(high) else (low + high) / 2), True
    return round(float(np.median(list(_middles(bounds))))), False


def _middles(bounds: list[tuple[float, float]]) -> Iterator[float]:
    for low, high in bounds:
        yield low if np.isinf(high) else (low + high) / 2
