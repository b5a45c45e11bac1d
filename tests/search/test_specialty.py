"""Texts are cut into terms the taxonomy can be asked for."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hhperf.search.engine import SearchEngine
from hhperf.search.model import Caller
from hhperf.search.specialty import MAX_TERM_WORDS, MAX_WORDS, term_of, terms_of
from tests.search.conftest import Arms, Broken


def test_longer_runs_come_first() -> None:
    """At each word all runs that start there are listed, the longest first, each once."""
    assert terms_of("data data engineer") == [
        "data data engineer",
        "data data",
        "data",
        "data engineer",
        "engineer",
    ]


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("ENGENHEIRA DE DADOS", "engenheira de dados"),
        ("Médico Sênior", "medico senior"),
        ("C++, C# e .NET", "c++ c# e .net"),
        ("Node.js.", "node.js"),
        ("back-end", "back end"),
        ("CI/CD", "ci cd"),
        ("Desenvolvedor(a) Java", "desenvolvedor java"),
        ("Engenheiro/a civil", "engenheiro civil"),
        ("ﬁnance ﬀ", "finance ff"),
    ],
)
def test_spelling_is_folded(text: str, term: str) -> None:
    """Case, accents, hyphens and second endings do not count; marks that are part of a name do."""
    assert terms_of(text)[0] == term


@pytest.mark.parametrize(
    "text",
    ["", "   ", "\0", "'\"\\;--", "🙂 \ud800 …"],
    ids=["empty", "blank", "NUL", "quotes", "no letters"],
)
def test_nothing_but_separators_has_no_terms(text: str) -> None:
    """Quotes, NUL, emoji and lone surrogates are no words."""
    assert terms_of(text) == []


def test_long_texts_are_capped() -> None:
    """A long job description is read for its first 256 words."""
    terms = terms_of(" ".join(f"w{number}" for number in range(20_000)))
    assert len(terms) == 1_270
    assert terms[-1] == f"w{MAX_WORDS - 1}"


def test_endless_words_are_dropped() -> None:
    """No taxonomy word is longer than 40 characters."""
    assert terms_of("x" * 6_000 + " java") == ["java"]


@given(st.text(max_size=300))
def test_terms_are_clean_and_different(text: str) -> None:
    """Whatever the text, terms are different, short runs of folded words, fit for PostgreSQL."""
    terms = terms_of(text)
    assert len(terms) == len(set(terms))
    for term in terms:
        assert 1 <= len(term.split(" ")) <= MAX_TERM_WORDS
        assert "\0" not in term
        term.encode()


@given(st.text(max_size=60))
def test_terms_of_a_term_begin_with_it(text: str) -> None:
    """Folding twice changes nothing."""
    for term in terms_of(text):
        assert terms_of(term)[0] == term


@pytest.mark.parametrize(
    ("name", "term"), [("CI/CD", "ci cd"), ("Gestão de Pessoas", "gestao de pessoas"), ("!", "")]
)
def test_a_name_is_one_term(name: str, term: str) -> None:
    """A name is spelled as a text that holds it would be cut."""
    assert term_of(name) == term
    assert not term or term_of(name) in terms_of(f"quem tem {name} hoje")


CALLER = Caller("tenant-large", "r-1")


async def look_up(
    engine: SearchEngine, text: str, caller: Caller = CALLER
) -> tuple[str | None, bool]:
    """The specialty, and whether the cache had it."""
    return await engine.clients.specialty.lookup(text, caller, engine.settings.search_redis_prefix)


@pytest.mark.asyncio(loop_scope="session")
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


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("text", ["enfermeira", "alguém simpático"])
async def test_remembered_also_when_there_is_none(arms: Arms, text: str) -> None:
    """A text without a specialty is not looked up twice either."""
    engine = await arms.engine()
    first, second = await look_up(engine, text), await look_up(engine, text)
    assert (first[1], second[1]) == (False, True)
    assert first[0] == second[0]


@pytest.mark.asyncio(loop_scope="session")
async def test_it_lives_a_day_exactly(arms: Arms) -> None:
    """The one time to live without jitter."""
    engine = await arms.engine()
    await look_up(engine, "enfermeira")
    prefix = engine.settings.search_redis_prefix
    (key,) = [key async for key in engine.cache._client.scan_iter(f"{prefix}:*")]
    assert await engine.cache._client.ttl(key) in {86_399, 86_400}


@pytest.mark.asyncio(loop_scope="session")
async def test_callers_at_once_share_a_lookup(arms: Arms) -> None:
    """One query for all who ask about the same text; the next text has its own."""
    engine = await arms.engine()
    waiting = [asyncio.create_task(look_up(engine, text)) for text in ("a", "a", "a", "b")]
    most = 0
    while not all(task.done() for task in waiting):
        most = max(most, engine.clients.specialty.coalescer.pending_count)
        await asyncio.sleep(0)
    assert most == 2


@pytest.mark.asyncio(loop_scope="session")
async def test_a_failure_is_not_remembered(arms: Arms, broken: Broken) -> None:
    """Once the table is there again the lookup works."""
    failing = await arms.engine(pgvector_schema=await broken("specialty"))
    with pytest.raises(Exception, match="specialty_terms"):
        await look_up(failing, "enfermeira")
    working = await arms.engine(search_redis_prefix=failing.settings.search_redis_prefix)
    assert await look_up(working, "enfermeira") == ("nursing", False)
