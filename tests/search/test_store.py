"""The statements of the search, on the real database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import asyncpg
import numpy as np
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hhperf.errors import StackError
from hhperf.search.embedding import Vector
from hhperf.search.fusion import Hit, reciprocal_rank_fusion
from hhperf.search.model import Filters
from hhperf.search.store import CandidateStore
from hhperf.stack.embedder import Embedder
from hhperf.stack.stack import Stack
from tests.search.conftest import LARGE, SMALL, Arms

pytestmark = pytest.mark.asyncio(loop_scope="session")

QUESTION = Embedder().embed(["engenheira de dados python"])[0]
LIMIT = 300

EVERYONE = """
SELECT profile.candidate_id, profile.tenant_id, location, country, industries, skills,
       years_experience, profile ->> 'seniority' AS seniority,
       profile ->> 'availability' AS availability, embedding::real[]::float8[] AS embedding
FROM search.candidate_profiles AS profile
JOIN search.candidate_embeddings ON entity_id = profile.candidate_id
"""

Person = dict[str, Any]


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def people(stack: Stack) -> list[Person]:
    """Everyone in the database."""
    connection = await asyncpg.connect(**stack.endpoints.postgres)
    rows = await connection.fetch(EVERYONE)
    await connection.close()
    return [dict(row) for row in rows]


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def store(stack: Stack) -> AsyncIterator[CandidateStore]:
    """A store of 2 connections, so that each is used again and again."""
    async with AsyncExitStack() as opened:
        engine = await Arms(stack.endpoints, opened).engine(pgvector_pool_max=2)
        yield engine.clients.store


def nearest(people: list[Person], tenant: str, question: Vector) -> list[tuple[str, float]]:
    """The tenant's people by cosine similarity, all of them compared."""
    ours = [each for each in people if each["tenant_id"] == tenant]
    vectors = np.array([each["embedding"] for each in ours])
    cosines = vectors @ question.astype(float) / np.linalg.norm(vectors, axis=1)
    found = zip((each["candidate_id"] for each in ours), cosines.tolist(), strict=True)
    return sorted(found, key=lambda each: (-each[1], each[0]))[:LIMIT]


@pytest.mark.parametrize("tenant", [LARGE, SMALL])
async def test_the_nearest_are_found(
    store: CandidateStore, people: list[Person], tenant: str
) -> None:
    """Hits are nearly all of the true nearest, best first, with their true similarity."""
    hits = await store.vector_search(tenant, QUESTION)
    truth = nearest(people, tenant, QUESTION)
    assert len(hits) == len(truth) == LIMIT
    assert len({hit.candidate_id for hit in hits} & {name for name, _ in truth}) > 0.9 * LIMIT
    assert [hit.candidate_id for hit in hits] == [
        hit.candidate_id for hit in sorted(hits, key=lambda hit: (-hit.score, hit.candidate_id))
    ]
    assert hits[0].score == pytest.approx(truth[0][1], abs=1e-5)


async def test_ef_search_holds_on_a_connection_used_again(store: CandidateStore) -> None:
    """More than the 40 that pgvector searches by default, on every connection, every time."""
    for _ in range(5):
        found = await asyncio.gather(*(store.vector_search(LARGE, QUESTION) for _ in range(2)))
        assert [len(hits) for hits in found] == [LIMIT, LIMIT]
        async with store._connection() as connection:
            assert await connection.fetchval("SHOW hnsw.ef_search") == "300"


@pytest.mark.parametrize("ef_search", [40, 1_000])
async def test_ef_search_is_a_setting(arms: Arms, ef_search: int) -> None:
    """Few or many: the scan goes on until the tenant's limit is met."""
    engine = await arms.engine(pgvector_hnsw_ef_search=ef_search)
    assert len(await engine.clients.store.vector_search(SMALL, QUESTION)) == LIMIT


async def test_text_search_knows_portuguese(store: CandidateStore) -> None:
    """Endings do not count, and neither do words that say nothing."""
    plain = await store.text_search(LARGE, "desenvolvedor")
    assert plain
    assert await store.text_search(LARGE, "para os desenvolvedores") == plain


async def test_text_search_wants_every_word(store: CandidateStore, people: list[Person]) -> None:
    """All words of the query have to be there; the tenant's people alone are found."""
    hits = await store.text_search(LARGE, "python sql")
    by_id = {each["candidate_id"]: each for each in people}
    assert hits
    assert all(by_id[hit.candidate_id]["tenant_id"] == LARGE for hit in hits)
    assert all(hit.score > 0 for hit in hits)
    assert {hit.candidate_id for hit in hits} <= {
        hit.candidate_id for hit in await store.text_search(LARGE, "python")
    }


async def test_ties_in_text_rank_go_by_candidate_id(store: CandidateStore) -> None:
    """Not by whatever the planner likes."""
    hits = await store.text_search(LARGE, "python")
    assert len({hit.score for hit in hits}) < len(hits)
    assert list(hits) == sorted(hits, key=lambda hit: (-hit.score, hit.candidate_id))


async def test_one_statement_finds_what_two_do(store: CandidateStore) -> None:
    """Exactly: the same hits with the same scores."""
    for tenant, query in ((LARGE, "python"), (SMALL, "enfermeira"), (LARGE, ""), (LARGE, "xyzzy")):
        assert await store.both_searches(tenant, QUESTION, query) == (
            await store.vector_search(tenant, QUESTION),
            await store.text_search(tenant, query),
        )


async def test_one_statement_finds_what_two_do_as_deployed(arms: Arms) -> None:
    """Equals come in the same order; every connection looks for 40 and no further."""
    store = (await arms.engine(search_as_deployed=True)).clients.store
    assert await store.both_searches(LARGE, QUESTION, "python") == (
        await store.vector_search(LARGE, QUESTION),
        await store.text_search(LARGE, "python"),
    )
    async with store._connection() as connection:
        assert await connection.fetchval("SHOW hnsw.ef_search") == "40"
        assert await connection.fetchval("SHOW hnsw.iterative_scan") == "off"


async def test_the_spared_pass_every_filter(store: CandidateStore) -> None:
    """And only they."""
    fused = reciprocal_rank_fusion(await store.vector_search(LARGE, QUESTION), [])
    nobody = Filters(skills=("no such skill",))
    page = await store.page(LARGE, fused[:3], nobody, limit=5, offset=0, spared=[True, False, True])
    assert [each for _, each in page.candidates] == [fused[0], fused[2]]


@pytest.mark.parametrize("limit", [1, 7])
async def test_the_per_method_limit(arms: Arms, limit: int) -> None:
    """Each method gives so many at most, in one statement as in two."""
    store = (await arms.engine(search_per_method_limit=limit)).clients.store
    both = await store.both_searches(LARGE, QUESTION, "python")
    assert [len(hits) for hits in both] == [limit, limit]
    assert both == (
        await store.vector_search(LARGE, QUESTION),
        await store.text_search(LARGE, "python"),
    )


FILTERS: list[dict[str, Any]] = [
    {},
    {"skills": ["Python"]},
    {"skills": ["Python", "SQL"]},
    {"skills": ["python"]},
    {"locations": ["são paulo", "RECIFE"]},
    {"countries": ["Brazil"]},
    {"countries": ["Portugal", "Spain"]},
    {"industries": ["Healthcare", "Software"]},
    {"seniorityLevels": ["senior", "lead"]},
    {"minExperienceYears": 5},
    {"minExperienceYears": 0, "maxExperienceYears": 5},
    {"minExperienceYears": 4.5, "maxExperienceYears": 4.6},
    {"metadata": {"availability": "open"}},
    {"metadata": {"seniority": "mid", "availability": "passive"}},
    {"metadata": {"no such": {"thing": [1, None, True]}}},
    {"skills": ["SQL"], "countries": ["Brazil"], "minExperienceYears": 3, "locations": ["Recife"]},
]


def passes(person: Person, filters: dict[str, Any]) -> bool:
    """The contract's filters, said in Python."""
    years = person["years_experience"] or 0
    metadata = filters.get("metadata", {})
    return (
        set(filters.get("skills", [])) <= set(person["skills"])
        and ("locations" not in filters
             or person["location"].lower() in [each.lower() for each in filters["locations"]])
        and ("countries" not in filters or person["country"] in [None, *filters["countries"]])
        and ("industries" not in filters
             or bool(set(filters["industries"]) & set(person["industries"])))
        and ("seniorityLevels" not in filters or person["seniority"] in filters["seniorityLevels"])
        and filters.get("minExperienceYears", 0) <= years <= filters.get("maxExperienceYears", 99)
        and all(person.get(name) == value for name, value in metadata.items())
    )  # fmt: skip


@pytest.mark.parametrize("filters", FILTERS)
async def test_filters(
    store: CandidateStore, people: list[Person], filters: dict[str, Any]
) -> None:
    """Exactly those pass who do by the contract's words, in the order of the fusion."""
    by_id = {each["candidate_id"]: each for each in people}
    fused = reciprocal_rank_fusion(await store.vector_search(LARGE, QUESTION), [])
    expected = [each.candidate_id for each in fused if passes(by_id[each.candidate_id], filters)]
    page = await store.page(LARGE, fused, Filters.model_validate(filters), limit=LIMIT, offset=0)
    assert [profile.candidate_id for profile, _ in page.candidates] == expected
    assert page.total_found == len(expected)


@given(offset=st.integers(0, 320), limit=st.integers(1, 320))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_pages(store: CandidateStore, offset: int, limit: int) -> None:
    """A page is a slice of the fusion; its total is that of all pages, also past the end."""
    fused = reciprocal_rank_fusion(await store.vector_search(LARGE, QUESTION), [])
    page = await store.page(LARGE, fused, Filters(), limit=limit, offset=offset)
    assert [each for _, each in page.candidates] == list(fused[offset : offset + limit])
    assert page.total_found == LIMIT


async def test_nobody_is_shown_to_another_tenant(store: CandidateStore) -> None:
    """Ids of another tenant's people have no profile, wherever they come from."""
    fused = reciprocal_rank_fusion(await store.vector_search(SMALL, QUESTION), [])
    assert (await store.page(LARGE, fused, Filters(), limit=20, offset=0)).total_found == 0


JUNK = {
    "a statement": "'; DROP TABLE search.candidate_profiles; --",
    "a condition": "' OR ''='",
    "a backslash": "\\",
    "NUL": "\0",
    "half a character": "\ud800",
    "placeholders": "%s $1 {x}",
    "query operators": "a & b | !c <-> d:*",
    "brackets": "(((",
    "emoji": "🙂" * 100,
    "one long word": "a" * 9_000,
}


@pytest.mark.parametrize("junk", JUNK.values(), ids=JUNK)
async def test_text_is_only_text(store: CandidateStore, people: list[Person], junk: str) -> None:
    """Whatever is asked for stays a value: it finds something or nothing, and changes nothing."""
    filters = Filters.model_validate({
        name: [junk] for name in ("skills", "locations", "countries", "industries")
    } | {"metadata": {"seniority": [junk, {"x": junk}]}})  # fmt: skip
    fused = reciprocal_rank_fusion([Hit(people[0]["candidate_id"], 0.5), Hit("nobody", 0.4)], [])
    await store.text_search(LARGE, junk)
    await store.both_searches(junk, QUESTION, junk)
    assert (
        await store.specialty([junk.encode("utf-8", "replace").decode().replace("\0", "")]) is None
    )
    assert (
        await store.page(people[0]["tenant_id"], fused, filters, limit=5, offset=0)
    ).total_found == 0
    assert await store.vector_search(LARGE, QUESTION)


async def test_warming_reaches_every_connection(arms: Arms) -> None:
    """The pool is full afterwards, and nothing is held."""
    store = (await arms.engine(pgvector_pool_max=3)).clients.store
    await store.warm()
    assert (store._pool.get_size(), store._pool.get_idle_size()) == (3, 3)


async def test_an_exhausted_pool_is_not_waited_for_long(arms: Arms) -> None:
    """Who gets no connection in time is told so."""
    engine = await arms.engine(pgvector_pool_max=1, pgvector_connection_timeout_ms=50)
    async with engine.clients.store._connection():
        with pytest.raises(TimeoutError):
            await engine.clients.store.text_search(LARGE, "python")
    assert await engine.clients.store.text_search(LARGE, "python")


async def test_versions(store: CandidateStore) -> None:
    """Server and extension say what they are."""
    assert (await store.version()).startswith("PostgreSQL 18.")


@pytest.mark.parametrize(
    "where", [{"host": "127.0.0.1", "port": 9}, {"database": "none such"}, {"host": "/nowhere"}]
)
async def test_a_database_that_cannot_be_used(arms: Arms, where: dict[str, Any]) -> None:
    """Opening an engine says so, and where to look."""
    at = arms.elsewhere(postgres={**arms.endpoints.postgres, **where})
    with pytest.raises(StackError, match="hhperf doctor"):
        await arms.engine(at=at, pgvector_pool_min=1)


async def test_a_database_without_pgvector(arms: Arms) -> None:
    """A database of the same server, without the extension."""
    postgres = arms.endpoints.postgres
    connection = await asyncpg.connect(**postgres)
    await connection.execute("CREATE DATABASE bare")
    try:
        with pytest.raises(StackError, match="vector"):
            await arms.engine(
                at=arms.elsewhere(postgres={**postgres, "database": "bare"}), pgvector_pool_min=1
            )
    finally:
        await connection.execute("DROP DATABASE bare WITH (FORCE)")
        await connection.close()
