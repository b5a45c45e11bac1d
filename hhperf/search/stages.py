"""Every stage of a search, once. The arms differ only in when they call them.

Each method is one timed span with its inputs as arguments. What a stage does when a part fails is
decided here, so it is the same in every arm: no embedding ends the search, a specialty or a search
method or a reranker that fails is named as missing and the search goes on.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from hhperf.errors import EmbeddingError, RequestError, RetrievalError
from hhperf.search.cache import CacheScope
from hhperf.search.embedding import EmbeddingClient, Vector, vector_of
from hhperf.search.filtering import filters_in_force, spared
from hhperf.search.fusion import Hit, reciprocal_rank_fusion, weighted_sum
from hhperf.search.model import Caller, Candidate, Fused, SearchRequest
from hhperf.search.provider import ProviderError
from hhperf.search.ranking import rank
from hhperf.search.rerank import RerankClient, reordered
from hhperf.search.settings import Settings
from hhperf.search.specialty import SpecialtyClient
from hhperf.search.store import STORE_ERRORS, CandidateStore, Page
from hhperf.search.trace import DelayOf, OpenSpan, Trace, lasting, no_delay

log = logging.getLogger(__name__)

NO_EMBEDDING = "Failed to generate embedding for search query."
Hits = tuple[Hit, ...] | None
"""What a search method found; None when it could not be asked."""


@dataclass(frozen=True, slots=True)
class Clients:
    """The parts a search talks to."""

    embedding: EmbeddingClient
    specialty: SpecialtyClient
    store: CandidateStore
    reranker: RerankClient


@dataclass(frozen=True, slots=True)
class Stages:
    """The stages of one search, bound to its request."""

    clients: Clients
    settings: Settings
    request: SearchRequest
    caller: Caller
    scope: CacheScope
    trace: Trace
    delay_of: DelayOf = no_delay

    async def embedding(self) -> Vector:
        """The query's embedding: the caller's own, else Redis's, else the service's.

        Raises:
            EmbeddingError: there is none, so the search ends.
            RequestError: the caller's own cannot be searched with.
        """
        if self.request.embedding:
            return self._own_embedding()
        delay_s = self._delay("embedding")
        with self.trace.span("embedding", delay_s) as span:
            try:
                vector, hit = await self.clients.embedding.lookup(
                    self.request.text, self.caller, self.scope.lookups, delay_s
                )
            except ProviderError as error:
                log.warning("embedding: %s", error)
                raise EmbeddingError(NO_EMBEDDING) from error
            self._answered_by_cache("embedding", span, hit=hit)
        return vector

    async def specialty(self) -> str | None:
        """The specialty that the request names; None also when the lookup failed."""
        if not self.request.text.strip():
            return None
        delay_s = self._delay("specialty")
        with self.trace.span("specialty", delay_s) as span:
            try:
                specialty, hit = await self.clients.specialty.lookup(
                    self.request.text,
                    self.caller,
                    self.scope.lookups,
                    delay_s,
                    self.trace.waited,
                )
            except STORE_ERRORS as error:
                self._goes_on_without("specialty", error)
                return None
            self._answered_by_cache("specialty", span, hit=hit)
        return specialty

    async def no_specialty(self) -> str | None:
        """The lookup as it was shipped: a placeholder that finds nothing, at once."""
        with self.trace.span("specialty"):
            return None

    async def vector_search(self, embedding: Vector) -> Hits:
        """The nearest candidates; None when the search failed."""
        delay_s = self._delay("vector")
        with self.trace.span("vector", delay_s):
            try:
                return await self.clients.store.vector_search(
                    self.caller.tenant, embedding, delay_s, self.trace.waited
                )
            except STORE_ERRORS as error:
                self._goes_on_without("vectorSearch", error)
                return None

    async def text_search(self) -> Hits:
        """The candidates that hold the query's words; None when the search failed."""
        if not self.request.query.strip():
            return ()
        delay_s = self._delay("text")
        with self.trace.span("text", delay_s):
            try:
                return await self.clients.store.text_search(
                    self.caller.tenant, self.request.query, delay_s, self.trace.waited
                )
            except STORE_ERRORS as error:
                self._goes_on_without("textSearch", error)
                return None

    async def both_searches(self, embedding: Vector) -> tuple[Hits, Hits]:
        """Both searches in one statement."""
        return await self._in_one_statement(embedding, counted=False)

    async def counted_searches(self, embedding: Vector) -> tuple[Hits, Hits]:
        """The same as deployed: after a count of the tenant's candidates that nothing needs."""
        return await self._in_one_statement(embedding, counted=True)

    async def _in_one_statement(self, embedding: Vector, *, counted: bool) -> tuple[Hits, Hits]:
        """Ask for both searches at once.

        That fails as a whole; then each search is asked on its own, so that one of them is enough
        in these arms too.
        """
        delay_s = self._delay("statement")
        with self.trace.span("statement", delay_s):
            try:
                return await self.clients.store.both_searches(
                    self.caller.tenant,
                    embedding,
                    self.request.query,
                    delay_s,
                    self.trace.waited,
                    counted=counted,
                )
            except STORE_ERRORS as error:
                log.warning("both searches in one statement: %r; asking each", error)
        return await self.vector_search(embedding), await self.text_search()

    async def fuse(self, vector: Hits, text: Hits) -> tuple[Fused, ...]:
        """Both lists as one, without what resembles the query too little.

        Raises:
            RetrievalError: neither search answered.
        """
        if vector is None and (text is None or not self.request.query.strip()):
            raise RetrievalError("Neither vector search nor text search answered.")
        with self.trace.span("fusion"):
            fuse = reciprocal_rank_fusion if self.settings.enable_rrf else weighted_sum
            fused = fuse(vector or (), text or (), k=self.settings.search_rrf_k)
            least = self.settings.search_min_similarity
            return tuple(
                each for each in fused if each.vector_score >= least or each.text_score > 0
            )

    async def fuse_both(self, found: tuple[Hits, Hits]) -> tuple[Fused, ...]:
        """The same of what one statement found."""
        return await self.fuse(*found)

    async def hydrate(self, fused: Sequence[Fused]) -> Page:
        """The profiles of one page, filtered.

        Raises:
            RetrievalError: the database did not answer.
        """
        with self.trace.span("hydration"):
            try:
                return await self.clients.store.page(
                    self.caller.tenant,
                    fused,
                    filters_in_force(self.request, self.settings),
                    limit=min(self.request.limit, self.settings.search_max_results),
                    offset=self.request.offset,
                    spared=spared(fused, self.settings),
                    waited=self.trace.waited,
                )
            except STORE_ERRORS as error:
                log.warning("hydration: %r", error)
                raise RetrievalError("The candidates' profiles could not be read.") from error

    async def rank(self, page: Page, specialty: str | None) -> tuple[Candidate, ...]:
        """The page's candidates by how well they fit."""
        delay_s = self._delay("ranking")
        with self.trace.span("ranking", delay_s):
            async with lasting(delay_s):
                best = page.candidates[: self.settings.pipeline_scoring_limit]
                return rank(best, self.request, specialty)

    async def rerank(self, ranked: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
        """The order that the reranking service prefers.

        As it was when reranking is off, when there is no text to rerank by, and when it fails.
        """
        if not self.settings.enable_rerank or not ranked or not self.request.role.strip():
            return ranked
        delay_s = self._delay("rerank")
        with self.trace.span("rerank", delay_s) as span:
            try:
                scores, hit = await self.clients.reranker.scores(
                    self.request, ranked, self.caller, self.scope.lookups, delay_s
                )
            except ProviderError as error:
                self._goes_on_without("rerank", error)
                return ranked
            self._answered_by_cache("rerank", span, hit=hit)
        return reordered(ranked, scores)

    def _own_embedding(self) -> Vector:
        try:
            return vector_of(self.request.embedding, self.settings.pgvector_dimensions)
        except ValueError as error:
            raise RequestError(f"embedding: {error}", "embedding") from None

    def _delay(self, stage: str) -> float:
        return self.delay_of(stage, self.caller.request_id)

    def _answered_by_cache(self, layer: str, span: OpenSpan, *, hit: bool) -> None:
        self.trace.cache_hits[layer] = hit
        if hit:
            span.modelled_s = 0.0  # the delay is the service's, and the service was not asked

    def _goes_on_without(self, stage: str, error: Exception) -> None:
        log.warning("%s: %r; the search goes on without it", stage, error)
        self.trace.miss(stage, error)
