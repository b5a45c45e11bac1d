"""Zipkin's v2 JSON: a list of spans, or a list of such lists, one a trace."""

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

HALF = 0x5A5A5A5A5A5A5A5A
"""Tells the two halves of a shared span apart, which have one id."""


def zipkin_spans(stream: Peeked, place: Place, keep: Sequence[str]) -> Iterator[SpanRow]:
    """The spans of a list, or of a list of lists."""
    what = "trace" if stream.peek().lstrip()[1:].lstrip().startswith(b"[") else "span"
    for item in placed(ijson.items(stream, "item", use_float=True), what, stream, place):
        for span in item if what == "trace" else [item]:
            place.span += what == "trace"
            yield _row(span, keep)


def _row(span: Mapping[str, Any], keep: Sequence[str]) -> SpanRow:
    tags: Mapping[str, Any] = span.get("tags") or {}
    endpoint = span.get("localEndpoint") or {}
    service = str(endpoint.get("serviceName", "unknown"))
    kind = KINDS.get(str(span.get("kind", "")).lower(), 0)
    start, duration = int(span.get("timestamp", 0)) * 1_000, span.get("duration")
    own, parent = span_id(str(span["id"])), span.get("parentId")
    above = span_id(str(parent)) if parent else 0
    if span.get("shared"):
        # The server's half of a span that client and server share: a child of the client's half.
        own, above = own ^ HALF, own
    return SpanRow(
        trace=trace_id(str(span["traceId"])),
        span=own,
        parent=above,
        service=service,
        clock=clock_of(tags, str(endpoint.get("ipv4") or endpoint.get("ipv6") or service)),
        instance=instance_of(tags),
        operation=str(span.get("name", "")),
        kind=kind,
        start_ns=start,
        end_ns=start + int(duration) * 1_000 if duration is not None and start else 0,
        failed="error" in tags or tags.get("otel.status_code") == "ERROR",
        awaited=kind != CONSUMER,
        resent=is_resent(tags),
        links=0,
        sampling=sampling_in(tags),
        kept=kept_of(tags, keep) if keep else (),
    )
