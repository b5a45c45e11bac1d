"""One search from request to response: the result cache, an arm, the timings."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from time import perf_counter_ns
from typing import Any

from pydantic_core import to_json

from hhperf.search.cache import CacheScope, RedisCache, decoded, hashed
from hhperf.search.model import Caller, SearchRequest
from hhperf.search.schedule import order_of
from hhperf.search.settings import Settings
from hhperf.search.stages import Clients, Stages
from hhperf.search.trace import DelayOf, Timings, Trace, no_delay, wait_until
from hhperf.search.usage import using
from hhperf.search.virtual_clock import Speedup, VirtualClock


@dataclass(frozen=True, slots=True)
class SearchResponse:
    """What a search answers.

    Attributes:
        results: the candidates in order, each the JSON object of the wire.
        total_found: how many pass the filters, over all pages.
        trace: the spans and cache answers behind the timings.
    """

    results: tuple[Mapping[str, Any], ...]
    total_found: int
    cache_hit: bool
    request_id: str
    timings: Timings
    trace: Trace
    metadata: Mapping[str, Any]
    debug: Mapping[str, Any] | None = None

    @property
    def total(self) -> int:
        """How many results this page has, which is what the deployed service calls the total."""
        return len(self.results)

    def to_wire(self) -> dict[str, Any]:
        """The response's JSON object."""
        body = {
            "results": list(self.results),
            "total": self.total,
            "totalFound": self.total_found,
            "cacheHit": self.cache_hit,
            "requestId": self.request_id,
            "timings": self.timings.to_wire(),
            "metadata": dict(self.metadata),
        }
        return body if self.debug is None else body | {"debug": dict(self.debug)}


@dataclass(frozen=True, slots=True)
class SearchEngine:
    """Answers searches with one arm.

    Attributes:
        arm: a name in `ARMS`, or a schedule as `Schedule.parse` reads it.
        delay_of: the modelled least time of each stage; nothing is modelled by default.
        on_close: closes what the clients hold open.
        speedup: a stage that is to seem quicker, whose gain is modelled; None for none.
    """

    arm: str
    settings: Settings
    cache: RedisCache
    clients: Clients
    delay_of: DelayOf = no_delay
    on_close: Callable[[], Awaitable[None]] | None = field(default=None, repr=False)
    speedup: Speedup | None = None

    async def search(
        self, request: SearchRequest, caller: Caller, scope: CacheScope | None = None
    ) -> SearchResponse:
        """Answer one request.

        Raises:
            EmbeddingError: the query has no embedding.
            RetrievalError: the database did not answer.
        """
        trace = Trace()
        scope = scope or CacheScope.of(self.settings.search_redis_prefix)
        return await using(trace.usage, self._search(request, caller, scope, trace))

    async def _search(
        self, request: SearchRequest, caller: Caller, scope: CacheScope, trace: Trace
    ) -> SearchResponse:
        key = f"{scope.results}:result:{result_key(request, caller)}"
        stored = await self._stored(key, caller, trace)
        if stored is not None:
            return self._response(stored, request, caller, trace, cache_hit=True)
        answer = await self._found(request, caller, scope, trace)
        if not trace.missing:  # what lacks a part is not what the next caller should get
            await self._store(key, answer, trace)
        return self._response(answer, request, caller, trace, cache_hit=False)

    async def search_anew(
        self, request: SearchRequest, caller: Caller, scope: CacheScope
    ) -> SearchResponse:
        """Answer one request and let the result cache alone: it is neither asked nor told.

        Raises:
            EmbeddingError: the query has no embedding.
            RetrievalError: the database did not answer.
        """
        trace = Trace()
        answer = await self._found(request, caller, scope, trace)
        return self._response(answer, request, caller, trace, cache_hit=False)

    async def aclose(self) -> None:
        """Close every connection."""
        if self.on_close is not None:
            await self.on_close()

    async def _found(
        self, request: SearchRequest, caller: Caller, scope: CacheScope, trace: Trace
    ) -> dict[str, Any]:
        stages = Stages(self.clients, self.settings, request, caller, scope, trace, self.delay_of)
        if self.speedup is None:
            found = await order_of(self.arm).run(stages)
        else:
            clock = VirtualClock(self.speedup)
            found = await order_of(self.arm).run(stages, around=clock.around)
            trace.gained_ns, trace.on_clock = clock.gained_ns, clock.mapped
        return {
            "results": [each.to_wire() for each in found["rerank"]],
            "totalFound": found["hydration"].total_found,
        }

    async def _stored(self, key: str, caller: Caller, trace: Trace) -> dict[str, Any] | None:
        start = perf_counter_ns()
        with trace.span("cache") as span:
            answer = _answer_in(await self.cache.get(key))
            trace.cache_hits["result"] = answer is not None
            if answer is not None:
                span.modelled_s = self.delay_of("cache_hit", caller.request_id)
                await wait_until(start + round(span.modelled_s * 1e9))
        return answer

    async def _store(self, key: str, answer: Mapping[str, Any], trace: Trace) -> None:
        with trace.span("cache"):
            await self.cache.put(key, to_json(answer), self.settings.cache_search_results_ttl)

    def _response(
        self,
        answer: Mapping[str, Any],
        request: SearchRequest,
        caller: Caller,
        trace: Trace,
        *,
        cache_hit: bool,
    ) -> SearchResponse:
        total_s = (perf_counter_ns() - trace.start_ns) / 1e9
        timings = Timings.of(trace.spans, total_s, trace.pool_waits)
        return SearchResponse(
            results=tuple(answer["results"]),
            total_found=answer["totalFound"],
            cache_hit=cache_hit,
            request_id=caller.request_id,
            timings=timings,
            trace=trace,
            metadata={
                "tenantId": caller.tenant,
                "arm": self.arm,
                "missing": list(trace.missing),
                "modelled": trace.modelled,
                "warnings": list(trace.warnings),
                "unknownFields": list(request.unknown_fields),
            },
            debug=self._debug(timings) if request.include_debug else None,
        )

    def _debug(self, timings: Timings) -> dict[str, Any]:
        wire = timings.to_wire()
        return {
            "parallelExecution": {
                "enabled": self.arm != "sequential",
                "preSearchMs": wire["preSearchMs"],
                "parallelSavingsMs": wire["parallelSavingsMs"],
            }
        }


CHANGE_NOTHING = ("includeDebug", "enableNlp", "signalWeights", "anonymizedView")
"""Fields of a request that its results do not depend on here."""


def _answer_in(stored: bytes | None) -> dict[str, Any] | None:
    """The stored answer; None for nothing, and for what is no answer."""
    answer = decoded(stored)
    match answer:
        case {"results": [*_], "totalFound": int()}:
            return dict(answer)
    return None


def result_key(request: SearchRequest, caller: Caller) -> str:
    """A key for the whole answer: everything in the request that changes it, and the tenant.

    `jdHash`, when given, stands for the job description.
    """
    asked = request.to_wire()
    for name in CHANGE_NOTHING:
        asked.pop(name, None)
    if request.jd_hash:
        asked.pop("jobDescription", None)
    return hashed(caller.tenant, asked)
