"""Engines on the real embedded stack, closed with their test."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
import pytest_asyncio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hhperf.search import service
from hhperf.search.arms import WHOLE_ARMS
from hhperf.search.connect import Endpoints, open_engine
from hhperf.search.engine import SearchEngine, SearchResponse
from hhperf.search.model import Caller, SearchRequest
from hhperf.search.service import listening, make_service
from hhperf.search.settings import Settings
from hhperf.search.trace import DelayOf, no_delay
from hhperf.stack.stack import Stack

LARGE, SMALL = "tenant-large", "tenant-small"
DEAD = "http://127.0.0.1:9"
"""The discard port of loopback, where nothing listens."""

EVERY_ARM = pytest.mark.parametrize("arm", sorted(WHOLE_ARMS))

Answer = Callable[[Request], Awaitable[Response]]
Respond = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Broken = Callable[[str], Awaitable[str]]


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

    async def client(
        self, engine: SearchEngine, answer: service.Answer = service.answer_search
    ) -> httpx.AsyncClient:
        """An HTTP client of a service around the engine."""
        url = await self.opened.enter_async_context(listening(make_service(engine, answer)))
        client = httpx.AsyncClient(
            base_url=url, timeout=30, headers={"X-Tenant-ID": LARGE}, trust_env=False
        )
        return await self.opened.enter_async_context(client)

    async def provider(self, answer: Answer) -> str:
        """The address of a provider of the test's own, whose every answer it decides."""
        service = Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])
        return await self.opened.enter_async_context(listening(service))

    async def peer(self, respond: Respond) -> str:
        """The address of something that need not speak HTTP at all."""
        server = await asyncio.start_server(respond, "127.0.0.1", 0)
        await self.opened.enter_async_context(server)
        return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    def elsewhere(self, **parts: Any) -> Endpoints:
        """The stack's endpoints with some of them replaced."""
        return replace(self.endpoints, **parts)


@pytest_asyncio.fixture(loop_scope="session")
async def arms(stack: Stack) -> AsyncIterator[Arms]:
    """What opens engines on the shared stack, for one test."""
    async with AsyncExitStack() as opened:
        yield Arms(stack.endpoints, opened)


TABLES = ("candidate_profiles", "candidate_embeddings", "specialty_terms")
PROFILE = (
    "candidate_id, tenant_id, current_title, headline, location, country, industries, skills,"
    " years_experience, analysis_confidence, profile"
)
VIEWS: Mapping[str, Mapping[str, str | None]] = {
    "vector": {"candidate_embeddings": None},
    "text": {"candidate_profiles": f"SELECT {PROFILE}, full_name FROM search.candidate_profiles"},
    "both": {
        "candidate_embeddings": None,
        "candidate_profiles": f"SELECT {PROFILE}, full_name FROM search.candidate_profiles",
    },
    "specialty": {"specialty_terms": None},
    "hydration": {
        "candidate_profiles": f"SELECT {PROFILE}, search_document FROM search.candidate_profiles"
    },
    "weighted": {
        "candidate_profiles": f"""
            SELECT {PROFILE}, full_name,
                   setweight(to_tsvector('portuguese', coalesce(current_title, '')), 'A')
                   || setweight(to_tsvector('portuguese', coalesce(headline, '')), 'B')
                   || setweight(to_tsvector('portuguese', search.joined(skills)), 'C')
                   || setweight(to_tsvector('portuguese', search.joined(industries)), 'D')
                   AS search_document
            FROM search.candidate_profiles
        """
    },
    "slow vector": {
        "candidate_embeddings": "SELECT * FROM search.candidate_embeddings"
        " WHERE (SELECT pg_sleep(60)) IS NOT NULL"
    },
    "slow specialty": {
        "specialty_terms": "SELECT * FROM search.specialty_terms"
        " WHERE (SELECT pg_sleep(60)) IS NOT NULL"
    },
}
"""What to break, and how: a view that is missing, lacks or changes what is read, or sleeps."""


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def broken(stack: Stack) -> AsyncIterator[Broken]:
    """Makes schemas over the shared tables in which one stage really fails."""
    connection = await asyncpg.connect(**stack.endpoints.postgres)
    made: dict[str, str] = {}

    async def make(what: str) -> str:
        if what not in made:
            made[what] = f"broken_{uuid4().hex[:8]}"
            await connection.execute(f"CREATE SCHEMA {made[what]}")
            for table in TABLES:
                query = VIEWS[what].get(table, f"SELECT * FROM search.{table}")
                if query:
                    await connection.execute(f"CREATE VIEW {made[what]}.{table} AS {query}")
        return made[what]

    yield make
    for schema in made.values():
        await connection.execute(f"DROP SCHEMA {schema} CASCADE")
    await connection.close()


async def ask(
    engine: SearchEngine, query: str = "", *, tenant: str = LARGE, **body: Any
) -> SearchResponse:
    """Send one search; fields by their names on the wire."""
    request = SearchRequest.from_wire({"query": query, **body})
    return await engine.search(request, Caller(tenant, f"r-{uuid4().hex[:8]}"))
