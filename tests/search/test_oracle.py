"""The search comes to the deployed service's pages, as an oracle of plain SQL tells them."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from hhperf.search import filtering, stages
from hhperf.search.arms import ARMS
from hhperf.search.cache import CacheScope
from hhperf.search.engine import SearchEngine
from hhperf.search.model import Caller, Filters, SearchRequest
from hhperf.search.stages import Stages
from hhperf.search.statements import statements
from hhperf.search.trace import Trace
from hhperf.stack.stack import Stack
from hhperf.workload.query_log import LoggedRequest, QueryLog
from tests.search.conftest import LARGE, Arms, Broken
from tests.search.oracle import Found, Oracle, open_oracle

pytestmark = pytest.mark.asyncio(loop_scope="session")

ARM = "single_statement_without_count"
"""Of the arms, which find the same, the one that asks least."""

EIGHTH = 8
SOME = 8
"""As many requests as it takes for a rule that is off to show."""

PADDED = {
    "query": " \t java\n",
    "filters": {"locations": [" São Paulo ", " "], "countries": ["\n"]},
}


@pytest.fixture(scope="module")
def asked(log: QueryLog) -> Sequence[LoggedRequest]:
    """300 requests from the whole of the shipped log."""
    return log.requests[::EIGHTH]


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def oracle(stack: Stack) -> AsyncIterator[Oracle]:
    """What the deployed service means to do."""
    opened = await open_oracle(stack.endpoints.postgres)
    yield opened
    await opened.connection.close()


@pytest.fixture
def deployed(oracle: Oracle) -> Oracle:
    """What it does."""
    return replace(oracle, as_deployed=True)


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def engine(stack: Stack) -> AsyncIterator[SearchEngine]:
    """The search by its defaults."""
    async with AsyncExitStack() as opened:
        yield await Arms(stack.endpoints, opened).engine(ARM, enable_rerank=False)


async def engine_as_deployed(arms: Arms, **settings: Any) -> SearchEngine:
    """A search with the deployed service's slips."""
    return await arms.engine(ARM, enable_rerank=False, search_as_deployed=True, **settings)


async def found(engine: SearchEngine, tenant: str, request: SearchRequest) -> list[Found]:
    """The page that a search retrieves, before its ranking."""
    caller = Caller(tenant, f"r-{uuid4().hex[:8]}")
    scope = CacheScope.of(engine.settings.search_redis_prefix)
    search = Stages(engine.clients, engine.settings, request, caller, scope, Trace())
    page = (await ARMS[engine.arm].run(search))["hydration"]
    return [
        Found(fused.candidate_id, fused.vector_score, fused.text_score, fused.rrf_score)
        for _, fused in page.candidates
    ]


def alike(ours: Sequence[Found], theirs: Sequence[Found]) -> bool:
    """The same candidates in the same order, their scores within 1e-9."""
    return [each.candidate_id for each in ours] == [each.candidate_id for each in theirs] and all(
        getattr(one, score) == pytest.approx(getattr(other, score), abs=1e-9)
        for one, other in zip(ours, theirs, strict=True)
        for score in ("similarity", "relevance", "score")
    )


async def disagreeing(
    engine: SearchEngine, oracle: Oracle, requests: Iterable[LoggedRequest]
) -> list[str]:
    """The ids of the requests for which the two come to different pages."""
    different = []
    for request in requests:
        ours, theirs = await asyncio.gather(
            found(engine, request.tenant, SearchRequest.from_wire(request.body)),
            oracle.page(request.tenant, request.body),
        )
        if not alike(ours, theirs):
            different.append(request.request_id)
    return different


def with_filter(asked: Sequence[LoggedRequest], *names: str) -> list[LoggedRequest]:
    """Some requests that filter by one of these, and have no job description."""
    return [
        each
        for each in asked
        if set(names) & set(each.body.get("filters", {})) and "jobDescription" not in each.body
    ][:SOME]


async def test_the_requests_hold_every_kind(asked: Sequence[LoggedRequest]) -> None:
    """All filters, later pages, job descriptions with and without a query, in two languages."""
    bodies = [each.body for each in asked]
    descriptions = [body["jobDescription"] for body in bodies if "jobDescription" in body]
    assert len(bodies) == 300
    assert sum("filters" in body for body in bodies) >= 100
    assert {name for body in bodies for name in body.get("filters", {})} == Filters.names()
    assert sum("offset" in body for body in bodies) >= 30
    assert sum("query" not in body for body in bodies) >= 10
    for heading in ("Requisitos:", "Requirements:"):
        assert sum(heading in text for text in descriptions) >= 10


async def test_the_search_is_what_the_deployed_service_means(
    engine: SearchEngine, oracle: Oracle, asked: Sequence[LoggedRequest]
) -> None:
    """By default: the same people in the same order with the same scores, for 300 requests."""
    assert await disagreeing(engine, oracle, asked) == []


async def test_as_deployed_the_search_is_what_the_service_does(
    arms: Arms, deployed: Oracle, asked: Sequence[LoggedRequest]
) -> None:
    """With its slips, ties among equals included."""
    assert await disagreeing(await engine_as_deployed(arms), deployed, asked[::5]) == []


async def test_padded_words_are_found_as_bare_ones(engine: SearchEngine, oracle: Oracle) -> None:
    """What is blank around the query and places is taken off, and a blank place is no filter."""
    ours = await found(engine, LARGE, SearchRequest.from_wire(PADDED))
    assert ours
    assert alike(ours, await oracle.page(LARGE, PADDED))


# Each rule switched off in the search: the comparison has to notice.


async def test_weights_would_show(
    arms: Arms, broken: Broken, oracle: Oracle, asked: Sequence[LoggedRequest]
) -> None:
    """Documents with the title's words above the others'."""
    weighted = await arms.engine(ARM, enable_rerank=False, pgvector_schema=await broken("weighted"))
    some = [each for each in asked if each.body.keys() == {"query"}][:3]
    assert await disagreeing(weighted, oracle, some)


@pytest.mark.parametrize("untrimmed", ["query", "locations", "countries"])
async def test_padding_would_show(engine: SearchEngine, oracle: Oracle, untrimmed: str) -> None:
    """A query or place that is searched for as it was written."""
    request = SearchRequest.from_wire(PADDED)
    if untrimmed == "query":
        request = request.model_copy(update={"query": PADDED["query"]})
    else:
        written = {untrimmed: tuple(PADDED["filters"][untrimmed])}  # type: ignore[index]
        request = request.model_copy(update={"filters": request.filters.model_copy(update=written)})
    assert not alike(await found(engine, LARGE, request), await oracle.page(LARGE, PADDED))


async def test_no_country_of_a_job_description_would_show(
    monkeypatch: pytest.MonkeyPatch,
    engine: SearchEngine,
    oracle: Oracle,
    asked: Sequence[LoggedRequest],
) -> None:
    """Job descriptions that filter nothing."""
    monkeypatch.setattr(filtering, "country_in", lambda _text: None)
    some = [each for each in asked if "jobDescription" in each.body][:SOME]
    assert await disagreeing(engine, oracle, some)


async def test_filters_in_parentheses_would_show(
    monkeypatch: pytest.MonkeyPatch, arms: Arms, deployed: Oracle, asked: Sequence[LoggedRequest]
) -> None:
    """As deployed they spare the similar; filters that hold for all are another page."""
    monkeypatch.setattr(stages, "spared", lambda fused, _settings: [False] * len(fused))
    some = with_filter(asked, "skills", "locations")
    assert await disagreeing(await engine_as_deployed(arms), deployed, some)


async def test_seniority_would_show(
    monkeypatch: pytest.MonkeyPatch, arms: Arms, deployed: Oracle, asked: Sequence[LoggedRequest]
) -> None:
    """As deployed nobody is filtered by it."""
    monkeypatch.setattr(stages, "filters_in_force", lambda request, _settings: request.filters)
    some = with_filter(asked, "seniorityLevels")
    as_deployed = await engine_as_deployed(arms, search_min_similarity=0.9)
    strict = replace(deployed, least_similarity=0.9)
    assert await disagreeing(as_deployed, strict, some)


async def test_ties_by_candidate_would_show(
    arms: Arms, deployed: Oracle, asked: Sequence[LoggedRequest]
) -> None:
    """As deployed equals come in the planner's order."""
    by_candidate = await engine_as_deployed(arms)
    meant = by_candidate.settings.model_copy(update={"search_as_deployed": False})
    by_candidate.clients.store._sql["both_searches"] = statements(meant)["both_searches"]
    shortest = sorted(asked, key=lambda each: len(each.body.get("query", "") or "-" * 99))[:SOME]
    assert await disagreeing(by_candidate, deployed, shortest)
