"""The embedding of a text: from Redis, else from the embedding service."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hhperf.search.cache import RedisCache, hashed
from hhperf.search.coalescing import RequestCoalescer
from hhperf.search.model import Caller
from hhperf.search.provider import (
    EMBED_PATH,
    CircuitBreaker,
    JsonProvider,
    ProviderError,
    with_retries,
)

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class EmbeddingClient:
    """Fetches embeddings once for all who ask for the same text at the same time."""

    provider: JsonProvider
    cache: RedisCache
    dimensions: int
    ttl_s: int
    retries: int
    breaker: CircuitBreaker = field(default_factory=CircuitBreaker)
    coalescer: RequestCoalescer[Vector] = field(default_factory=RequestCoalescer)

    async def lookup(
        self, text: str, caller: Caller, prefix: str, think_s: float = 0.0
    ) -> tuple[Vector, bool]:
        """The text's embedding, and whether the cache had it.

        Returns:
            A vector of `dimensions` float32, and True for a cache hit.

        Raises:
            ProviderError: the service failed, or answered something that is no embedding.
        """
        key = f"{prefix}:embedding:{hashed(caller.tenant, text)}"
        stored = _from_bytes(await self.cache.get(key), self.dimensions)
        if stored is not None:
            return stored, True

        async def fetch() -> Vector:
            vector = await self.breaker.call(
                lambda: with_retries(
                    lambda: self._generate(text, caller, think_s), retries=self.retries
                )
            )
            await self.cache.put(key, vector.tobytes(), self.ttl_s)
            return vector

        return await self.coalescer.get_or_fetch(key, fetch), False

    async def _generate(self, text: str, caller: Caller, think_s: float) -> Vector:
        body = {"text": text, "metadata": {"source": "hybrid-search"}}
        numbers = (await self.provider.post(EMBED_PATH, body, caller, think_s)).get("embedding")
        if numbers == []:
            raise ProviderError("the embedding is empty", passing=False)
        try:
            return vector_of(numbers, self.dimensions)
        except ValueError as error:
            raise ProviderError(f"the embedding {error}", passing=True) from None


def vector_of(numbers: object, dimensions: int) -> Vector:
    """Numbers from outside as a vector that can be searched with.

    Raises:
        ValueError: of another length, not finite, all zero, or not numbers at all.
    """
    try:
        with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused below
            vector = np.asarray(numbers, dtype=np.float32)
    except (TypeError, ValueError, OverflowError):
        raise ValueError("is not a list of numbers") from None
    if vector.shape != (dimensions,):
        raise ValueError(f"needs {dimensions} numbers, has shape {vector.shape}")
    if not np.isfinite(vector).all() or not vector.any():
        raise ValueError("is not finite, or all zero")
    return vector


def _from_bytes(value: bytes | None, dimensions: int) -> Vector | None:
    if value is None or len(value) != dimensions * 4:
        return None
    vector = np.frombuffer(value, dtype=np.float32)
    return vector if np.isfinite(vector).all() else None
