"""Specialties, looked up in the real taxonomy."""

import asyncio

import pytest

from hhperf.search.engine import SearchEngine
from hhperf.search.model import Caller
from tests.search.conftest import Arms, Broken

pytestmark = pytest.mark.asyncio(loop_scope="session")

CALLER = Caller("tenant-large", "r-1")


async def look_up(
    engine: SearchEngine, text: str, caller: Caller = CALLER
) -> tuple[str | None, bool]:
    """The specialty, and whether the cache had it."""
    return await engine.clients.specialty.lookup(text, caller, engine.settings.search_redis_prefix)


@pytest.mark.parametrize(
    ("text", "specialty"),
    [
        ("Desenvolvedora Backend sênior", "backend"),
        ("frontend developer (React)", "frontend"),
        ("ENFERMEIRO", "nursing"),
        ("Engenheiro(a) de Dados - São Paulo", "data"),
        ("We hire a data engineer who loves data pipelines. Office in Recife.", "data"),
        ("alguém simpático", None),
        ("", None),
        ("'; DROP TABLE search.specialty_terms; --", None),
    ],
)
async def test_what_a_text_names(arms: Arms, text: str, specialty: str | None) -> None:
    """The taxonomy knows titles in both languages, as people write them."""
    assert (await look_up(await arms.engine(), text))[0] == specialty


@pytest.mark.parametrize("text", ["enfermeira", "alguém simpático"])
async def test_remembered_also_when_there_is_none(arms: Arms, text: str) -> None:
    """A text without a specialty is not looked up twice either."""
    engine = await arms.engine()
    first, second = await look_up(engine, text), await look_up(engine, text)
    assert (first[1], second[1]) == (False, True)
    assert first[0] == second[0]


async def test_it_lives_a_day_exactly(arms: Arms) -> None:
    """The one time to live without jitter."""
    engine = await arms.engine()
    await look_up(engine, "enfermeira")
    prefix = engine.settings.search_redis_prefix
    (key,) = [key async for key in engine.cache._client.scan_iter(f"{prefix}:*")]
    assert await engine.cache._client.ttl(key) in {86_399, 86_400}


async def test_callers_at_once_share_a_lookup(arms: Arms) -> None:
    """One query for all who ask about the same text; the next text has its own."""
    engine = await arms.engine()
    waiting = [asyncio.create_task(look_up(engine, text)) for text in ("a", "a", "a", "b")]
    most = 0
    while not all(task.done() for task in waiting):
        most = max(most, engine.clients.specialty.coalescer.pending_count)
        await asyncio.sleep(0)
    assert most == 2


async def test_a_failure_is_not_remembered(arms: Arms, broken: Broken) -> None:
    """Once the table is there again the lookup works."""
    failing = await arms.engine(pgvector_schema=await broken("specialty"))
    with pytest.raises(Exception, match="specialty_terms"):
        await look_up(failing, "enfermeira")
    working = await arms.engine(search_redis_prefix=failing.settings.search_redis_prefix)
    assert await look_up(working, "enfermeira") == ("nursing", False)
