"""An arm in this process as a target of the harness."""

import logging
from collections.abc import Mapping
from time import perf_counter_ns
from uuid import uuid4

from hhperf.experiment.latency_profiles import LatencyProfile
from hhperf.experiment.leavings import Leavings
from hhperf.experiment.part_askers import askers_of
from hhperf.harness.parts import MakeAsker
from hhperf.harness.replay_plan import CacheState
from hhperf.harness.target import Reply, Request
from hhperf.runs.observation import CacheLayer, Cost, Span
from hhperf.search.cache import CacheScope, RedisCache
from hhperf.search.connect import Endpoints, open_engine
from hhperf.search.engine import SearchEngine, SearchResponse
from hhperf.search.model import Caller, SearchRequest
from hhperf.search.settings import Settings
from hhperf.search.trace import Trace
from hhperf.search.variant import AS_NAMED, Variant

log = logging.getLogger(__name__)


class ArmTarget:
    """One schedule with an engine of its own: connection pool, coalescers and key prefix.

    Its cache state is made by the prefixes alone, so that every request still asks Redis:

    - cold: each request has a prefix of its own and finds nothing;
    - warm: lookups share one prefix and find what was looked up before; results never do, since a
      search answered from the result cache is no search;
    - natural: one prefix for both, as in production.

    What a request has written under a prefix of its own is removed after its end (`tidy`), over a
    connection that no search uses.

    Targets of one arm in several processes are given the same prefix: caches are the arm's, and
    what one process has looked up the others find.
    """

    def __init__(
        self,
        arm: str,
        settings: Settings,
        endpoints: Endpoints,
        profile: LatencyProfile,
        cache_state: CacheState,
        *,
        prefix: str | None = None,
        variant: Variant = AS_NAMED,
    ) -> None:
        self.name = variant.named(arm)
        self._arm = arm
        self._variant = variant
        self._settings = settings
        self._endpoints = endpoints
        self._profile = profile
        self._cache_state = cache_state
        self._prefix = prefix or f"{settings.search_redis_prefix}:{uuid4().hex[:12]}"
        self._leavings = Leavings(f"{self._prefix}:{uuid4().hex[:12]}")
        self._broom = RedisCache.connect(**endpoints.redis)
        self._engine: SearchEngine | None = None

    async def open(self) -> None:
        """Connect.

        Raises:
            StackError: PostgreSQL cannot be reached.
        """
        self._engine = await open_engine(
            self._arm, self._settings, self._endpoints, self._profile.delay_s, self._variant
        )
        if isinstance(self._engine.cache, RedisCache):
            self._engine.cache.on_put = self._leavings.note

    def parts(self) -> dict[str, object]:
        """What this target would share with another only by mistake."""
        if self._engine is None:
            return {"cache prefix": self._prefix}
        clients = self._engine.clients
        return {
            "cache prefix": self._prefix,
            "connection pool": clients.store,
            "embedding coalescer": clients.embedding.coalescer,
            "specialty coalescer": clients.specialty.coalescer,
        }

    def needs(self) -> Mapping[str, MakeAsker]:
        """The parts of the stack that this target stands on."""
        return askers_of(self._settings, self._endpoints)

    async def warm_connections(self) -> None:
        """Open every pooled connection and run each statement past five executions."""
        await self._opened.clients.store.warm()

    async def send(self, request: Request) -> Reply:
        """Answer one logged request.

        Raises:
            SearchError: the request cannot be answered.
        """
        with self._leavings.request() as own:
            response = await self._opened.search(
                SearchRequest.from_wire(request.body),
                Caller(request.tenant, request.request_id),
                self._scope(own),
            )
        return reply_of(response)

    async def tidy(self) -> None:
        """Remove what requests that have ended wrote under prefixes of their own."""
        keys = self._leavings.take()
        if keys and not await self._broom.remove(keys):
            log.warning("%d keys of ended requests stay until their time to live ends", len(keys))

    async def close(self) -> None:
        """Remove what this target cached, and close its connections."""
        if self._engine is not None:
            if isinstance(self._engine.cache, RedisCache):
                await self._engine.cache.clear(self._prefix)
            await self._broom.aclose()
            await self._engine.aclose()

    @property
    def _opened(self) -> SearchEngine:
        if self._engine is None:
            raise RuntimeError("the target is not open")
        return self._engine

    def _scope(self, own: str) -> CacheScope:
        match self._cache_state:
            case CacheState.COLD:
                return CacheScope.of(own)
            case CacheState.WARM:
                return CacheScope(results=own, lookups=self._prefix)
            case CacheState.NATURAL:
                return CacheScope.of(self._prefix)


def reply_of(response: SearchResponse) -> Reply:
    """What the harness records of a response."""
    trace = response.trace
    spans = [*trace.spans, *trace.pool_waits]
    if trace.on_clock is not None:
        spans = [trace.on_clock(span) for span in spans]
    return Reply(
        results=tuple((each["candidateId"], each["score"]) for each in response.results),
        spans=tuple(
            Span(span.stage, span.start_ns, span.end_ns, span.modelled_ns) for span in spans
        ),
        cache_hits={CacheLayer(layer): hit for layer, hit in trace.cache_hits.items()},
        missing=tuple(trace.missing),
        cost=_cost(trace),
        cache_failures=trace.usage.cache_failures,
        end_ns=perf_counter_ns() - trace.gained_ns if trace.gained_ns else 0,
    )


def _cost(trace: Trace) -> Cost:
    usage = trace.usage
    return Cost(
        connections=usage.connections,
        connection_ns=usage.connection_ns,
        wait_ns=sum(wait.duration_ns for wait in trace.pool_waits),
        statement_ns=usage.statement_ns,
        sent_bytes=usage.sent_bytes,
        received_bytes=usage.received_bytes,
        service_ns=usage.service_ns,
        database_ns=usage.database_ns,
    )
