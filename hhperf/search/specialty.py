"""Which specialty a text names: from Redis, else from the taxonomy in PostgreSQL."""

from dataclasses import dataclass, field

from hhperf.search.cache import RedisCache, hashed
from hhperf.search.coalescing import RequestCoalescer
from hhperf.search.model import Caller
from hhperf.search.store import CandidateStore, Waited, untold
from hhperf.search.terms import terms_of

NONE = b"-"
"""Stored for a text that names no specialty, so that it is not looked up again."""


@dataclass(frozen=True, slots=True)
class SpecialtyClient:
    """Looks specialties up once for all who ask about the same text at the same time."""

    store: CandidateStore
    cache: RedisCache
    ttl_s: int
    coalescer: RequestCoalescer[str | None] = field(default_factory=RequestCoalescer)

    async def lookup(
        self,
        text: str,
        caller: Caller,
        prefix: str,
        at_least_s: float = 0.0,
        waited: Waited = untold,
    ) -> tuple[str | None, bool]:
        """The specialty that the text names, None for none, and whether the cache had it.

        Raises:
            OSError, asyncpg.PostgresError, TimeoutError: the database did not answer.
        """
        key = f"{prefix}:specialty:{hashed(caller.tenant, text)}"
        stored = await self.cache.get(key)
        if stored is not None:
            return (None if stored == NONE else stored.decode("utf-8", "replace")), True

        async def fetch() -> str | None:
            specialty = await self.store.specialty(terms_of(text), at_least_s, waited)
            await self.cache.put(
                key, NONE if specialty is None else specialty.encode(), self.ttl_s, jitter=False
            )
            return specialty

        return await self.coalescer.get_or_fetch(key, fetch), False
