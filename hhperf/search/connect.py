"""An engine on real parts: where they are, and how each client is made from the settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from hhperf.errors import StackError
from hhperf.search.cache import RedisCache
from hhperf.search.embedding import EmbeddingClient
from hhperf.search.engine import SearchEngine
from hhperf.search.pace import DelayOf, no_delay
from hhperf.search.provider import JsonProvider
from hhperf.search.rerank import RerankClient
from hhperf.search.specialty import SpecialtyClient
from hhperf.search.stages import Clients
from hhperf.search.store import CandidateStore
from hhperf.settings import Settings


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
    arm: str, settings: Settings, endpoints: Endpoints, delay_of: DelayOf = no_delay
) -> SearchEngine:
    """An engine with clients, connection pool and coalescers of its own.

    Raises:
        StackError: PostgreSQL cannot be reached.
    """
    cache = RedisCache.connect(**endpoints.redis)
    embed = JsonProvider.connect(endpoints.embed_url, settings.embed_service_timeout_ms / 1e3)
    rerank = JsonProvider.connect(endpoints.rerank_url, settings.rerank_service_timeout_ms / 1e3)
    try:
        store = await CandidateStore.connect(settings, endpoints.postgres)
    except (OSError, asyncpg.PostgresError, TimeoutError) as error:
        raise StackError(
            f"PostgreSQL cannot be reached: {error}. `hhperf doctor` says what is wrong."
        ) from error

    async def close() -> None:
        await store.aclose()
        await embed.aclose()
        await rerank.aclose()
        await cache.aclose()

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
            ),
            specialty=SpecialtyClient(store, cache, settings.cache_specialty_lookup_ttl),
            store=store,
            reranker=RerankClient(
                rerank, cache, settings.cache_rerank_scores_ttl, settings.pipeline_rerank_limit
            ),
        ),
        delay_of=delay_of,
        on_close=close,
    )
