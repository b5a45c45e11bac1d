"""A second opinion on the order of the best candidates."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from hhperf.search.engine import SearchEngine
from hhperf.search.model import Candidate
from hhperf.search.provider import ProviderError
from hhperf.search.rerank import reordered, scores_of
from tests.search.conftest import Arms, ask
from tests.search.test_ranking import person, placed

pytestmark = pytest.mark.asyncio(loop_scope="session")

QUERY = "engenheiro de dados python"


@dataclass
class Reverser:
    """A service that prefers whoever was last; it keeps what it was asked."""

    asked: list[dict[str, Any]] = field(default_factory=list)

    async def answer(self, request: Request) -> Response:
        """Scores that rise along the list."""
        body = await request.json()
        self.asked.append(body)
        scores = [
            {"candidateId": each["candidateId"], "score": place}
            for place, each in enumerate(body["candidates"])
        ]
        return JSONResponse({"results": scores, "requestId": "x"})


async def engine_with(arms: Arms, service: Reverser, **settings: Any) -> SearchEngine:
    """An engine that asks this service."""
    return await arms.engine(
        at=arms.elsewhere(rerank_url=await arms.provider(service.answer)), **settings
    )


def ids(results: Any) -> list[str]:
    """Who, in order."""
    return [each["candidateId"] for each in results]


async def test_the_service_decides_the_order(arms: Arms) -> None:
    """The base score stays among the signals."""
    base = await ask(await arms.engine(enable_rerank=False), QUERY)
    response = await ask(await engine_with(arms, Reverser()), QUERY)
    assert ids(response.results) == ids(base.results)[::-1]
    assert response.results[-1]["signalScores"]["base"] == base.results[0]["score"]


async def test_what_the_service_is_asked(arms: Arms) -> None:
    """The job description, or the query for want of one, and each candidate in a few words."""
    service = Reverser()
    engine = await engine_with(arms, service)
    await ask(engine, QUERY, limit=3)
    await ask(engine, QUERY, limit=3, jobDescription="Vaga de dados")
    assert [each["jobDescription"] for each in service.asked] == [QUERY, "Vaga de dados"]
    assert service.asked[0]["limit"] == 50
    assert service.asked[0]["candidates"][0].keys() == {
        "candidateId", "title", "headline", "skills", "score",
    }  # fmt: skip


async def test_remembered_by_job_description_and_candidates(arms: Arms) -> None:
    """Another search that finds the same people for the same job is not asked again."""
    service = Reverser()
    engine = await engine_with(arms, service)
    for role in ("ic", "manager"):  # another result key, the same page of candidates
        response = await ask(engine, QUERY, limit=5, roleType=role)
    assert len(service.asked) == 1
    assert response.trace.cache_hits["rerank"]
    await ask(engine, QUERY, limit=5, offset=5)
    assert len(service.asked) == 2


async def test_a_hash_stands_for_the_job_description(arms: Arms) -> None:
    """The caller says that two texts are the same job."""
    service = Reverser()
    engine = await engine_with(arms, service)
    for text in ("Vaga A", "Vaga A, outra vez"):
        await ask(engine, QUERY, jobDescription=text, jdHash="job-0001", limit=5)
    assert len(service.asked) == 1


async def test_switched_off(arms: Arms) -> None:
    """`ENABLE_RERANK=false` asks nobody and names nothing as missing."""
    service = Reverser()
    response = await ask(await engine_with(arms, service, enable_rerank=False), QUERY)
    assert service.asked == []
    assert "rerank" not in response.trace.cache_hits
    assert response.timings.rerank_s == 0


async def test_nothing_to_rerank(arms: Arms) -> None:
    """Neither an empty page nor a search without text is sent to the service."""
    service = Reverser()
    engine = await engine_with(arms, service)
    assert (await ask(engine, QUERY, filters={"skills": ["none such"]})).results == ()
    await ask(engine, embedding=[1.0] + [0.1] * 767)
    assert service.asked == []


@pytest.mark.parametrize(
    "answer",
    [
        {}, {"results": None}, {"results": 3}, {"results": [1]}, {"results": [{}]},
        {"results": [{"candidateId": "a"}]}, {"results": [{"candidateId": "a", "score": "x"}]},
        {"results": [{"candidateId": "a", "score": None}]},
        {"results": [{"candidateId": "a", "score": float("nan")}]},
    ],
)  # fmt: skip
async def test_garbage_is_no_ranking(answer: dict[str, Any]) -> None:
    """What lacks an id or a finite score is refused as a whole."""
    with pytest.raises(ProviderError):
        scores_of(answer)


def candidates(count: int) -> list[Candidate]:
    """People with falling base scores."""
    return [Candidate(person(f"c{n}"), placed(f"c{n}"), score=1 - n / 100) for n in range(count)]


async def test_unscored_candidates_follow_in_their_order() -> None:
    """Who the service leaves out comes after those it scored; strangers are ignored."""
    ranked = reordered(candidates(4), {"c3": 0.1, "c1": 0.9, "zz": 5.0})
    assert [each.profile.candidate_id for each in ranked] == ["c1", "c3", "c0", "c2"]
    assert [each.score for each in ranked] == [0.9, 0.1, 1.0, 0.98]


@given(st.dictionaries(st.sampled_from([f"c{n}" for n in range(8)]), st.floats(-9, 9)))
async def test_reordering_loses_nobody(scores: dict[str, float]) -> None:
    """The same people, the scored ones first and sorted, ties as they were."""
    ranked = [each.profile.candidate_id for each in reordered(candidates(8), scores)]
    assert sorted(ranked) == [f"c{n}" for n in range(8)]
    head = ranked[: len(scores)]
    assert head == sorted(head, key=lambda name: (-scores[name], name))
