"""OTLP as the OpenTelemetry Collector's file exporter writes it: JSON lines, and protobuf.

Protobuf comes as messages behind their length (four bytes, the highest first), each of them
compressed or not, or as one message alone. JSON is read by its field names, since its ids are
hexadecimal, which protobuf's own JSON reader takes for base64.
"""

from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any

import ijson
import pyarrow as pa
from google.protobuf.message import DecodeError
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData
from pydantic_core import from_json

from hhperf.traces.span_row import (
    CONSUMER,
    READ,
    SpanRow,
    clock_of,
    instance_of,
    is_resent,
    kept_of,
    sampling_in,
    span_id,
    trace_id,
)
from hhperf.traces.trace_files import Peeked, Place, decompressed, placed

_ERROR = 2
_ERRORS = (_ERROR, "STATUS_CODE_ERROR")
_KINDS = {f"SPAN_KIND_{name}": number for number, name in enumerate(
    ("UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"))}  # fmt: skip
_LENGTH = 4
_LARGEST = 1 << 30
_LONGEST_LINE = 1 << 24
"""A longer first line is read as a document, group by group of a resource, not as a whole."""


def otlp_json_spans(stream: Peeked, place: Place, keep: Sequence[str]) -> Iterator[SpanRow]:
    """The spans of JSON lines, or of one document over several lines."""
    ahead = stream.peek(_LONGEST_LINE)
    first, line_ends, _ = ahead.lstrip().partition(b"\n")
    is_broken = line_ends and not first.rstrip().endswith(b"}")
    if is_broken or (not line_ends and len(ahead) == _LONGEST_LINE):
        yield from _document_spans(stream, place, keep)
        return
    for number, line in enumerate(stream.lines(), start=1):
        place.where, place.span = f"line {number}", 0
        if line.strip():
            yield from _json_spans(from_json(line), place, keep)


def otlp_proto_spans(stream: Peeked, place: Place, keep: Sequence[str]) -> Iterator[SpanRow]:
    """The spans of protobuf messages behind their length, or of one message alone."""
    if stream.peek(1) == b"\x0a":
        yield from _message_spans(stream.read(), place, keep)
        return
    number = 0
    while prefix := stream.read(_LENGTH):
        number += 1
        place.where, place.span = f"message {number} at byte {stream.position - len(prefix):,}", 0
        size = int.from_bytes(prefix, "big")
        if len(prefix) < _LENGTH or not 0 < size <= _LARGEST:
            raise place.error("has no length of a message before it: cut, or no such file")
        message = stream.read(size)
        if len(message) < size:
            raise place.error(f"is cut: {len(message):,} of {size:,} bytes are there")
        yield from _message_spans(message, place, keep)


def _document_spans(stream: Peeked, place: Place, keep: Sequence[str]) -> Iterator[SpanRow]:
    found = ijson.items(stream, "resourceSpans.item", use_float=True, multiple_values=True)
    for resource_spans in placed(found, "resourceSpans", stream, place):
        yield from _json_spans({"resourceSpans": [resource_spans]}, place, keep)


def _message_spans(message: bytes, place: Place, keep: Sequence[str]) -> Iterator[SpanRow]:
    data = decompressed(BytesIO(message)).read()
    if data.startswith(b"{"):
        yield from _json_spans(from_json(data), place, keep)
        return
    try:
        traces = TracesData.FromString(data)
    except (DecodeError, pa.ArrowInvalid) as error:
        raise place.error(f"is no message of OTLP traces: {error}") from error
    yield from _proto_spans(traces, place, keep)


def _json_spans(
    document: Mapping[str, Any], place: Place, keep: Sequence[str]
) -> Iterator[SpanRow]:
    wanted = READ | set(keep) | {"service.name"}
    for group in document["resourceSpans"]:
        resource = _json_attributes(group.get("resource", {}).get("attributes", ()), wanted)
        service = str(resource.get("service.name", "unknown"))
        clock, instance = clock_of(resource, service), instance_of(resource)
        for scope in group.get("scopeSpans", ()):
            for span in scope.get("spans", ()):
                place.span += 1
                yield _of_json(span, (service, clock, instance), resource, wanted, keep)


def _of_json(
    span: Mapping[str, Any],
    whose: tuple[str, str, str | None],
    resource: Mapping[str, Any],
    wanted: frozenset[str],
    keep: Sequence[str],
) -> SpanRow:
    service, clock, instance = whose
    own = _json_attributes(span.get("attributes", ()), wanted)
    kind = span.get("kind", 0)
    kind = _KINDS[kind] if isinstance(kind, str) else int(kind)
    parent = span.get("parentSpanId", "")
    return SpanRow(
        trace=trace_id(span["traceId"]),
        span=span_id(span["spanId"]),
        parent=span_id(parent) if parent else 0,
        service=service,
        clock=clock,
        instance=instance,
        operation=str(span.get("name", "")),
        kind=kind,
        start_ns=int(span.get("startTimeUnixNano", 0)),
        end_ns=int(span.get("endTimeUnixNano", 0)),
        failed=span.get("status", {}).get("code") in _ERRORS,
        awaited=kind != CONSUMER,
        resent=is_resent(own),
        links=len(span.get("links", ())),
        sampling=sampling_in(own, span.get("traceState", "")),
        kept=kept_of({**resource, **own}, keep) if keep else (),
    )


def _json_attributes(attributes: Sequence[Any], wanted: frozenset[str]) -> dict[str, Any]:
    return {
        each["key"]: next(iter(each["value"].values()), "")
        for each in attributes
        if each["key"] in wanted
    }


def _proto_spans(traces: TracesData, place: Place, keep: Sequence[str]) -> Iterator[SpanRow]:
    wanted = READ | set(keep) | {"service.name"}
    for group in traces.resource_spans:
        resource = _proto_attributes(group.resource.attributes, wanted)
        service = str(resource.get("service.name", "unknown"))
        clock, instance = clock_of(resource, service), instance_of(resource)
        for scope in group.scope_spans:
            for span in scope.spans:
                place.span += 1
                own = _proto_attributes(span.attributes, wanted)
                yield SpanRow(
                    trace=_whole(span.trace_id, 16),
                    span=int.from_bytes(_whole(span.span_id, 8), "big"),
                    parent=int.from_bytes(span.parent_span_id, "big"),
                    service=service,
                    clock=clock,
                    instance=instance,
                    operation=span.name,
                    kind=span.kind,
                    start_ns=span.start_time_unix_nano,
                    end_ns=span.end_time_unix_nano,
                    failed=span.status.code == _ERROR,
                    awaited=span.kind != CONSUMER,
                    resent=is_resent(own),
                    links=len(span.links),
                    sampling=sampling_in(own, span.trace_state),
                    kept=kept_of({**resource, **own}, keep) if keep else (),
                )


def _whole(identifier: bytes, size: int) -> bytes:
    if len(identifier) != size:
        raise ValueError(f"an id has {len(identifier)} bytes, not {size}")
    return identifier


def _proto_attributes(attributes: Sequence[KeyValue], wanted: frozenset[str]) -> dict[str, Any]:
    found = {}
    for each in attributes:
        if each.key in wanted:
            kind = each.value.WhichOneof("value")
            found[each.key] = "" if kind is None else getattr(each.value, kind)
    return found
