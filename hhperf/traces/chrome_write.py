"""Traces of a run as Chrome's trace JSON, which Perfetto and chrome://tracing open.

Each request is a process of its own, with as many threads as stages overlap in it: complete events
of one thread have to lie within each other or apart.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from hhperf.traces.request_traces import RequestTrace, TracedSpan


def write_chrome(traces: Iterable[RequestTrace], path: Path) -> int:
    """Write one JSON object with all events.

    Returns:
        How many traces were written.

    Source: Trace Event Format, Google, 2016; times are microseconds, here since the first request.
    """
    found = list(traces)
    zero = min((trace.root.start_ns for trace in found), default=0)
    events = [
        event for number, trace in enumerate(found, 1) for event in _events(number, trace, zero)
    ]
    text = json.dumps({"traceEvents": events, "displayTimeUnit": "ms"}, separators=(",", ":"))
    path.write_text(text + "\n", encoding="utf-8")
    return len(found)


def lanes(spans: Sequence[TracedSpan]) -> list[int]:
    """A thread for each span, in their order: those that overlap without nesting get their own.

    Args:
        spans: as they began, those that last longer first.
    """
    open_ends: list[list[int]] = []
    return [_lane(span, open_ends) for span in spans]


def _lane(span: TracedSpan, open_ends: list[list[int]]) -> int:
    """The first thread on which the span lies within what is under way there, or a new one."""
    for lane, ends in enumerate(open_ends):
        while ends and ends[-1] <= span.start_ns:
            ends.pop()
        if not ends or span.end_ns <= ends[-1]:
            ends.append(span.end_ns)
            return lane
    open_ends.append([span.end_ns])
    return len(open_ends) - 1


def _events(number: int, trace: RequestTrace, zero: int) -> Iterator[dict[str, Any]]:
    told = trace.root.attributes
    name = f"request {told['hhperf.pair']}, {told['hhperf.arm']} ({told['hhperf.schedule']})"
    yield {"ph": "M", "name": "process_name", "pid": number, "tid": 0, "args": {"name": name}}
    for span, lane in zip(trace.spans, lanes(trace.spans), strict=True):
        args = {**span.attributes, **({} if span.error is None else {"error": span.error})}
        yield {
            "ph": "X",
            "name": span.name,
            "cat": "stage" if span.parent_id else "request",
            "pid": number,
            "tid": lane + 1,
            "ts": (span.start_ns - zero) / 1e3,
            "dur": (span.end_ns - span.start_ns) / 1e3,
            "args": args,
        }
