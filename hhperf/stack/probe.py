"""Where each part is, as a setting names it or embedded, and what it says of itself."""

import asyncio
from collections.abc import Awaitable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import asyncpg

from hhperf.masking import bare_address, masked
from hhperf.search.cache import RedisCache
from hhperf.search.connect import Endpoints
from hhperf.search.provider import JsonProvider
from hhperf.search.settings import Settings
from hhperf.search.store import version_of
from hhperf.search.tls import postgres_ssl, redis_ssl
from hhperf.stack.embedded import postgres_at
from hhperf.stack.running import Running
from hhperf.stack.servers import valkey_socket


def embedded_parts(settings: Settings) -> frozenset[str]:
    """Which of postgres, redis and providers no setting names."""
    named = {
        "postgres": settings.pgvector_host,
        "redis": settings.redis_host,
        "providers": settings.embed_service_url and settings.rerank_service_url,
    }
    return frozenset(part for part, where in named.items() if not where)


def endpoints(settings: Settings, running: Running | None) -> Endpoints:
    """Each part's address: its setting's, else the embedded server's."""
    url = running.url if running else ""
    return Endpoints(
        postgres=_postgres_endpoint(settings, running),
        redis=_redis_endpoint(settings, running),
        embed_url=settings.embed_service_url or url,
        rerank_url=settings.rerank_service_url or url,
    )


def _postgres_endpoint(settings: Settings, running: Running | None) -> dict[str, Any]:
    if not settings.pgvector_host:
        return postgres_at(running.sockets) if running else {}
    password = settings.pgvector_password
    return {
        "host": settings.pgvector_host,
        "port": settings.pgvector_port,
        "database": settings.pgvector_database,
        "user": settings.pgvector_user,
        "password": password.get_secret_value() if password else None,
        "ssl": postgres_ssl(settings.pgvector_ssl, settings.pgvector_sslrootcert),
    }


def _redis_endpoint(settings: Settings, running: Running | None) -> dict[str, Any]:
    if not settings.redis_host:
        return {"unix_socket_path": str(valkey_socket(running.sockets))} if running else {}
    password = settings.redis_password
    return {
        "host": settings.redis_host,
        "port": settings.redis_port,
        "password": password.get_secret_value() if password else None,
        **redis_ssl(settings.redis_tls, settings.redis_sslrootcert),
    }


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
        ("embedding", settings.embed_service_url, bare_address(embed), _provider(embed)),
        ("rerank", settings.rerank_service_url, bare_address(rerank), _provider(rerank)),
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
        return Part(name, kind, where, problem=masked(str(error)))
    except Exception as error:  # noqa: BLE001 - whatever is wrong is what was asked for
        return Part(
            name, kind, where, problem=masked(f"{type(error).__name__}: {error}".strip(": "))
        )


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
