"""The embedding of a text: from Redis, else from the embedding service."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hhperf.search.cache import Cache, hashed
from hhperf.search.coalescing import RequestCoalescer
from hhperf.search.model import Caller
from hhperf.search.provider import JsonProvider
from hhperf.search.resilience import CircuitBreaker, ProviderError, with_retries

Vector = NDArray[np.float32]
PATH = "/v1/embeddings/generate"


@dataclass(frozen=True, slots=True)
class EmbeddingClient:
    """Fetches embeddings once for all who ask for the same text at the same time."""

    provider: JsonProvider
    cache: Cache
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
        answer = await self.provider.post(PATH, body, caller, think_s)
        return vector_of(answer.get("embedding"), self.dimensions)


def vector_of(numbers: object, dimensions: int) -> Vector:
    """Numbers from outside as a vector that can be searched with.

    Raises:
        ProviderError: empty, of another length, not finite, all zero, or not numbers at all.
    """
    if not isinstance(numbers, Sequence) or isinstance(numbers, str):
        raise ProviderError("the embedding is not a list of numbers", passing=False)
    try:
        vector = np.asarray(numbers, dtype=np.float32)
    except (TypeError, ValueError, OverflowError):
        raise ProviderError("the embedding is not a list of numbers", passing=False) from None
    if vector.shape != (dimensions,):
        raise ProviderError(
            f"the embedding has shape {vector.shape}, needs {dimensions} numbers", passing=False
        )
    if not np.isfinite(vector).all() or not vector.any():
        raise ProviderError("the embedding is not finite, or all zero", passing=False)
    return vector


def _from_bytes(value: bytes | None, dimensions: int) -> Vector | None:
    if value is None or len(value) != dimensions * 4:
        return None
    return np.frombuffer(value, dtype=np.float32)
