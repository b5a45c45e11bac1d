"""Searches told of as spans, on the real stack."""

from contextlib import AsyncExitStack

import httpx
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from hhperf.search.service import PATH, listening, make_service
from hhperf.stack.stack import Stack
from hhperf.telemetry.sdk_spans import Telemetry
from tests.search.conftest import LARGE, Arms

TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.mark.asyncio(loop_scope="session")
async def test_a_search_is_told_with_its_stages_and_a_refused_one_without(stack: Stack) -> None:
    """Both under the caller's trace."""
    exported = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exported))
    headers = {"X-Tenant-ID": LARGE, "traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
    async with AsyncExitStack() as opened:
        engine = await Arms(stack.endpoints, opened).engine("sequential")
        service = make_service(engine, telemetry=Telemetry(provider))
        url = await opened.enter_async_context(listening(service))
        client = await opened.enter_async_context(httpx.AsyncClient(base_url=url, headers=headers))
        found = await client.post(PATH, json={"query": "java"})
        refused = await client.post(PATH, json={"limit": 3})
    spans = exported.get_finished_spans()
    assert (found.status_code, refused.status_code) == (200, 400)
    assert {f"{span.context.trace_id:032x}" for span in spans if span.context} == {TRACE}
    roots = [span for span in spans if span.name == f"POST {PATH}"]
    assert [root.status.description for root in roots] == [None, "RequestError"]
    stages = {span.name for span in spans} - {f"POST {PATH}"}
    assert {"cache", "embedding", "specialty", "vector", "text", "ranking"} <= stages
