"""Jaeger's JSON, as its query service answers and its page downloads: traces with processes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import ijson

from hhperf.traces.span_row import (
    CONSUMER,
    KINDS,
    SpanRow,
    clock_of,
    instance_of,
    is_resent,
    kept_of,
    sampling_in,
    span_id,
    trace_id,
)
from hhperf.traces.trace_files import Peeked, Place, placed

CHILD_OF = "CHILD_OF"
_NO = (None, False, "", "false", "False", 0)


def jaeger_spans(stream: Peeked, place: Place, keep: Sequence[str]) -> Iterator[SpanRow]:
    """The spans of `{"data": [trace, …]}`, or of one trace alone."""
    whole = b'"data"' in stream.peek()
    traces = ijson.items(stream, "data.item" if whole else "", use_float=True)
    for trace in placed(traces, "trace", stream, place):
        processes = {
            name: _process(process) for name, process in (trace.get("processes") or {}).items()
        }
        for span in trace["spans"]:
            place.span += 1
            yield _row(span, processes, keep)


def _process(process: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    return str(process.get("serviceName", "unknown")), _tags(process.get("tags"))


def _row(
    span: Mapping[str, Any],
    processes: Mapping[str, tuple[str, dict[str, Any]]],
    keep: Sequence[str],
) -> SpanRow:
    tags = _tags(span.get("tags"))
    inline = span.get("process")
    name = span.get("processID", "")
    service, of_process = _process(inline) if inline else processes.get(name, ("unknown", {}))
    parent, awaited, others = _parent(span)
    kind = KINDS.get(str(tags.get("span.kind", "")).lower(), 0)
    start = int(span["startTime"]) * 1_000
    return SpanRow(
        trace=trace_id(str(span["traceID"])),
        span=span_id(str(span["spanID"])),
        parent=parent,
        service=service,
        clock=clock_of(of_process, service),
        instance=instance_of(of_process),
        operation=str(span["operationName"]),
        kind=kind,
        start_ns=start,
        end_ns=start + int(span["duration"]) * 1_000,
        failed=tags.get("error") not in _NO or tags.get("otel.status_code") == "ERROR",
        awaited=awaited and kind != CONSUMER,
        resent=is_resent(tags),
        links=others,
        sampling=sampling_in(tags, str(tags.get("w3c.tracestate", ""))),
        kept=kept_of({**of_process, **tags}, keep) if keep else (),
    )


def _parent(span: Mapping[str, Any]) -> tuple[int, bool, int]:
    """The parent, whether it may have waited, and how many more spans are named.

    A reference to another trace is no parent. Without `CHILD_OF` the first that it follows from is.
    """
    own = [each for each in span.get("references") or () if each["traceID"] == span["traceID"]]
    own.sort(key=lambda each: each.get("refType", CHILD_OF) != CHILD_OF)
    if own:
        awaited = own[0].get("refType", CHILD_OF) == CHILD_OF
        return span_id(str(own[0]["spanID"])), awaited, len(own) - 1
    legacy = span.get("parentSpanID")
    return (span_id(str(legacy)) if legacy else 0), True, len(span.get("references") or ())


def _tags(tags: Any) -> dict[str, Any]:
    return {each["key"]: each.get("value") for each in tags or ()}
