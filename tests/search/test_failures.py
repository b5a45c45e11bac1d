"""What a search does when a part fails: the same in every arm."""

import asyncio
import json
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from hhperf.errors import EmbeddingError, RequestError, RetrievalError
from hhperf.search.engine import SearchEngine
from hhperf.search.stages import NO_EMBEDDING
from hhperf.stack.embedder import Embedder
from tests.search.conftest import DEAD, EVERY_ARM, Arms, Broken, ask

pytestmark = pytest.mark.asyncio(loop_scope="session")

QUERY = "engenheiro de dados python"


def held(engine: SearchEngine) -> int:
    """How many connections to the database are not back in the pool."""
    pool = engine.clients.store._pool
    return int(pool.get_size() - pool.get_idle_size())


async def running() -> int:
    """How many tasks there are once everything that can end has ended."""
    for _ in range(3):
        await asyncio.sleep(0.01)
    return len(asyncio.all_tasks())


def ids(response: Any) -> list[str]:
    """Who was found, in order."""
    return [each["candidateId"] for each in response.results]


@EVERY_ARM
async def test_embedding_fails(arms: Arms, arm: str) -> None:
    """The search ends in production's words, and what had started has ended with it."""
    engine = await arms.engine(arm, at=arms.elsewhere(embed_url=DEAD), embed_service_retries=0)
    before = await running()
    with pytest.raises(EmbeddingError) as caught:
        await ask(engine, QUERY)
    assert (str(caught.value), caught.value.status) == (NO_EMBEDDING, 400)
    assert held(engine) == 0
    assert await running() == before


@EVERY_ARM
async def test_embedding_comes_back_empty(arms: Arms, arm: str) -> None:
    """A text that the model finds nothing in is answered like a failure."""

    async def empty(_request: Request) -> Response:
        return JSONResponse({"embedding": [], "provider": "x", "model": "x", "dimensions": 0})

    engine = await arms.engine(arm, at=arms.elsewhere(embed_url=await arms.provider(empty)))
    with pytest.raises(EmbeddingError, match=NO_EMBEDDING):
        await ask(engine, QUERY)


@EVERY_ARM
async def test_the_embedding_service_is_too_slow(arms: Arms, arm: str) -> None:
    """Its time-out ends the search, however long it would have taken."""
    never = asyncio.Event()

    async def think(_request: Request) -> Response:
        await never.wait()
        return Response()

    engine = await arms.engine(
        arm,
        at=arms.elsewhere(embed_url=await arms.provider(think)),
        embed_service_timeout_ms=50,
        embed_service_retries=0,
    )
    with pytest.raises(EmbeddingError, match=NO_EMBEDDING):
        await asyncio.wait_for(ask(engine, QUERY), 10)
    never.set()


@EVERY_ARM
async def test_the_embedding_service_talks_garbage(arms: Arms, arm: str) -> None:
    """Bytes that are no HTTP are a failure like any other."""

    async def babble(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"\0\xff garbage \r\n\r\n" * 100)
        writer.close()

    engine = await arms.engine(
        arm, at=arms.elsewhere(embed_url=await arms.peer(babble)), embed_service_retries=0
    )
    with pytest.raises(EmbeddingError, match=NO_EMBEDDING):
        await ask(engine, QUERY)


@EVERY_ARM
async def test_embedding_fails_while_others_run(arms: Arms, broken: Broken, arm: str) -> None:
    """Stages that would have taken a minute are cancelled and awaited."""

    async def fail_late(_request: Request) -> Response:
        await asyncio.sleep(0.05)
        return Response(status_code=400)

    engine = await arms.engine(
        arm,
        at=arms.elsewhere(embed_url=await arms.provider(fail_late)),
        pgvector_schema=await broken("slow specialty"),
    )
    before = await running()
    with pytest.raises(EmbeddingError):
        await asyncio.wait_for(ask(engine, QUERY), 10)
    assert held(engine) == 0
    assert engine.clients.specialty.coalescer.pending_count == 0
    assert await running() <= before + 1  # the test's own provider may keep a connection


@EVERY_ARM
async def test_an_embedding_of_the_callers_own(arms: Arms, arm: str) -> None:
    """No embedding is fetched for it; one that does not fit names its field."""
    engine = await arms.engine(arm, at=arms.elsewhere(embed_url=DEAD))
    assert (await ask(engine, embedding=Embedder().embed([QUERY])[0].tolist())).total > 0
    with pytest.raises(RequestError, match="768") as caught:
        await ask(engine, embedding=[0.5] * 8)
    assert caught.value.field == "embedding"
    with pytest.raises(RequestError, match="zero"):
        await ask(engine, embedding=[0.0] * 768)


@EVERY_ARM
async def test_specialty_fails(
    arms: Arms, broken: Broken, arm: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A warning is logged, and the search goes on without it."""
    engine = await arms.engine(arm, pgvector_schema=await broken("specialty"))
    response = await ask(engine, QUERY)
    assert response.metadata["missing"] == ["specialty"]
    assert response.results
    assert all("specialtyMatch" not in each["signalScores"] for each in response.results)
    assert any("specialty" in record.message for record in caplog.records)


@EVERY_ARM
async def test_vector_search_fails(arms: Arms, broken: Broken, arm: str) -> None:
    """The text search answers alone."""
    engine = await arms.engine(arm, pgvector_schema=await broken("vector"))
    response = await ask(engine, QUERY)
    assert response.metadata["missing"] == ["vectorSearch"]
    assert response.results
    assert all(each["vectorRank"] is None for each in response.results)


@EVERY_ARM
async def test_text_search_fails(arms: Arms, broken: Broken, arm: str) -> None:
    """The vector search answers alone."""
    engine = await arms.engine(arm, pgvector_schema=await broken("text"))
    response = await ask(engine, QUERY)
    assert response.metadata["missing"] == ["textSearch"]
    assert response.results
    assert all(each["textRank"] is None for each in response.results)


@EVERY_ARM
async def test_both_searches_fail(arms: Arms, broken: Broken, arm: str) -> None:
    """Nothing was searched: 503."""
    engine = await arms.engine(arm, pgvector_schema=await broken("both"))
    with pytest.raises(RetrievalError) as caught:
        await ask(engine, QUERY)
    assert caught.value.status == 503


@EVERY_ARM
async def test_the_only_search_fails(arms: Arms, broken: Broken, arm: str) -> None:
    """A blank query has no text search that could stand in."""
    engine = await arms.engine(arm, pgvector_schema=await broken("vector"))
    with pytest.raises(RetrievalError):
        await ask(engine, jobDescription="engenheiro de dados")


@EVERY_ARM
async def test_a_search_is_too_slow(arms: Arms, broken: Broken, arm: str) -> None:
    """The statement time-out ends it, and the other search answers."""
    engine = await arms.engine(
        arm, pgvector_schema=await broken("slow vector"), pgvector_statement_timeout_ms=1_000
    )
    response = await asyncio.wait_for(ask(engine, QUERY), 20)
    assert response.metadata["missing"] == ["vectorSearch"]
    assert response.results
    assert held(engine) == 0


@EVERY_ARM
async def test_hydration_fails(arms: Arms, broken: Broken, arm: str) -> None:
    """Candidates whose profiles cannot be read are no answer: 503."""
    engine = await arms.engine(arm, pgvector_schema=await broken("hydration"))
    with pytest.raises(RetrievalError) as caught:
        await ask(engine, QUERY)
    assert caught.value.status == 503


@EVERY_ARM
async def test_rerank_fails(arms: Arms, arm: str) -> None:
    """The base ranking stays as it was."""
    failing = await arms.engine(arm, at=arms.elsewhere(rerank_url=DEAD))
    without = await arms.engine(arm, enable_rerank=False)
    response, base = await ask(failing, QUERY), await ask(without, QUERY)
    assert response.metadata["missing"] == ["rerank"]
    assert response.results == base.results
    assert base.metadata["missing"] == []


@EVERY_ARM
async def test_redis_fails(arms: Arms, arm: str) -> None:
    """As if it were empty: the answer is the same, only never a hit."""
    dead = {"host": "127.0.0.1", "port": 9}
    without = await arms.engine(arm, at=arms.elsewhere(redis=dead))
    response = await ask(without, QUERY)
    assert response.results == (await ask(await arms.engine(arm), QUERY)).results
    assert not (await ask(without, QUERY)).cache_hit
    assert response.metadata["missing"] == []


@pytest.mark.parametrize(
    "stored",
    [
        b"",
        b"\xff",
        b"[]",
        b"3",
        b'{"results": 3, "totalFound": 1}',
        json.dumps({"a": "b"}).encode(),
    ],
    ids=["empty", "no UTF-8", "a list", "a number", "wrong fields", "other fields"],
)
async def test_garbage_in_redis(arms: Arms, stored: bytes) -> None:
    """Whatever stands under a key, it is no answer unless it is one."""
    engine = await arms.engine()
    first = await ask(engine, QUERY)
    keys = [key async for key in engine.cache._client.scan_iter(f"{_prefix(engine)}:*")]
    assert {key.split(b":")[2] for key in keys} == {
        b"embedding",
        b"specialty",
        b"rerank",
        b"result",
    }
    for key in keys:
        if b":specialty:" not in key:
            await engine.cache._client.set(key, stored)
    again = await ask(engine, QUERY)
    assert again.results == first.results
    assert not again.cache_hit


async def test_an_answer_that_lacks_something_is_not_kept(arms: Arms) -> None:
    """The next caller gets another chance at the whole."""
    engine = await arms.engine(at=arms.elsewhere(rerank_url=DEAD))
    assert [(await ask(engine, QUERY)).cache_hit for _ in range(2)] == [False, False]


@EVERY_ARM
@pytest.mark.parametrize("after_s", [0.0, 0.002, 0.005, 0.01, 0.02, 0.05])
async def test_a_search_that_is_cancelled(arms: Arms, arm: str, after_s: float) -> None:
    """Wherever it was, no task stays behind and no connection is held; the next search works."""
    engine = await arms.engine(arm, delay_of=lambda _stage, _request: 0.02)
    await ask(engine, QUERY)
    before = await running()
    searches = [asyncio.create_task(ask(engine, f"{QUERY} {number}")) for number in range(3)]
    await asyncio.sleep(after_s)
    for search in searches:
        search.cancel()
    await asyncio.wait(searches)
    assert await running() == before
    assert held(engine) == 0
    assert (await ask(engine, QUERY)).results


def _prefix(engine: SearchEngine) -> str:
    return engine.settings.search_redis_prefix
