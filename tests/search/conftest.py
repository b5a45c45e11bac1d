"""Engines on the real embedded stack, closed with their test."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import httpx
import pytest_asyncio

from hhperf.search.connect import Endpoints, open_engine
from hhperf.search.engine import SearchEngine, SearchResponse
from hhperf.search.model import Caller, SearchRequest
from hhperf.search.pace import DelayOf, no_delay
from hhperf.search.service import listening, make_service
from hhperf.settings import Settings
from hhperf.stack import Stack

LARGE, SMALL = "tenant-large", "tenant-small"


@dataclass(frozen=True, slots=True)
class Arms:
    """Opens engines and services; each has cache keys of its own unless it is given a prefix."""

    endpoints: Endpoints
    opened: AsyncExitStack

    async def engine(
        self,
        arm: str = "eager",
        delay_of: DelayOf = no_delay,
        at: Endpoints | None = None,
        **settings: Any,
    ) -> SearchEngine:
        """An engine on the stack, or on parts elsewhere; settings by their field names."""
        chosen = {
            "pgvector_pool_min": 0,
            "pgvector_pool_max": 4,
            "search_redis_prefix": f"test:{uuid4().hex}",
            **settings,
        }
        engine = await open_engine(arm, Settings(**chosen), at or self.endpoints, delay_of)
        self.opened.push_async_callback(engine.aclose)
        return engine

    async def client(self, engine: SearchEngine) -> httpx.AsyncClient:
        """An HTTP client of a service around the engine."""
        url = await self.opened.enter_async_context(listening(make_service(engine)))
        client = httpx.AsyncClient(
            base_url=url, timeout=30, headers={"X-Tenant-ID": LARGE}, trust_env=False
        )
        return await self.opened.enter_async_context(client)

    def elsewhere(self, **parts: Any) -> Endpoints:
        """The stack's endpoints with some of them replaced."""
        return replace(self.endpoints, **parts)


@pytest_asyncio.fixture(loop_scope="session")
async def arms(stack: Stack) -> AsyncIterator[Arms]:
    """What opens engines on the shared stack, for one test."""
    async with AsyncExitStack() as opened:
        yield Arms(stack.endpoints, opened)


async def ask(
    engine: SearchEngine, query: str = "", *, tenant: str = LARGE, **body: Any
) -> SearchResponse:
    """Send one search; fields by their names on the wire."""
    request = SearchRequest.from_wire({"query": query, **body})
    return await engine.search(request, Caller(tenant, f"r-{uuid4().hex[:8]}"))
