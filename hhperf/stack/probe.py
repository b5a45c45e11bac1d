"""Asks each part who it is."""

import asyncio
from collections.abc import Awaitable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import asyncpg

from hhperf.search.cache import RedisCache
from hhperf.search.connect import Endpoints
from hhperf.search.provider import JsonProvider
from hhperf.search.store import version_of
from hhperf.settings import Settings, without_secrets

TIMEOUT_S = 3.0


@dataclass(frozen=True, slots=True)
class Part:
    """One component as it is now.

    Attributes:
        name: postgres, redis, embedding or rerank.
        kind: embedded (started by hhperf) or external (named by a setting).
        where: its address, without secrets; empty when it does not run.
        version: what it says of itself; empty when it does not answer.
        problem: why it does not answer; empty when it does.
    """

    name: str
    kind: str
    where: str
    version: str = ""
    problem: str = ""


async def probe_all(settings: Settings, where: Endpoints) -> tuple[Part, ...]:
    """Ask all four parts at once."""
    embed, rerank = where.embed_url, where.rerank_url
    asked = (
        ("postgres", settings.pgvector_host, place(where.postgres), _postgres(where.postgres)),
        ("redis", settings.redis_host, place(where.redis), _redis(where.redis)),
        ("embedding", settings.embed_service_url, without_secrets(embed), _provider(embed)),
        ("rerank", settings.rerank_service_url, without_secrets(rerank), _provider(rerank)),
    )
    return tuple(await asyncio.gather(*(_part(*each) for each in asked)))


def place(where: Mapping[str, Any]) -> str:
    """A server's socket, or host and port."""
    if "unix_socket_path" in where:
        return str(where["unix_socket_path"])
    host = str(where.get("host", ""))
    return f"{host}:{where['port']}" if "port" in where else host


async def _part(name: str, named: str | None, where: str, version: Awaitable[str]) -> Part:
    kind = "external" if named else "embedded"
    try:
        return Part(name, kind, where, version=await version)
    except ConnectionError as error:
        return Part(name, kind, where, problem=str(error))
    except Exception as error:  # noqa: BLE001 - whatever is wrong is what was asked for
        return Part(name, kind, where, problem=f"{type(error).__name__}: {error}".strip(": "))


async def _postgres(where: Mapping[str, Any]) -> str:
    _must_run(where)
    connection = await asyncpg.connect(**where, timeout=TIMEOUT_S)
    try:
        return await version_of(connection)
    finally:
        await connection.close()


async def _redis(where: Mapping[str, Any]) -> str:
    _must_run(where)
    async with aclosing(RedisCache.connect(**where)) as cache:
        return await cache.version()


async def _provider(url: str) -> str:
    _must_run(url)
    async with aclosing(JsonProvider.connect(url, TIMEOUT_S)) as provider:
        return await provider.version()


def _must_run(where: object) -> None:
    if not where:
        raise ConnectionError("not running")
