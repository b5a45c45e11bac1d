"""Asks the parts of a stack whether they are there, over connections that no request takes."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import asyncpg

from hhperf.harness.parts import MakeAsker
from hhperf.search.cache import RedisCache
from hhperf.search.connect import Endpoints
from hhperf.search.provider import JsonProvider
from hhperf.search.settings import Settings

PROVIDER_WITHIN_S = 5.0


def askers_of(settings: Settings, endpoints: Endpoints) -> dict[str, MakeAsker]:
    """What asks each part that a search with these settings stands on, by its name.

    Args:
        settings: of the search; without a reranker none is asked for.
        endpoints: where the parts are.
    """
    askers: dict[str, MakeAsker] = {
        "PostgreSQL": partial(DatabaseAsker, endpoints.postgres),
        "Redis" if settings.redis_host else "Valkey": partial(CacheAsker, endpoints.redis),
        "The embedding provider": partial(ProviderAsker, endpoints.embed_url),
    }
    if settings.enable_rerank and endpoints.rerank_url != endpoints.embed_url:
        askers["The reranking provider"] = partial(ProviderAsker, endpoints.rerank_url)
    return askers


class DatabaseAsker:
    """Asks PostgreSQL for a constant, over a connection that stays open.

    Args:
        where: asyncpg's connection arguments.
    """

    def __init__(self, where: Mapping[str, Any]) -> None:
        self._where = where
        self._connection: Any = None

    async def ask(self) -> None:
        """Ends when it answers.

        Raises:
            OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError: it does not.
        """
        if self._connection is None:
            self._connection = await asyncpg.connect(**self._where)
        connection, self._connection = self._connection, None
        try:
            await connection.execute("SELECT 1")
        except BaseException:
            connection.terminate()  # the next question goes over a new one
            raise
        self._connection = connection

    async def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.terminate()


class CacheAsker:
    """Asks Redis or Valkey what it is.

    Args:
        where: redis-py's connection arguments.
    """

    def __init__(self, where: Mapping[str, Any]) -> None:
        self._cache = RedisCache.connect(**where)

    async def ask(self) -> None:
        """Ends when it answers.

        Raises:
            RedisError, OSError: it does not.
        """
        await self._cache.version()

    async def close(self) -> None:
        """Close the connection."""
        await self._cache.aclose()


class ProviderAsker:
    """Asks a provider for its health.

    Args:
        url: its base address.
    """

    def __init__(self, url: str) -> None:
        self._provider = JsonProvider.connect(url, PROVIDER_WITHIN_S)

    async def ask(self) -> None:
        """Ends when it answers.

        Raises:
            ProviderError: it does not.
        """
        await self._provider.version()

    async def close(self) -> None:
        """Close the connection."""
        await self._provider.aclose()
