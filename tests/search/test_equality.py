"""All arms find the same candidates in the same order, whatever is asked."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from hhperf.search.arms import WHOLE_ARMS
from hhperf.search.cache import CacheScope
from hhperf.search.engine import SearchEngine, SearchResponse
from hhperf.search.model import Caller, SearchRequest
from hhperf.stack.embedder import Embedder
from hhperf.stack.stack import Stack
from hhperf.workload.reader import load_query_log
from hhperf.workload.shipped import data_file
from tests.search.conftest import LARGE, SMALL, Arms

pytestmark = pytest.mark.asyncio(loop_scope="session")

IN_FLIGHT = 8
PATIENT: Mapping[str, Any] = {
    "embed_service_timeout_ms": 120_000,
    "rerank_service_timeout_ms": 120_000,
}
"""An arm that goes on without a reranker, since a busy machine kept it waiting, is no other arm."""
SCORES = ("score", "vectorScore", "textScore", "rrfScore")

Body = Mapping[str, Any]


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def engines(stack: Stack) -> AsyncIterator[list[SearchEngine]]:
    """One engine for each arm."""
    async with AsyncExitStack() as opened:
        arms = Arms(stack.endpoints, opened)
        yield [
            await arms.engine(name, pgvector_pool_max=IN_FLIGHT, **PATIENT) for name in WHOLE_ARMS
        ]


async def answers(engines: list[SearchEngine], tenant: str, body: Body) -> list[SearchResponse]:
    """Every arm's own answer; lookups are shared, results are not."""
    request, lookups = SearchRequest.from_wire(body), f"test:{uuid4().hex}"
    caller = Caller(tenant, "r-1")
    return [
        await engine.search(request, caller, CacheScope(f"test:{uuid4().hex}", lookups))
        for engine in engines
    ]


def assert_alike(answers: Iterable[SearchResponse]) -> None:
    """The same totals, candidates, orders and everything shown, scores within 1e-9."""
    first, *others = answers
    for other in others:
        assert other.total_found == first.total_found
        assert [each["candidateId"] for each in other.results] == [
            each["candidateId"] for each in first.results
        ]
        for one, same in zip(first.results, other.results, strict=True):
            assert [same[name] for name in SCORES] == pytest.approx(
                [one[name] for name in SCORES], abs=1e-9
            )
            assert same["matchReasons"] == one["matchReasons"]


async def assert_agreement(engines: list[SearchEngine], asked: Iterable[tuple[str, Body]]) -> None:
    """Ask every arm for all of this, several at a time, and compare."""
    at_once = asyncio.Semaphore(IN_FLIGHT)

    async def compare(tenant: str, body: Body) -> None:
        async with at_once:
            assert_alike(await answers(engines, tenant, body))

    async with asyncio.TaskGroup() as group:
        for tenant, body in asked:
            group.create_task(compare(tenant, body))


FILTERS: tuple[Body, ...] = (
    {},
    {"skills": ["Python"]},
    {"locations": ["SÃO PAULO", "recife"], "countries": ["Brazil"]},
    {"minExperienceYears": 3, "maxExperienceYears": 12.5, "seniorityLevels": ["mid", "senior"]},
    {"industries": ["Healthcare", "Retail"], "metadata": {"availability": "open"}},
    {"skills": ["no such skill"]},
)
ASKED: tuple[Body, ...] = (
    {"query": "engenheiro de dados python"},
    {"query": "enfermeira", "roleType": "ic"},
    {"query": "  ", "jobDescription": "We hire a backend developer who knows Java and SQL."},
    {"query": "desenvolvedor java", "jobDescription": "Vaga para desenvolvedor Java sênior."},
    {"embedding": Embedder().embed(["analista financeiro"])[0].tolist()},
    {"query": "gerente de vendas", "embedding": Embedder().embed(["sales"])[0].tolist()},
    {"query": "de para com"},
    {"query": "xyzzy plugh"},
)
PAGES: tuple[Body, ...] = ({"limit": 7, "offset": 5}, {"limit": 200}, {"offset": 200})


@pytest.mark.parametrize("tenant", [LARGE, SMALL])
@pytest.mark.parametrize("filters", FILTERS)
async def test_arms_agree(engines: list[SearchEngine], tenant: str, filters: Body) -> None:
    """With each kind of filter, text, page and tenant."""
    asked = [{**one, **page, "filters": filters} for one in ASKED for page in PAGES]
    await assert_agreement(engines, [(tenant, body) for body in asked])


async def test_arms_agree_without_ranks_and_rerank(arms: Arms) -> None:
    """With the weighted sum in place of reciprocal ranks, and the base ranking."""
    some = [await arms.engine(name, enable_rrf=False, enable_rerank=False) for name in WHOLE_ARMS]
    await assert_agreement(some, [(LARGE, asked) for asked in ASKED])


async def test_arms_agree_on_the_shipped_log(engines: list[SearchEngine]) -> None:
    """On every eighth query of the log; `HHPERF_EVERY_QUERY=1` asks all, in some minutes."""
    log = load_query_log(data_file("queries.jsonl"))
    different = list({json.dumps([r.tenant, r.body], sort_keys=True): r for r in log}.values())
    assert len(different) >= 1_000
    asked = different if os.environ.get("HHPERF_EVERY_QUERY") else different[::8]
    await assert_agreement(engines, [(r.tenant, r.body) for r in asked])
