"""Texts that no one should send: never a crash, an injection or a hang, in any arm."""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import asyncpg
import httpx
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hhperf.errors import EmbeddingError, RequestError
from hhperf.search.arms import WHOLE_ARMS
from hhperf.search.engine import SearchEngine
from hhperf.search.service import PATH
from hhperf.search.stages import NO_EMBEDDING
from hhperf.stack.stack import Stack
from tests.search.conftest import Arms, ask

pytestmark = pytest.mark.asyncio(loop_scope="session")

LENGTH = 6_000
MIXED = "'\"\\\0;%_$:&|!()<>*\n\t🙂é\u200d\u202e\ufffe"
JUNK = {
    "quotes": "'" * LENGTH,
    "double quotes": '"' * LENGTH,
    "backslashes": "\\" * LENGTH,
    "NUL": "\0" * LENGTH,
    "emoji": "🙂" * LENGTH,
    "joined emoji": "👩‍💻" * 2_000,
    "combining marks": "e" + "\u0301" * (LENGTH - 1),
    "one word": "a" * LENGTH,
    "words": "a " * (LENGTH // 2),
    "query operators": "a & !b | c <-> d:* " * 300,
    "statements": "'; DROP TABLE search.candidate_profiles; -- " * 130,
    "placeholders": "$1 %s {0} {tenant} " * 300,
    "mixed": "".join(random.Random(7).choices(MIXED, k=LENGTH)),
}


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def engines(stack: Stack) -> AsyncIterator[list[SearchEngine]]:
    """One engine for each arm."""
    async with AsyncExitStack() as opened:
        arms = Arms(stack.endpoints, opened)
        yield [await arms.engine(name) for name in WHOLE_ARMS]


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def clients(
    stack: Stack, engines: list[SearchEngine]
) -> AsyncIterator[list[httpx.AsyncClient]]:
    """One client of a service for each arm."""
    async with AsyncExitStack() as opened:
        arms = Arms(stack.endpoints, opened)
        yield [await arms.client(engine) for engine in engines]


@pytest.mark.parametrize("name", sorted(JUNK))
async def test_junk(clients: list[httpx.AsyncClient], stack: Stack, name: str) -> None:
    """As query, job description and filter it is answered, in time and by every arm alike."""
    text = JUNK[name][:LENGTH]
    body = {"query": text, "jobDescription": text, "filters": {"metadata": {text: text}}}
    bodies = [
        {"query": text},
        {"jobDescription": text},
        body | {"filters": {"skills": [text]}},
        body,
    ]
    for asked in bodies:
        async with asyncio.timeout(20):
            answers = [await client.post(PATH, content=json.dumps(asked)) for client in clients]
        found = [answer.json().get("results", answer.json().get("error")) for answer in answers]
        assert {answer.status_code for answer in answers} in ({200}, {400})
        assert answers[0].status_code == 200 or found[0] == NO_EMBEDDING
        assert [each == found[0] for each in found] == [True] * len(WHOLE_ARMS)
    assert await _count(stack) == 2_000


@pytest.mark.parametrize("text", ["\ud800", "java \udfff " * 500], ids=["alone", "among words"])
async def test_half_a_character(engines: list[SearchEngine], text: str) -> None:
    """A lone surrogate is no text: the field is named, and in JSON metadata it does no harm."""
    for engine in engines:
        with pytest.raises(RequestError) as caught:
            await ask(engine, text)
        assert caught.value.field == "query"
        assert (await ask(engine, "java", filters={"metadata": {"a": text}})).total == 0


@given(st.text(alphabet=MIXED + "abc ", max_size=200))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_any_text(engines: list[SearchEngine], text: str) -> None:
    """Whatever is typed, every arm gives the same answer or the same refusal."""
    outcomes = []
    for engine in engines:
        try:
            outcomes.append([each["candidateId"] for each in (await ask(engine, text)).results])
        except (RequestError, EmbeddingError) as error:
            outcomes.append([str(error)])
    assert outcomes == [outcomes[0]] * len(WHOLE_ARMS)


async def _count(stack: Stack) -> int:
    connection = await asyncpg.connect(**stack.endpoints.postgres)
    try:
        return int(await connection.fetchval("SELECT count(*) FROM search.candidate_profiles"))
    finally:
        await connection.close()
