"""A search from request to response, on the real stack."""

import asyncio
from typing import Any

import pytest

from hhperf.errors import SettingsError
from hhperf.search.cache import CacheScope
from hhperf.search.engine import SearchEngine, result_key
from hhperf.search.model import Caller, SearchRequest
from tests.search.conftest import EVERY_ARM, LARGE, SMALL, Arms, ask

pytestmark = pytest.mark.asyncio(loop_scope="session")

QUERY = "engenheiro de dados python"


def ids(response: Any) -> list[str]:
    """Who was found, in order."""
    return [each["candidateId"] for each in response.results]


async def stored(engine: SearchEngine, layer: str) -> list[str]:
    """The keys of one layer in Redis."""
    prefix = engine.settings.search_redis_prefix
    found = engine.cache._client.scan_iter(f"{prefix}:{layer}:*")
    return [key.decode() async for key in found]


@EVERY_ARM
async def test_results_are_ranked(arms: Arms, arm: str) -> None:
    """Different people, best first, no more than asked for, each placed by a method at least."""
    response = await ask(await arms.engine(arm, enable_rerank=False), QUERY)
    scores = [each["score"] for each in response.results]
    assert scores == sorted(scores, reverse=True)
    assert len(set(ids(response))) == len(scores) == 20
    assert response.total_found >= response.total == 20
    assert all(each["vectorRank"] or each["textRank"] for each in response.results)


async def test_reciprocal_ranks_are_shown(arms: Arms) -> None:
    """The fused score is the sum of 1 / (k + rank), with the setting's k."""
    for each in (await ask(await arms.engine(search_rrf_k=10), QUERY)).results:
        ranks = [rank for rank in (each["vectorRank"], each["textRank"]) if rank]
        assert each["rrfScore"] == pytest.approx(sum(1 / (10 + rank) for rank in ranks))


async def test_pages_share_out_the_candidates(arms: Arms) -> None:
    """Two pages of ten hold whom one page of twenty holds."""
    engine = await arms.engine()
    whole = await ask(engine, QUERY, limit=20)
    pages = [await ask(engine, QUERY, limit=10, offset=offset) for offset in (0, 10)]
    assert sorted(ids(pages[0]) + ids(pages[1])) == sorted(ids(whole))
    assert {each.total_found for each in (whole, *pages)} == {whole.total_found}
    assert [each.total for each in (whole, *pages)] == [20, 10, 10]


async def test_a_page_past_the_end(arms: Arms) -> None:
    """Is empty, and still knows how many there are."""
    engine = await arms.engine()
    filters = {"skills": ["Python"], "locations": ["Recife"]}
    response = await ask(engine, QUERY, filters=filters, offset=200)
    assert response.results == ()
    assert response.total_found == (await ask(engine, QUERY, filters=filters)).total_found > 0


async def test_the_limit_is_capped(arms: Arms) -> None:
    """200 may be asked for, `SEARCH_MAX_RESULTS` are given."""
    assert len((await ask(await arms.engine(), QUERY, limit=200)).results) == 50
    engine = await arms.engine(search_max_results=3)
    assert len((await ask(engine, QUERY, limit=200)).results) == 3


async def test_the_least_similarity(arms: Arms) -> None:
    """Below it only those stay whom the text search found."""
    response = await ask(await arms.engine(search_min_similarity=0.99), QUERY)
    assert response.results
    assert all(each["textScore"] > 0 for each in response.results)


@EVERY_ARM
async def test_a_blank_query_has_no_text_search(arms: Arms, arm: str) -> None:
    """The job description is searched by its meaning alone."""
    response = await ask(await arms.engine(arm), " ", jobDescription=QUERY)
    assert response.results
    assert all(each["textRank"] is None for each in response.results)
    assert response.timings.text_search_s == 0


async def test_tenants_have_their_own_people(arms: Arms) -> None:
    """The same question finds nobody twice."""
    engine = await arms.engine()
    large, small = [await ask(engine, QUERY, tenant=tenant) for tenant in (LARGE, SMALL)]
    assert large.results
    assert small.results
    assert not set(ids(large)) & set(ids(small))


async def test_an_unknown_tenant_has_nobody(arms: Arms) -> None:
    """No error, and no results."""
    response = await ask(await arms.engine(), QUERY, tenant="tenant-x' OR ''='")
    assert (response.results, response.total_found) == ((), 0)


async def test_the_specialty_is_a_signal(arms: Arms) -> None:
    """Who is of the specialty that the query names scores 1 on it, the others 0."""
    response = await ask(await arms.engine(enable_rerank=False), QUERY, limit=50)
    assert {each["signalScores"]["specialtyMatch"] for each in response.results} == {0.0, 1.0}


@EVERY_ARM
async def test_a_repeated_search_is_a_hit(arms: Arms, arm: str) -> None:
    """With the same results, and nothing but the cache asked."""
    engine = await arms.engine(arm)
    first, second = await ask(engine, QUERY), await ask(engine, QUERY)
    assert (first.cache_hit, second.cache_hit) == (False, True)
    assert (list(first.results), first.total_found) == (
        list(second.results),
        second.total_found,
    )
    assert [span.stage for span in second.trace.spans] == ["cache"]
    assert second.trace.cache_hits == {"result": True}
    assert second.timings.embedding_s == 0


@pytest.mark.parametrize(
    "other",
    [{"query": "java"}, {"limit": 5}, {"offset": 1}, {"jobDescription": "x"}, {"roleType": "ic"},
     {"filters": {"skills": ["SQL"]}}, {"jdHash": "0123456789"}],
)  # fmt: skip
async def test_another_search_has_another_key(other: dict[str, Any]) -> None:
    """Everything that changes the answer changes the key, and the tenant too."""
    base = {"query": QUERY}
    one, same = (result_key(SearchRequest.from_wire(base), Caller(t, "r")) for t in (LARGE, LARGE))
    assert one == same
    assert one != result_key(SearchRequest.from_wire(base | other), Caller(LARGE, "r"))
    assert one != result_key(SearchRequest.from_wire(base), Caller(SMALL, "r"))


@pytest.mark.parametrize("same", [{"includeDebug": True}, {"limit": 20}, {"filters": {}}])
async def test_what_changes_nothing_has_the_same_key(same: dict[str, Any]) -> None:
    """A default said aloud is the default, and debugging is not part of the question."""
    keys = {
        result_key(SearchRequest.from_wire({"query": QUERY, **each}), Caller(LARGE, "r"))
        for each in ({}, same)
    }
    assert len(keys) == 1


async def test_the_hash_stands_for_the_job_description() -> None:
    """Two spellings of the same job share a key when the caller says so."""
    keys = {
        result_key(
            SearchRequest.from_wire({"jobDescription": text, "jdHash": "job-0001"}),
            Caller(LARGE, "r"),
        )
        for text in ("Vaga A", "Vaga A.")
    }
    assert len(keys) == 1


async def test_times_to_live(arms: Arms) -> None:
    """Each layer has its own, ±20% but for the specialty."""
    engine = await arms.engine()
    await ask(engine, QUERY)
    for layer, ttl_s, spread in (
        ("result", 600, 0.2), ("embedding", 3_600, 0.2), ("specialty", 86_400, 0),
        ("rerank", 21_600, 0.2),
    ):  # fmt: skip
        (key,) = await stored(engine, layer)
        ttl = await engine.cache._client.ttl(key)
        assert ttl_s * (1 - spread) - 2 <= ttl <= ttl_s * (1 + spread)


async def test_lookups_can_be_shared_without_results(arms: Arms) -> None:
    """A scope says what is shared: here embeddings and specialties, but no answers."""
    engine = await arms.engine()
    request, caller = SearchRequest.from_wire({"query": QUERY}), Caller(LARGE, "r")
    prefix = engine.settings.search_redis_prefix
    first, second = [
        await engine.search(request, caller, CacheScope(f"{prefix}:{n}", prefix)) for n in range(2)
    ]
    assert first.trace.cache_hits == {
        "result": False, "embedding": False, "specialty": False, "rerank": False,
    }  # fmt: skip
    assert second.trace.cache_hits == {
        "result": False, "embedding": True, "specialty": True, "rerank": True,
    }  # fmt: skip


@EVERY_ARM
async def test_debug_block(arms: Arms, arm: str) -> None:
    """Only when asked for; it repeats what the timings say."""
    engine = await arms.engine(arm)
    body = (await ask(engine, QUERY, includeDebug=True)).to_wire()
    assert body["debug"] == {
        "parallelExecution": {
            "enabled": arm != "sequential",
            "preSearchMs": body["timings"]["preSearchMs"],
            "parallelSavingsMs": body["timings"]["parallelSavingsMs"],
        }
    }
    assert "debug" not in (await ask(engine, QUERY)).to_wire()


async def test_a_modelled_cache_hit_lasts_its_time(arms: Arms) -> None:
    """The plan has a budget for it; what was not asked is not modelled."""
    engine = await arms.engine(delay_of=lambda stage, _: 0.03 if stage == "cache_hit" else 0.0)
    miss, hit = await ask(engine, QUERY), await ask(engine, QUERY)
    assert miss.metadata["modelled"] == []
    assert hit.metadata["modelled"] == ["cache"]
    assert hit.timings.total_s >= 0.03


async def test_a_lookup_answered_by_the_cache_is_not_modelled(arms: Arms) -> None:
    """The delay stands for the service, and the service was not asked."""
    engine = await arms.engine(delay_of=lambda stage, _: 0.01 if stage == "embedding" else 0.0)
    first, second = await ask(engine, QUERY), await ask(engine, QUERY, limit=5)
    assert first.metadata["modelled"] == ["embedding"]
    assert second.metadata["modelled"] == []


async def test_the_warm_embedding_is_the_same(arms: Arms) -> None:
    """What comes out of Redis finds exactly what the service's answer found."""
    engine = await arms.engine()
    first = await ask(engine, QUERY)
    second = await ask(engine, QUERY, filters={"metadata": {}})
    third = await ask(engine, QUERY, roleType="ic")
    assert second.cache_hit
    assert third.trace.cache_hits["embedding"]
    assert {each["candidateId"]: each["vectorScore"] for each in third.results} == {
        each["candidateId"]: each["vectorScore"] for each in first.results
    }


async def test_searches_at_once_share_lookups(arms: Arms) -> None:
    """Ten callers of one new text make one embedding and one specialty lookup."""
    engine = await arms.engine()
    responses = await asyncio.gather(*(ask(engine, QUERY, offset=n) for n in range(10)))
    assert all(response.results for response in responses)
    assert len(await stored(engine, "embedding")) == 1
    assert engine.clients.embedding.coalescer.pending_count == 0


async def test_an_arm_that_does_not_exist(arms: Arms) -> None:
    """The error lists those that do."""
    with pytest.raises(SettingsError, match="sequential, parallel, eager, single_statement"):
        await arms.engine("fastest")
