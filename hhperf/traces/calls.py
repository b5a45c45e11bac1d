"""The calls of one operation: what each did, step by step, as arrays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hhperf.errors import TraceError, unknown
from hhperf.traces.span_row import CLIENT
from hhperf.traces.trace_set import TraceSet

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MOST_STEPS = 64
"""Calls with more steps are left out: they repeat something many times."""
MOST_REPEATS = 5
"""From this occurrence of a step on, all further ones count as the same step."""
SLACK_NS = 1_000_000
"""A step that ends so much later than its call is taken to end with it: spans are closed late."""
ROUNDING_S = 2e-6
"""Steps that overlap by less follow each other: Jaeger and Zipkin round begin and duration."""
NONE = -1


@dataclass(frozen=True, slots=True)
class Operation:
    """Something a service does in several steps.

    Attributes:
        service: who does it.
        name: what it is called.
        calls: how often it is in the traces.
        total_s: how long its calls took in all.
        is_root: whether any of its calls begins a trace.
        children: how many names its children have.
    """

    service: str
    name: str
    calls: int
    total_s: float
    is_root: bool
    children: int

    def __str__(self) -> str:
        return f"{self.service} {self.name}"


@dataclass(frozen=True, slots=True, eq=False)
class Calls:
    """Calls of one operation, each with its steps as they began; times in seconds.

    Attributes:
        operation: whose calls they are.
        names: of the steps; a repeated one is another step, `cache #2`.
        step: which step is in each place, -1 for none; shape (n, m).
        start: when it began, since the call's begin, shape (n, m).
        end: when it ended, shape (n, m).
        failed: whether it failed, shape (n, m).
        asks: whether somebody else worked for it, as far as its spans tell, shape (n, m).
        total: how long each call took, shape (n,); +inf for one that failed.
        trace: the trace that each is in, shape (n,).
        begun_ns: when each began, since 1970, shape (n,).
        span: the span of each step among the traces' spans, -1 for none; shape (n, m).
        instance: the number of the process that answered each, -1 where none is named; shape (n,).
        left_out: how many calls or spans are not among them, by why.
    """

    operation: Operation
    names: tuple[str, ...]
    step: Ints
    start: Floats
    end: Floats
    failed: Bools
    asks: Bools
    total: Floats
    trace: Ints
    begun_ns: Ints
    span: Ints
    instance: Ints
    left_out: Mapping[str, int]

    def __len__(self) -> int:
        return len(self.total)

    @property
    def present(self) -> Bools:
        """Where there is a step, shape (n, m)."""
        return self.step >= 0

    def of(self, rows: Ints) -> "Calls":
        """Some of them, in the order named."""
        chosen: dict[str, Any] = {
            each.name: value[rows]
            for each in fields(self)
            if isinstance(value := getattr(self, each.name), np.ndarray)
        }
        return replace(self, **chosen)


def operations(traces: TraceSet) -> list[Operation]:
    """What has children in these traces: what has several first, then what begins traces.

    Of equal ones what takes longest in all is first.
    """
    spans = traces.spans
    parent = spans["parent"]
    rows = np.unique(parent[parent >= 0])
    if not len(rows):
        return []
    pairs = np.stack([spans["service"][rows], spans["operation"][rows]])
    kinds, codes = np.unique(pairs, axis=1, return_inverse=True)
    codes = codes.ravel()
    took = (spans["end_ns"] - spans["start_ns"])[rows] / 1e9
    calls, total = np.bincount(codes), np.bincount(codes, weights=took)
    begins = np.bincount(codes, weights=parent[rows] < 0) > 0
    services, names = traces.texts(kinds[0]), traces.texts(kinds[1])
    kind_of = np.full(len(parent), NONE)
    kind_of[rows] = codes
    under = np.flatnonzero(parent >= 0)
    below = np.unique(np.stack([kind_of[parent[under]], spans["operation"][under]]), axis=1)
    children = np.bincount(below[0], minlength=len(calls))
    columns = (each.tolist() for each in (calls, total, begins, children))
    found = map(Operation, services, names, *columns)
    return sorted(found, key=lambda each: (each.children < 2, not each.is_root, -each.total_s))


def find_operation(traces: TraceSet, name: str | None = None) -> Operation:
    """An operation by its name, with its service before it or not; the longest when None.

    Raises:
        TraceError: there is none, or several services have one of that name.
    """
    known = operations(traces)
    if not known:
        raise TraceError(f"{traces.path}: no span has a child: there is no operation with steps")
    if name is None:
        return known[0]
    found = [each for each in known if name in (each.name, str(each))]
    if not found:
        raise TraceError(f"no operation {name!r} with steps; {unknown(name, map(str, known))}")
    if len(found) > 1:
        raise TraceError(f"several services have {name!r}; say {' or '.join(map(str, found))}")
    return found[0]


def calls_of(traces: TraceSet, operation: Operation) -> Calls:
    """Take the calls of an operation apart.

    A step is a child that its call waited for. Calls of traces that lack spans, or whose clocks
    cannot be put right, are left out: what they lack may have been a step.

    Raises:
        TraceError: no call is left.
    """
    spans = traces.spans
    rows, left_out = _call_rows(traces, spans, operation)
    children, outlived = _children(spans, _numbered(spans, rows))
    left_out |= outlived
    steps = np.bincount(_numbered(spans, rows)[spans["parent"][children]], minlength=len(rows))
    many = steps > MOST_STEPS
    left_out[f"calls have more than {MOST_STEPS} steps"] = int(many.sum())
    rows = rows[~many]
    if not len(rows):
        why = ", ".join(f"{count:,} {reason}" for reason, count in left_out.items() if count)
        raise TraceError(f"{traces.path}: no call of {operation} can be used: {why}")
    call = _numbered(spans, rows)[spans["parent"][children]]
    children, call = children[call >= 0], call[call >= 0]
    place = np.arange(len(children)) - np.searchsorted(call, call)
    labels, texts = _labels(traces, spans, children)
    codes, names = _occurrences(call, labels, texts)
    shape = len(rows), int(place.max(initial=0)) + 1

    def laid_out(values: NDArray[Any], fill: float) -> NDArray[Any]:
        whole = np.full(shape, fill, dtype=values.dtype)
        whole[call, place] = values
        return whole

    begun = spans["start_ns"][rows]
    total = (spans["end_ns"][rows] - begun) / 1e9
    zero = begun[call]
    end = np.minimum((spans["end_ns"][children] - zero) / 1e9, total[call])
    return Calls(
        operation=operation,
        names=names,
        step=laid_out(codes, NONE),
        start=laid_out(np.maximum((spans["start_ns"][children] - zero) / 1e9, 0.0), 0.0),
        end=laid_out(end, 0.0),
        failed=laid_out(spans["failed"][children], 0),
        asks=laid_out(_asking(spans)[children], 0),
        total=np.where(spans["failed"][rows], np.inf, total),
        trace=spans["trace"][rows].astype(np.int64),
        begun_ns=begun,
        span=laid_out(children, NONE),
        instance=_instances(spans, rows),
        left_out={why: count for why, count in left_out.items() if count},
    )


def _instances(spans: Mapping[str, NDArray[Any]], rows: Ints) -> Ints:
    """Unknown in traces that were imported before instances were read."""
    named = spans.get("instance")
    return np.full(len(rows), NONE) if named is None else named[rows].astype(np.int64)


def _numbered(spans: Mapping[str, NDArray[Any]], rows: Ints) -> Ints:
    """The number of each span among the calls, -1 for one that is none."""
    number = np.full(len(spans["parent"]), NONE)
    number[rows] = np.arange(len(rows))
    return number


def _call_rows(
    traces: TraceSet, spans: Mapping[str, NDArray[Any]], operation: Operation
) -> tuple[Ints, dict[str, int]]:
    texts = traces.facts.texts
    service, name = texts.index(operation.service), texts.index(operation.name)
    rows = np.flatnonzero((spans["service"] == service) & (spans["operation"] == name))
    rows = rows[spans["end_ns"][rows] > spans["start_ns"][rows]]
    table = traces.traces
    lacking, torn = table["orphans"][spans["trace"][rows]] > 0, table["torn"][spans["trace"][rows]]
    counts = {
        "calls are in traces that lack spans": int(lacking.sum()),
        "calls are in traces whose clocks cannot be put right": int((torn & ~lacking).sum()),
    }
    return rows[~(lacking | torn)], counts


def _children(spans: Mapping[str, NDArray[Any]], call_of: Ints) -> tuple[Ints, dict[str, int]]:
    parent = spans["parent"]
    children = np.flatnonzero((parent >= 0) & (call_of[np.maximum(parent, 0)] >= 0))
    awaited = spans["awaited"][children]
    late = spans["end_ns"][children] > spans["end_ns"][parent[children]] + SLACK_NS
    early = spans["end_ns"][children] < spans["start_ns"][parent[children]]
    counts = {
        "spans follow from their call, which did not wait for them": int((~awaited).sum()),
        "spans outlast their call, which did not wait for them": int((awaited & late).sum()),
        "spans end before their call begins": int((awaited & early).sum()),
    }
    children = children[awaited & ~late & ~early]
    order = np.lexsort((spans["start_ns"][children], parent[children]))
    return children[order], counts


def _asking(spans: Mapping[str, NDArray[Any]]) -> Bools:
    """Which spans wait for somebody else: clients, whoever has a child elsewhere, and all above."""
    parent, service = spans["parent"], spans["service"]
    under = np.flatnonzero(parent >= 0)
    above = parent[under]
    asks: Bools = spans["kind"] == CLIENT
    asks[above[service[under] != service[above]]] = True
    while True:
        more = above[asks[under] & ~asks[above]]
        if not len(more):
            return asks
        asks[more] = True


def _labels(
    traces: TraceSet, spans: Mapping[str, NDArray[Any]], children: Ints
) -> tuple[Ints, list[str]]:
    """A number for each step's name, and the names.

    Steps of one name that lead to several services are told apart by the service.
    """
    operation = spans["operation"][children].astype(np.int64)
    peer = np.full(len(spans["parent"]), NONE, dtype=np.int64)
    above = spans["parent"]
    away = np.flatnonzero((above >= 0) & (spans["service"] != spans["service"][above]))
    peer[above[away]] = spans["service"][away]
    pairs, codes = np.unique(np.stack([operation, peer[children]]), axis=1, return_inverse=True)
    names = traces.texts(pairs[0])
    services = ["" if code < 0 else f" → {traces.facts.texts[code]}" for code in pairs[1]]
    texts = [
        name + service if names.count(name) > 1 else name
        for name, service in zip(names, services, strict=True)
    ]
    return codes.ravel().astype(np.int64), texts


def _occurrences(call: Ints, labels: Ints, texts: Sequence[str]) -> tuple[Ints, tuple[str, ...]]:
    """Steps by name and how often the name has come up in the call before, in order of begin."""
    order = np.lexsort((np.arange(len(call)), labels, call))
    keys = call[order] * max(len(texts), 1) + labels[order]
    again = np.empty(len(call), dtype=np.int64)
    again[order] = np.arange(len(call)) - np.searchsorted(keys, keys)
    again = np.minimum(again, MOST_REPEATS - 1)
    pairs, codes = np.unique(np.stack([labels, again]), axis=1, return_inverse=True)
    names = (_occurrence(texts[label], time) for label, time in pairs.T)
    return codes.ravel().astype(np.int64), tuple(names)


def _occurrence(name: str, time: int) -> str:
    more = "+" if time == MOST_REPEATS - 1 else ""
    return f"{name} #{time + 1}{more}" if time else name
