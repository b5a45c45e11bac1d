"""Embeddings: from Redis, else from the service, once for all who ask."""

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from hhperf.search.embedding import vector_of
from hhperf.search.engine import SearchEngine
from hhperf.search.model import Caller
from hhperf.search.provider import ProviderError
from tests.search.conftest import Arms

pytestmark = pytest.mark.asyncio(loop_scope="session")

CALLER = Caller("tenant-large", "r-1")
GOOD = [1.0] + [0.0] * 767


@dataclass
class Service:
    """An embedding service whose answers are given one by one; the last one is repeated."""

    answers: Sequence[Any]
    asked: list[dict[str, Any]] = field(default_factory=list)
    was_asked: asyncio.Event = field(default_factory=asyncio.Event)
    hold: asyncio.Event | None = None

    async def answer(self, request: Request) -> Response:
        """The next answer: a status, or an embedding."""
        self.asked.append(await request.json())
        self.was_asked.set()
        if self.hold is not None:
            await self.hold.wait()
        answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
        if isinstance(answer, int):
            return Response(status_code=answer)
        body = {"embedding": answer, "provider": "x", "model": "x", "dimensions": 768}
        return JSONResponse(body)


async def engine_with(arms: Arms, service: Service, **settings: Any) -> SearchEngine:
    """An engine that asks this service."""
    return await arms.engine(
        at=arms.elsewhere(embed_url=await arms.provider(service.answer)), **settings
    )


async def embed(engine: SearchEngine, text: str = "java", caller: Caller = CALLER) -> Any:
    """A vector and whether the cache had it."""
    prefix = engine.settings.search_redis_prefix
    return await engine.clients.embedding.lookup(text, caller, prefix)


async def when_so_many_miss(engine: SearchEngine, count: int) -> None:
    """Once so many callers have found nothing in Redis: what they wait for then is the service."""
    cache, missed = engine.clients.embedding.cache, asyncio.Event()
    get, misses = cache.get, itertools.count(1)

    async def counted(key: str) -> bytes | None:
        value = await get(key)
        if value is None and next(misses) == count:
            missed.set()
        return value

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache, "get", counted)
        await missed.wait()


async def test_fetched_once_then_remembered(arms: Arms) -> None:
    """The second time Redis has it, exactly as it was."""
    service = Service([GOOD])
    engine = await engine_with(arms, service)
    first, second = await embed(engine), await embed(engine)
    assert [hit for _, hit in (first, second)] == [False, True]
    assert np.array_equal(first[0], second[0])
    assert service.asked == [{"text": "java", "metadata": {"source": "hybrid-search"}}]


async def test_tenants_and_texts_are_apart(arms: Arms) -> None:
    """No tenant is answered from what another one asked."""
    service = Service([GOOD])
    engine = await engine_with(arms, service)
    other = Caller("tenant-small", "r-2")
    hits = [await embed(engine), await embed(engine, caller=other), await embed(engine, "Java")]
    assert [hit for _, hit in hits] == [False, False, False]


async def test_callers_at_once_share_a_fetch(arms: Arms) -> None:
    """Ten callers, one request."""
    service = Service([GOOD], hold=asyncio.Event())
    engine = await engine_with(arms, service)
    callers = [asyncio.create_task(embed(engine)) for _ in range(10)]
    await when_so_many_miss(engine, len(callers))
    assert service.hold is not None
    service.hold.set()
    await asyncio.gather(*callers)
    assert len(service.asked) == 1


async def test_a_passing_failure_is_retried(arms: Arms) -> None:
    """Two failures, then an answer: the caller notices nothing."""
    service = Service([503, "garbage", GOOD])
    vector, _ = await embed(await engine_with(arms, service))
    assert vector[0] == 1.0
    assert len(service.asked) == 3


async def test_a_refusal_is_not_retried(arms: Arms) -> None:
    """The same text would be refused again."""
    service = Service([400, GOOD])
    with pytest.raises(ProviderError, match="400"):
        await embed(await engine_with(arms, service))
    assert len(service.asked) == 1


async def test_an_empty_embedding_is_not_retried_and_not_kept(arms: Arms) -> None:
    """Nothing is found in the text: that is an answer, but none to remember."""
    service = Service([[]])
    engine = await engine_with(arms, service)
    for _ in range(2):
        with pytest.raises(ProviderError, match="empty"):
            await embed(engine)
    assert len(service.asked) == 2


@pytest.mark.parametrize(
    "garbage",
    [None, "x", 3, {"a": 1}, ["x"] * 768, [None] * 768, [[1.0]] * 768, [1.0] * 767, [0.0] * 768,
     [1e39] * 768],
)  # fmt: skip
async def test_garbage(arms: Arms, garbage: Any) -> None:
    """What is no embedding is refused, whatever it is."""
    engine = await engine_with(arms, Service([garbage]), embed_service_retries=0)
    with pytest.raises(ProviderError, match="embedding") as caught:
        await embed(engine)
    assert caught.value.passing


async def test_the_circuit_opens_and_closes(arms: Arms) -> None:
    """After three failures the service is left alone, until one call goes well again."""
    service = Service([500, 500, 500, GOOD])
    engine = await engine_with(arms, service, embed_service_retries=0)
    now = [0.0]
    engine.clients.embedding.breaker.clock = lambda: now[0]
    for _ in range(3):
        with pytest.raises(ProviderError, match="500"):
            await embed(engine)
    with pytest.raises(ProviderError, match="circuit open"):
        await embed(engine)
    assert len(service.asked) == 3
    now[0] += 30.0
    assert (await embed(engine))[0][0] == 1.0


async def test_a_slow_service_is_given_up(arms: Arms) -> None:
    """A time-out is a failure that may pass, so it is tried again."""
    service = Service([GOOD], hold=asyncio.Event())
    engine = await engine_with(arms, service, embed_service_timeout_ms=50, embed_service_retries=1)
    with pytest.raises(ProviderError, match="Timeout"):
        await embed(engine)
    assert len(service.asked) == 2
    assert service.hold is not None
    service.hold.set()


async def test_garbage_in_redis_is_fetched_anew(arms: Arms) -> None:
    """Bytes of the right length that are no finite numbers are no embedding."""
    service = Service([GOOD])
    engine = await engine_with(arms, service)
    await embed(engine)
    (key,) = [
        k async for k in engine.cache._client.scan_iter(f"{engine.settings.search_redis_prefix}:*")
    ]
    for stored in (b"x", b"\xff" * 3_072):
        await engine.cache._client.set(key, stored)
        assert not (await embed(engine))[1]
    assert len(service.asked) == 3


@given(st.lists(st.floats(-1e3, 1e3, width=32), min_size=8, max_size=8))
async def test_vectors_keep_their_numbers(numbers: list[float]) -> None:
    """What fits comes back as 32-bit floats; what is all zero has no direction."""
    if any(numbers):
        assert vector_of(numbers, 8).tolist() == numbers
    else:
        with pytest.raises(ValueError, match="zero"):
            vector_of(numbers, 8)
