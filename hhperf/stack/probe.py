"""Asks each part who it is."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx
import redis.asyncio

from hhperf.search.connect import Endpoints
from hhperf.settings import Settings

TIMEOUT_S = 3.0

VERSIONS = """
SELECT current_setting('server_version') AS server,
       (SELECT extversion FROM pg_extension WHERE extname = 'vector') AS vector
"""


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
    """Ask all four parts, one after another."""
    postgres, cache = where.postgres, where.redis
    return (
        await _part("postgres", settings.pgvector_host, _place(postgres), _postgres(postgres)),
        await _part("redis", settings.redis_host, _place(cache), _redis(cache)),
        await _part(
            "embedding",
            settings.embed_service_url,
            _address(where.embed_url),
            _provider(where.embed_url),
        ),
        await _part(
            "rerank",
            settings.rerank_service_url,
            _address(where.rerank_url),
            _provider(where.rerank_url),
        ),
    )


async def _part(name: str, named: str | None, where: str, version: Awaitable[str]) -> Part:
    kind = "external" if named else "embedded"
    try:
        return Part(name, kind, where, version=await version)
    except Exception as error:  # noqa: BLE001 - whatever is wrong is what was asked for
        return Part(name, kind, where, problem=f"{type(error).__name__}: {error}".strip(": "))


async def _postgres(where: Mapping[str, Any]) -> str:
    _must_run(where)
    connection = await asyncpg.connect(**where, timeout=TIMEOUT_S)
    try:
        row = await connection.fetchrow(VERSIONS)
    finally:
        await connection.close()
    return f"PostgreSQL {row['server']}, pgvector {row['vector'] or 'not installed'}"


async def _redis(where: Mapping[str, Any]) -> str:
    _must_run(where)
    client = redis.asyncio.Redis(**where, socket_timeout=TIMEOUT_S)
    try:
        info = await client.info("server")
    finally:
        await client.aclose()
    name = info.get("server_name", "redis").capitalize()
    return f"{name} {info.get('valkey_version', info['redis_version'])}"


async def _provider(url: str) -> str:
    _must_run(url)
    async with httpx.AsyncClient(base_url=url, timeout=TIMEOUT_S) as client:
        response = await client.get("/health")
    response.raise_for_status()
    return str(response.json().get("model", "answers"))


def _must_run(where: object) -> None:
    if not where:
        raise ConnectionError("not running")


def _place(where: Mapping[str, Any]) -> str:
    if "unix_socket_path" in where:
        return str(where["unix_socket_path"])
    host = str(where.get("host", ""))
    return f"{host}:{where['port']}" if "port" in where else host


def _address(url: str) -> str:
    """The address without user and password."""
    return str(httpx.URL(url).copy_with(userinfo=b"")) if url else ""
