"""Traces of a known shape, made by OpenTelemetry's own classes."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import (
    ResourceSpans,
    ScopeSpans,
    Span,
    Status,
    TracesData,
)

from hhperf.traces.otlp_write import to_json
from hhperf.traces.trace_import import import_traces
from hhperf.traces.trace_set import TraceSet

BEGIN_NS = 1_700_000_000_000_000_000
MS = 1_000_000
OPERATION = "GET /search"
CLIENT = Span.SPAN_KIND_CLIENT

Steps = Sequence[tuple[str, float, float]]
"""Names with begin and end, in milliseconds since the call's begin."""


def span(
    trace: int,
    number: int,
    parent: int,
    name: str,
    start_ms: float,
    end_ms: float,
    attributes: Mapping[str, str | int | float] = {},
    *,
    failed: bool = False,
    state: str = "",
    kind: Span.SpanKind.ValueType = Span.SPAN_KIND_UNSPECIFIED,
) -> Span:
    """One span; times in milliseconds."""
    return Span(
        trace_id=trace.to_bytes(16, "big"),
        span_id=number.to_bytes(8, "big"),
        parent_span_id=parent.to_bytes(8, "big") if parent else b"",
        name=name,
        kind=kind,
        start_time_unix_nano=BEGIN_NS + round(start_ms * MS),
        end_time_unix_nano=BEGIN_NS + round(end_ms * MS),
        trace_state=state,
        attributes=[KeyValue(key=key, value=_value(value)) for key, value in attributes.items()],
        status=Status(code=Status.STATUS_CODE_ERROR) if failed else None,
    )


def call(
    trace: int,
    steps: Steps,
    total_ms: float,
    attributes: Mapping[str, str | int | float] = {},
    *,
    at_ms: float = 0.0,
    failed: bool = False,
    state: str = "",
) -> list[Span]:
    """A root with its steps, which ask somebody else."""
    root = span(
        trace, 1, 0, OPERATION, at_ms, at_ms + total_ms, attributes, failed=failed, state=state
    )
    return [
        root,
        *(
            span(trace, number, 1, name, at_ms + start, at_ms + end, kind=CLIENT)
            for number, (name, start, end) in enumerate(steps, 2)
        ),
    ]


def message(
    spans: Iterable[Span], service: str = "shop", host: str = "", instance: str = ""
) -> TracesData:
    """Spans of one service as a message."""
    said = {"service.name": service, "host.name": host, "service.instance.id": instance}
    named = {name: value for name, value in said.items() if value}
    resource = Resource(
        attributes=[KeyValue(key=key, value=_value(value)) for key, value in named.items()]
    )
    return TracesData(
        resource_spans=[ResourceSpans(resource=resource, scope_spans=[ScopeSpans(spans=spans)])]
    )


def behind_lengths(messages: Iterable[TracesData]) -> bytes:
    """As the Collector's file exporter writes protobuf."""
    parts = [each.SerializeToString() for each in messages]
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def lines(messages: Iterable[TracesData]) -> bytes:
    """As it writes JSON."""
    return b"".join(json.dumps(to_json(each)).encode() + b"\n" for each in messages)


def imported(folder: Path, *messages: TracesData, keep: Sequence[str] = ()) -> TraceSet:
    """Messages, written and imported."""
    file = folder / "traces.otlp"
    file.write_bytes(behind_lengths(messages))
    return import_traces([file], folder / "imported", keep=keep)


def _value(value: str | float) -> AnyValue:
    if isinstance(value, str):
        return AnyValue(string_value=value)
    return AnyValue(int_value=value) if isinstance(value, int) else AnyValue(double_value=value)
