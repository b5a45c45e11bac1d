"""The generator's requests as spans, sent to a real endpoint."""

import asyncio

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from hhperf.harness.http_client import HttpClient
from hhperf.harness.http_target import HttpTarget
from hhperf.harness.traced_client import TracedClient, client_for
from tests.harness.conftest import Logged
from tests.harness.http_server import serving

REQUEST = Logged("r1", "acme", None, {"query": "java"})


def test_without_an_endpoint_the_client_is_the_plain_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is added to what is measured."""
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)
    assert type(client_for("127.0.0.1", 9, None, "x")) is HttpClient


async def test_a_request_carries_the_span_that_is_exported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One to the service with `traceparent`, and then that span to the collector."""
    async with serving() as service, serving() as collector:
        endpoint = f"http://127.0.0.1:{collector.port}"
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
        target = HttpTarget(f"http://127.0.0.1:{service.port}")
        await target.open()
        assert isinstance(target._client, TracedClient)
        await asyncio.gather(target.send(REQUEST), target.send(REQUEST))
        await target.close()
    parents = {asked.headers["traceparent"][:-3] for asked in service.asked}
    bodies = [asked.body for asked in collector.asked if asked.line.startswith("POST /v1/traces ")]
    spans = [
        span
        for body in bodies
        for group in ExportTraceServiceRequest.FromString(body).resource_spans
        for scope in group.scope_spans
        for span in scope.spans
    ]
    told = {f"00-{span.trace_id.hex()}-{span.span_id.hex()}" for span in spans}
    assert len(parents) == 2
    assert told == parents
    assert {span.name for span in spans} == {"POST /v1/search/hybrid"}
