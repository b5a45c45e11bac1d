"""A search's HTTP: what is read from a request, and what a response carries."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from uuid import uuid4

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from hhperf.errors import RequestError
from hhperf.search.cache import CacheScope
from hhperf.search.engine import SearchResponse
from hhperf.search.model import Caller, SearchRequest
from hhperf.search.provider import REQUEST_ID_HEADER, TENANT_HEADER
from hhperf.search.settings import Settings
from hhperf.search.trace import Timings

ID_LENGTH = 128

BODY_BYTES = 1_048_576
"""Twice what the longest request takes with every character of it escaped."""
DRAINED_BYTES = 16 * BODY_BYTES
"""How much of a body that is too large is still read, so that its sender gets to read why."""


def caller_of(request: Request) -> Caller:
    """Who asks, by the headers.

    Raises:
        RequestError: there is no tenant, or a header that cannot be used.
    """
    request_id = _checked_id(request)
    tenant = request.headers.get(TENANT_HEADER, "").strip()
    if not tenant:
        raise RequestError(f"{TENANT_HEADER}: is needed", TENANT_HEADER)
    return Caller(_visible(TENANT_HEADER, tenant), request_id)


def scope_of(request: Request, settings: Settings) -> CacheScope:
    """The cache keys of a request: everybody's, or its own for one that wants no stored answer.

    Such a request says `Cache-Control: no-cache` (RFC 9111); Redis is asked all the same.
    """
    prefix = settings.search_redis_prefix
    if "no-cache" in request.headers.get("Cache-Control", "").lower():
        prefix = f"{prefix}:{uuid4().hex}"
    return CacheScope.of(prefix)


async def search_in(request: Request) -> SearchRequest:
    """The search that the body asks for.

    Raises:
        RequestError: the body is too large, is not JSON, or asks for what cannot be searched.
    """
    body, size = bytearray(), 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= BODY_BYTES:
            body += chunk
        elif size > DRAINED_BYTES:
            break
    if size > BODY_BYTES:
        raise RequestError(f"body: is larger than {BODY_BYTES:,} bytes", "body")
    return SearchRequest.from_json(bytes(body))


def found(request: Request, response: SearchResponse) -> Response:
    """The answer to a search."""
    note_trace(request, response)
    cache = "hit" if response.cache_hit else "miss"
    headers = {
        "Server-Timing": server_timing(response.timings, cache),
        "X-Response-Time": f"{response.timings.total_s * 1e3:.3f}ms",
        "X-Cache-Status": cache,
    }
    return as_json(request, response.to_wire(), headers=headers)


def note_trace(request: Request, response: SearchResponse) -> None:
    """Leave what happened during a search with its request, for whoever tells of both."""
    request.state.trace = response.trace


def failed(request: Request, status: int, message: str, field: str | None = None) -> Response:
    """The answer that says why there is none."""
    named = {"field": field} if field else {}
    return as_json(
        request, {"error": message, **named, "requestId": _id_of(request)}, status=status
    )


def as_json(
    request: Request,
    body: Mapping[str, Any],
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A JSON response under the request's id."""
    return Response(
        to_json(body),
        status_code=status,
        media_type="application/json",
        headers={REQUEST_ID_HEADER: _id_of(request), **(headers or {})},
    )


def server_timing(timings: Timings, cache: str) -> str:
    """The `Server-Timing` header: each stage's own milliseconds, and hit or miss.

    `pool` is what the stages waited for database connections.
    """
    stages = {
        "embedding": timings.embedding_s,
        "specialty": timings.specialty_s,
        "vector": timings.vector_search_s,
        "text": timings.text_search_s,
        "retrieval": timings.retrieval_s,
        "ranking": timings.ranking_s,
        "rerank": timings.rerank_s,
        "pool": timings.pool_wait_s,
        "total": timings.total_s,
    }
    durations = [f"{name};dur={seconds * 1e3:.3f}" for name, seconds in stages.items()]
    return ", ".join([*durations, f'cache;desc="{cache}"'])


def _checked_id(request: Request) -> str:
    """The caller's id, or a new one; what is answered goes under it, errors about it too."""
    given = request.headers.get(REQUEST_ID_HEADER, "").strip()
    request.state.request_id = uuid4().hex
    if given:
        request.state.request_id = _visible(REQUEST_ID_HEADER, given)
    return str(request.state.request_id)


def _id_of(request: Request) -> str:
    if not hasattr(request.state, "request_id"):
        with suppress(RequestError):
            _checked_id(request)
    return str(request.state.request_id)


def _visible(name: str, value: str) -> str:
    if len(value) > ID_LENGTH or not (value.isascii() and value.isprintable()):
        raise RequestError(f"{name}: needs to be {ID_LENGTH} visible characters at most", name)
    return value
