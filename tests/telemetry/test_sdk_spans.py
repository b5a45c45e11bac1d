"""What spans say, by the SDK's own exporter into memory."""

from time import perf_counter_ns, time_ns

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from hhperf.telemetry.sdk_spans import Stage, Telemetry

TRACE, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.fixture
def exported() -> InMemorySpanExporter:
    """What was exported."""
    return InMemorySpanExporter()


@pytest.fixture
def telemetry(exported: InMemorySpanExporter) -> Telemetry:
    """Exports at once."""
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exported))
    return Telemetry(provider)


def served(telemetry: Telemetry, headers: dict[str, str], error: str | None = None) -> None:
    """A search that began 10 ms ago, with one stage."""
    start = perf_counter_ns() - 10_000_000
    stages = [Stage("embedding", start + 1_000_000, start + 6_000_000)]
    telemetry.served("POST /x", headers, start, stages, {"hhperf.arm": "eager"}, error)


def by_name(exported: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    """The spans by what they are called."""
    return {span.name: span for span in exported.get_finished_spans()}


def test_a_served_search_is_under_its_callers_trace(
    telemetry: Telemetry, exported: InMemorySpanExporter
) -> None:
    """With its stages as they were, on the wall clock."""
    served(telemetry, {"traceparent": f"00-{TRACE}-{CALLER}-01"})
    spans = by_name(exported)
    root, stage = spans["POST /x"], spans["embedding"]
    assert root.parent is not None
    assert stage.parent is not None
    assert (root.parent.trace_id, root.parent.span_id) == (int(TRACE, 16), int(CALLER, 16))
    assert (root.kind, stage.parent.span_id) == (SpanKind.SERVER, root.context.span_id)
    assert stage.start_time is not None
    assert stage.end_time is not None
    assert stage.end_time - stage.start_time == 5_000_000
    assert abs(stage.end_time - time_ns()) < 60e9


def test_without_a_caller_it_begins_a_trace(
    telemetry: Telemetry, exported: InMemorySpanExporter
) -> None:
    """A failure is told."""
    served(telemetry, {}, "RetrievalError")
    root = by_name(exported)["POST /x"]
    assert root.parent is None
    assert root.status.status_code is StatusCode.ERROR


def test_a_caller_that_does_not_sample_is_heeded(
    telemetry: Telemetry, exported: InMemorySpanExporter
) -> None:
    """As W3C's flag says."""
    served(telemetry, {"traceparent": f"00-{TRACE}-{CALLER}-00"})
    assert not exported.get_finished_spans()


def test_a_request_carries_its_own_span(
    telemetry: Telemetry, exported: InMemorySpanExporter
) -> None:
    """So that the service's is its child."""
    asking = telemetry.asking("POST /x", {})
    asking.ended()
    (span,) = exported.get_finished_spans()
    assert span.context is not None
    own = f"00-{span.context.trace_id:032x}-{span.context.span_id:016x}-"
    assert asking.headers["traceparent"].startswith(own)
