"""Traces of a run as OTLP: protobuf behind lengths, or JSON lines, as a Collector reads both."""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import (
    ResourceSpans,
    ScopeSpans,
    Span,
    Status,
    TracesData,
)

from hhperf import __version__
from hhperf.traces.request_traces import SERVICE, Attributes, RequestTrace, TracedSpan

_BATCH = 200
_IDS = ("traceId", "spanId", "parentSpanId")


def write_otlp(traces: Iterable[RequestTrace], path: Path) -> int:
    """Write protobuf messages, each behind its length in four bytes, the highest first.

    Returns:
        How many traces were written.
    """
    with path.open("wb") as file:
        return sum(_write_message(batch, file) for batch in _batches(traces))


def write_otlp_json(traces: Iterable[RequestTrace], path: Path) -> int:
    """Write JSON lines, with ids in hexadecimal.

    Returns:
        How many traces were written.
    """
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for batch in _batches(traces):
            file.write(json.dumps(to_json(to_message(batch)), separators=(",", ":")) + "\n")
            count += len(batch)
    return count


def to_message(traces: Iterable[RequestTrace]) -> TracesData:
    """Some traces as one message of OTLP."""
    spans = [_span(trace.trace_id, span) for trace in traces for span in trace.spans]
    scope = InstrumentationScope(name=SERVICE, version=__version__)
    resource = Resource(attributes=_attributes({"service.name": SERVICE}))
    group = ResourceSpans(resource=resource, scope_spans=[ScopeSpans(scope=scope, spans=spans)])
    return TracesData(resource_spans=[group])


def to_json(message: TracesData) -> dict[str, object]:
    """A message as OTLP's JSON, whose ids are hexadecimal and whose enumerations are numbers."""
    document: dict[str, object] = MessageToDict(message, use_integers_for_enums=True)
    for plain, span in zip(_spans_in(document), _spans_of(message), strict=True):
        for name, value in zip(
            _IDS, (span.trace_id, span.span_id, span.parent_span_id), strict=True
        ):
            if value:
                plain[name] = value.hex()
    return document


def _spans_in(document: dict[str, object]) -> Iterator[dict[str, object]]:
    for group in document["resourceSpans"]:  # type: ignore[attr-defined]
        for scope in group["scopeSpans"]:
            yield from scope["spans"]


def _spans_of(message: TracesData) -> Iterator[Span]:
    for group in message.resource_spans:
        for scope in group.scope_spans:
            yield from scope.spans


def _batches(traces: Iterable[RequestTrace]) -> Iterator[tuple[RequestTrace, ...]]:
    left = iter(traces)
    while batch := tuple(islice(left, _BATCH)):
        yield batch


def _write_message(traces: tuple[RequestTrace, ...], file: BinaryIO) -> int:
    data = to_message(traces).SerializeToString()
    file.write(len(data).to_bytes(4, "big") + data)
    return len(traces)


def _span(trace_id: bytes, span: TracedSpan) -> Span:
    failed = span.error is not None
    return Span(
        trace_id=trace_id,
        span_id=span.span_id,
        parent_span_id=span.parent_id,
        name=span.name,
        kind=_kind(span),
        start_time_unix_nano=span.start_ns,
        end_time_unix_nano=span.end_ns,
        attributes=_attributes(span.attributes),
        status=Status(code=Status.STATUS_CODE_ERROR, message=span.error or "") if failed else None,
    )


def _kind(span: TracedSpan) -> Span.SpanKind.ValueType:
    if not span.parent_id:
        return Span.SPAN_KIND_SERVER
    return Span.SPAN_KIND_CLIENT if span.asks else Span.SPAN_KIND_INTERNAL


def _attributes(attributes: Attributes) -> list[KeyValue]:
    return [
        KeyValue(
            key=name,
            value=AnyValue(int_value=value)
            if isinstance(value, int)
            else AnyValue(string_value=value),
        )
        for name, value in attributes.items()
    ]
