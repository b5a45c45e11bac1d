"""From addresses to an engine, and whether the parts of an open one answer."""

import asyncio
from collections.abc import Awaitable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

from redis.exceptions import RedisError

from hhperf.errors import StackError
from hhperf.masking import masked
from hhperf.search.cache import RedisCache
from hhperf.search.coalescing import RequestCoalescer, Uncoalesced
from hhperf.search.embedding import EmbeddingClient
from hhperf.search.engine import SearchEngine
from hhperf.search.provider import JsonProvider, ProviderError
from hhperf.search.rerank import RerankClient
from hhperf.search.schedule import order_of
from hhperf.search.settings import Settings
from hhperf.search.specialty import SpecialtyClient
from hhperf.search.stages import Clients
from hhperf.search.store import STORE_ERRORS, CandidateStore
from hhperf.search.trace import DelayOf, no_delay
from hhperf.search.variant import AS_NAMED, Variant

TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True)
class Health:
    """What the parts said; each is in one of the two.

    Attributes:
        versions: by part, what it says of itself.
        problems: by part, the kind of its failure.
    """

    versions: Mapping[str, str]
    problems: Mapping[str, str]

    @property
    def is_able(self) -> bool:
        """Whether any search can be answered: not without the database."""
        return "postgres" not in self.problems

    def to_wire(self) -> dict[str, Any]:
        """The JSON object of `GET /health`."""
        status = "ok" if not self.problems else "degraded" if self.is_able else "unavailable"
        well = {name: {"status": "ok", "version": said} for name, said in self.versions.items()}
        ill = {name: {"status": "failed", "error": kind} for name, kind in self.problems.items()}
        return {"status": status, "parts": well | ill}


async def check(engine: SearchEngine) -> Health:
    """Ask every part for its version; none is waited for longer than 2 s."""
    clients = engine.clients
    asked = {
        "postgres": clients.store.version(),
        "redis": engine.cache.version(),
        "embedding": clients.embedding.provider.version(),
        "rerank": clients.reranker.provider.version(),
    }
    said = dict(zip(asked, await asyncio.gather(*map(_in_time, asked.values())), strict=True))
    return Health(
        versions={name: each for name, each in said.items() if isinstance(each, str)},
        problems={
            name: type(each).__name__ for name, each in said.items() if isinstance(each, Exception)
        },
    )


async def _in_time(question: Awaitable[str]) -> str | Exception:
    try:
        async with asyncio.timeout(TIMEOUT_S):
            return await question
    except (*STORE_ERRORS, RedisError, ProviderError) as error:
        return error


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where the parts are.

    Attributes:
        postgres: asyncpg's connection arguments.
        redis: redis-py's connection arguments.
        embed_url: the embedding service's base address.
        rerank_url: the reranking service's base address.
    """

    postgres: Mapping[str, Any] = field(repr=False)
    redis: Mapping[str, Any] = field(repr=False)
    embed_url: str = field(repr=False)
    rerank_url: str = field(repr=False)


async def open_engine(
    arm: str,
    settings: Settings,
    endpoints: Endpoints,
    delay_of: DelayOf = no_delay,
    variant: Variant = AS_NAMED,
) -> SearchEngine:
    """An engine with clients, connection pool and coalescers of its own.

    Args:
        arm: a name in `ARMS`, or a schedule.
        settings: what steers the search.
        endpoints: where its parts are.
        delay_of: the modelled least time of each stage.
        variant: how the arm differs from the one of its name.

    Raises:
        ScheduleError: there is no such arm, and it is no schedule.
        StackError: PostgreSQL cannot be reached, or lacks pgvector.
    """
    order_of(arm)
    cache = RedisCache.connect(**endpoints.redis)
    embed = JsonProvider.connect(endpoints.embed_url, settings.embed_service_timeout_ms / 1e3)
    rerank = JsonProvider.connect(endpoints.rerank_url, settings.rerank_service_timeout_ms / 1e3)
    store = await _connected(settings, endpoints)
    share = RequestCoalescer if variant.coalescing else Uncoalesced

    async def close() -> None:
        async with AsyncExitStack() as parts:  # each is closed, also when another fails to
            for part in (cache, rerank, embed, store):
                parts.push_async_callback(part.aclose)

    return SearchEngine(
        arm=arm,
        settings=settings,
        cache=cache,
        clients=Clients(
            embedding=EmbeddingClient(
                provider=embed,
                cache=cache,
                dimensions=settings.pgvector_dimensions,
                ttl_s=settings.cache_embedding_ttl,
                retries=settings.embed_service_retries,
                coalescer=share(),
            ),
            specialty=SpecialtyClient(
                store, cache, settings.cache_specialty_lookup_ttl, coalescer=share()
            ),
            store=store,
            reranker=RerankClient(
                rerank, cache, settings.cache_rerank_scores_ttl, settings.pipeline_rerank_limit
            ),
        ),
        delay_of=delay_of,
        on_close=close,
        speedup=variant.speedup,
    )


async def _connected(settings: Settings, endpoints: Endpoints) -> CandidateStore:
    try:
        return await CandidateStore.connect(settings, endpoints.postgres)
    except (*STORE_ERRORS, ValueError) as error:  # ValueError: the type `vector` is unknown there
        said = masked(str(error)) or type(error).__name__  # a timeout has no words
        raise StackError(
            f"PostgreSQL cannot be used: {said}. `hhperf doctor` says what is wrong."
        ) from error
