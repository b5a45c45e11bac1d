"""A search over HTTP as the deployed service answers it: its result cache and what it reports.

It differs from this kit's own service in what it tells of a search, and so is what reading a
deployment is tried on:

- its cache key holds tenant, query, filters, limit, offset and job description (or `jdHash`) and
  nothing else, and `Cache-Control` is not heeded;
- an answer from the cache carries the timings of the search that was stored, in the body and in
  `Server-Timing`;
- `cacheMs` of an answer that was searched for is the elapsed time of the whole search;
- vector and text search are one statement, so `retrievalMs` is told and neither of them.
"""

from dataclasses import dataclass
from time import perf_counter_ns
from typing import Any

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from hhperf.search import http
from hhperf.search.cache import CacheScope, decoded, hashed
from hhperf.search.engine import SearchEngine, SearchResponse
from hhperf.search.model import Caller, SearchRequest
from hhperf.search.settings import Settings
from hhperf.search.trace import wait_until

KEYED = ("query", "filters", "limit", "offset", "jobDescription")
"""The fields of a request that the result cache goes by; `jdHash` stands for the last."""

TIMED = ("totalMs", "embeddingMs", "retrievalMs", "rankingMs", "rerankMs")
"""What the deployed service tells of a search besides `cacheMs`."""

HEADER = {
    "embedding": "embeddingMs", "retrieval": "retrievalMs", "rerank": "rerankMs",
    "total": "totalMs",
}  # fmt: skip
"""The metrics of `Server-Timing`, by the timings that they repeat."""


def shipped_arm(settings: Settings) -> str:
    """What is deployed, by its flag `ENABLE_PARALLEL_PRE_SEARCH`: the plan as it was shipped."""
    return "as_shipped" if settings.enable_parallel_pre_search else "as_shipped_sequential"


@dataclass(frozen=True, slots=True)
class AnswerAsDeployed:
    """Answers searches as the deployed service does.

    Attributes:
        result_cache: whether whole answers are cached; lookups always are.
    """

    result_cache: bool = True

    async def __call__(self, engine: SearchEngine, request: Request) -> Response:
        """Answer a search.

        Raises:
            SearchError: there is no answer.
        """
        start_ns = perf_counter_ns()
        caller, asked = http.caller_of(request), await http.search_in(request)
        scope = CacheScope.of(engine.settings.search_redis_prefix)
        key = f"{scope.results}:deployed:{deployed_key(asked, caller)}"
        body = await _stored(engine, key, caller, start_ns) if self.result_cache else None
        if body is not None:
            return _response(request, body | {"requestId": caller.request_id}, start_ns)
        response = await engine.search_anew(asked, caller, scope)
        http.note_trace(request, response)
        body = _body(response, start_ns)
        if self.result_cache and not response.trace.missing:
            stored, ttl_s = to_json(body), engine.settings.cache_search_results_ttl
            await engine.cache.put(key, stored, ttl_s)
        return _response(request, body, start_ns)


def deployed_key(request: SearchRequest, caller: Caller) -> str:
    """A hash of what the deployed service's result cache goes by."""
    asked = request.to_wire()
    keyed = {name: asked.get(name) for name in KEYED}
    if request.jd_hash:
        keyed["jobDescription"] = request.jd_hash
    return hashed(caller.tenant, keyed)


async def _stored(
    engine: SearchEngine, key: str, caller: Caller, start_ns: int
) -> dict[str, Any] | None:
    """The body that was stored, as a hit; None for nothing, and for what is none."""
    match decoded(await engine.cache.get(key)):
        case {"results": [*_], "timings": {**_told}} as body:
            delay_s = engine.delay_of("cache_hit", caller.request_id)
            await wait_until(start_ns + round(delay_s * 1e9))
            return dict(body) | {"cacheHit": True}
    return None


def _body(response: SearchResponse, start_ns: int) -> dict[str, Any]:
    body = response.to_wire()
    del body["totalFound"]
    timed = {name: body["timings"][name] for name in TIMED}
    return body | {"timings": timed | {"cacheMs": _since_ms(start_ns)}}


def _response(request: Request, body: dict[str, Any], start_ns: int) -> Response:
    cache = "hit" if body["cacheHit"] else "miss"
    durations = [f"{metric};dur={body['timings'][name]}" for metric, name in HEADER.items()]
    headers = {
        "Server-Timing": ", ".join([*durations, f'cache;desc="{cache}"']),
        "X-Response-Time": f"{_since_ms(start_ns):.3f}ms",
        "X-Cache-Status": cache,
    }
    return http.as_json(request, body, headers=headers)


def _since_ms(start_ns: int) -> float:
    return round((perf_counter_ns() - start_ns) / 1e6, 3)
