"""The service that answers as the deployed one does."""

import re
from typing import Any

import httpx
import pytest

from hhperf.search.as_deployed import AnswerAsDeployed, deployed_key, shipped_arm
from hhperf.search.model import Caller, SearchRequest
from hhperf.search.service import PATH
from hhperf.search.settings import Settings
from tests.search.conftest import Arms

pytestmark = pytest.mark.asyncio(loop_scope="session")

QUERY = {"query": "desenvolvedor java", "limit": 5}


async def served(arms: Arms, *, result_cache: bool = True) -> httpx.AsyncClient:
    """A client of the plan as it was shipped, served as deployed."""
    engine = await arms.engine("as_shipped", enable_rerank=False)
    return await arms.client(engine, AnswerAsDeployed(result_cache))


def metrics(answer: httpx.Response) -> dict[str, float]:
    """The durations in `Server-Timing`."""
    found = re.findall(r"(\w+);dur=([\d.]+)", answer.headers["Server-Timing"])
    return {name: float(duration) for name, duration in found}


async def test_its_timings_are_the_deployed_ones(arms: Arms) -> None:
    """One retrieval, neither vector nor text, and `cacheMs` the whole elapsed time."""
    answer = await (await served(arms)).post(PATH, json=QUERY)
    timings = answer.json()["timings"]
    assert timings.keys() == {
        "totalMs", "embeddingMs", "retrievalMs", "rankingMs", "rerankMs", "cacheMs",
    }  # fmt: skip
    assert timings["cacheMs"] >= timings["totalMs"] > timings["retrievalMs"] > 0
    assert metrics(answer) == {
        name: timings[f"{name}Ms"] for name in ("embedding", "retrieval", "rerank", "total")
    }


async def test_a_cached_answer_repeats_the_stored_timings(arms: Arms) -> None:
    """In body and header, though it says that it is a hit, under the caller's own id."""
    client = await served(arms)
    first, second = [
        await client.post(PATH, json=QUERY, headers={"X-Request-ID": name}) for name in "ab"
    ]
    assert [each.headers["X-Cache-Status"] for each in (first, second)] == ["miss", "hit"]
    assert [each.json()["cacheHit"] for each in (first, second)] == [False, True]
    assert [each.json()["requestId"] for each in (first, second)] == ["a", "b"]
    assert second.json()["timings"] == first.json()["timings"]
    assert metrics(second) == metrics(first)
    assert second.json()["results"] == first.json()["results"]


async def test_no_cache_is_not_heeded(arms: Arms) -> None:
    """Whoever asks twice is answered from the cache."""
    client, headers = await served(arms), {"Cache-Control": "no-cache"}
    answers = [await client.post(PATH, json=QUERY, headers=headers) for _ in range(2)]
    assert ['cache;desc="hit"' in each.headers["Server-Timing"] for each in answers] == [
        False, True,
    ]  # fmt: skip


async def test_the_result_cache_can_be_off(arms: Arms) -> None:
    """Then every answer is searched for, and lookups are cached all the same."""
    client = await served(arms, result_cache=False)
    answers = [(await client.post(PATH, json=QUERY)).json() for _ in range(2)]
    assert [each["cacheHit"] for each in answers] == [False, False]
    assert answers[0]["results"] == answers[1]["results"]


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        ({"query": "enfermeira"}, True),
        ({"filters": {"countries": ["BR"]}}, True),
        ({"limit": 7}, True),
        ({"offset": 1}, True),
        ({"jobDescription": "nurse"}, True),
        ({"jdHash": "12345678"}, True),
        ({"roleType": "manager"}, False),
        ({"includeDebug": True}, False),
        ({"embedding": [0.1] * 768}, False),
    ],
    ids=lambda each: next(iter(each)) if isinstance(each, dict) else str(each),
)
async def test_what_the_cache_goes_by(change: dict[str, Any], differs: bool) -> None:
    """Some fields of a request, and nothing else."""
    keys = {
        deployed_key(SearchRequest.from_wire(body), Caller("acme", "r"))
        for body in (QUERY, QUERY | change)
    }
    assert len(keys) == 1 + differs


async def test_the_hash_of_a_job_description_stands_for_it() -> None:
    """And tenants share nothing."""
    asked = [
        SearchRequest.from_wire({"jobDescription": text, "jdHash": "12345678"}) for text in "ab"
    ]
    one, same = (deployed_key(each, Caller("acme", "r")) for each in asked)
    assert one == same != deployed_key(asked[0], Caller("other", "r"))


async def test_the_flag_chooses_the_schedule_that_was_shipped() -> None:
    """On by default."""
    chosen = [shipped_arm(Settings(enable_parallel_pre_search=flag)) for flag in (True, False)]
    assert chosen == ["as_shipped", "as_shipped_sequential"]
