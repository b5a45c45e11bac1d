"""What an answer says of its stages, read without counting any time twice."""

from typing import Any

import pytest

from hhperf.harness.stage_table import PRODUCTION, StageTable
from hhperf.harness.stage_times import StageTimes, least_ms, stage_times

DEPLOYED = {
    "totalMs": 106.5, "embeddingMs": 19, "retrievalMs": 76, "rankingMs": 0.25, "rerankMs": 11,
    "cacheMs": 117,
}  # fmt: skip
"""As the deployed service tells of a search: its cache's time is the whole search's."""
DEPLOYED_STAGES = {"embedding": 19.0, "retrieval": 76.0, "ranking": 0.25, "rerank": 11.0}
DEPLOYED_HEADER = "embedding;dur=19, retrieval;dur=76, rerank;dur=11, total;dur=106.5"


def read(
    timings: dict[str, Any] | None = None,
    *,
    header: str = "",
    responded: str = "",
    table: StageTable = PRODUCTION,
    is_hit: bool = False,
    elapsed_ms: float = 200.0,
) -> StageTimes:
    """Read an answer that has these."""
    headers = {"server-timing": header, "x-response-time": responded}
    return stage_times(
        headers, {"timings": timings}, table, is_hit=is_hit, elapsed_ms=elapsed_ms
    )  # fmt: skip


def test_they_come_from_the_body() -> None:
    """A stage that took no time did not run, and what has no meaning is none."""
    timings = {"totalMs": 90, "embeddingMs": 50.5, "vectorSearchMs": 0, "rerankMs": 12}
    found = read(timings | {"preSearchMs": 51, "parallelSavingsMs": 3}, header="embedding;dur=1")
    assert found == StageTimes({"embedding": 50.5, "rerank": 12.0}, 90.0, 0.0)


def test_the_header_adds_what_the_body_does_not_name() -> None:
    """Such as the wait for a database connection."""
    found = read({"embeddingMs": 50.5}, header="embedding;dur=1, pool;dur=7.5")
    assert found.stages == {"embedding": 50.5, "pool": 7.5}


def test_they_come_from_the_header_where_the_body_has_none() -> None:
    """Quoted text may hold commas, and parameters may stand in any order."""
    header = 'embedding;dur=50.5, cache;desc="hit, or so", db;desc="a;b";dur="7", total;dur=99'
    assert read(header=header) == StageTimes({"embedding": 50.5, "db": 7.0}, 99.0, 0.0)


@pytest.mark.parametrize("timings", [DEPLOYED, None], ids=["body", "header"])
def test_retrieval_is_a_stage_where_it_is_told_alone(timings: dict[str, Any] | None) -> None:
    """One statement holds both searches: their time is nowhere else."""
    assert read(timings, header=DEPLOYED_HEADER).stages["retrieval"] == 76


def test_retrieval_is_a_sum_where_its_parts_are_told() -> None:
    """Else the searches would count twice."""
    found = read({"retrievalMs": 80, "vectorSearchMs": 60, "textSearchMs": 30, "totalMs": 95})
    assert found == StageTimes({"vector": 60.0, "text": 30.0}, 95.0, 0.0)


@pytest.mark.parametrize("responded", ["117.4ms", ""], ids=["response time", "none"])
def test_a_whole_search_is_no_time_of_the_cache(responded: str) -> None:
    """The named stages add up to the service's own total."""
    found = read(DEPLOYED, responded=responded, header=DEPLOYED_HEADER)
    assert found == StageTimes(DEPLOYED_STAGES, 106.5, 0.0)
    assert sum(found.stages.values()) == pytest.approx(106.5, rel=0.05)


def test_what_the_cache_took_is_a_stage() -> None:
    """There is room for it beside the longest stage, here a slow one."""
    timings = {"embeddingMs": 5, "retrievalMs": 10, "cacheMs": 40, "totalMs": 56}
    assert read(timings).stages["cache"] == 40


def test_without_a_total_the_answer_itself_bounds_the_cache() -> None:
    """No stage takes longer than the request did."""
    timings = {"retrievalMs": 10, "cacheMs": 40}
    assert "cache" in read(timings, elapsed_ms=52).stages
    assert "cache" not in read(timings, elapsed_ms=45).stages


@pytest.mark.parametrize(
    ("responded", "taken", "service"),
    [("0.97ms", 0.97, 0.97), ("0.00097s", 0.97, 0.97), ("", 3.0, None), ("106 ms", 3.0, None)],
    ids=["in ms", "in s", "not told", "stored too"],
)
def test_a_cached_answer_has_one_stage(responded: str, taken: float, service: float | None) -> None:
    """The stored times of another search are none of it; it cannot take longer than it did."""
    found = read(
        DEPLOYED, header=DEPLOYED_HEADER, responded=responded, is_hit=True, elapsed_ms=3.0
    )  # fmt: skip
    assert found.stages == {"cache": pytest.approx(taken)}
    assert found.service == (None if service is None else pytest.approx(service))


def test_a_cached_answer_that_tells_its_own_time_is_believed() -> None:
    """As this kit's service does."""
    timings = {"totalMs": 1.5, "embeddingMs": 0, "retrievalMs": 0, "cacheMs": 1.25}
    found = read(timings, responded="1.6ms", is_hit=True, elapsed_ms=3.0)
    assert found == StageTimes({"cache": 1.25}, 1.5, 0.0)


@pytest.mark.parametrize(
    ("timings", "excess"),
    [
        ({"embeddingMs": 20, "retrievalMs": 50, "rankingMs": 10, "totalMs": 72}, 8.0),
        ({"embeddingMs": 20, "textSearchMs": 50, "specialtyMs": 60, "totalMs": 60}, 0.0),
        ({"vectorSearchMs": 50, "retrievalMs": 47, "totalMs": 90}, 3.0),
        ({"embeddingMs": 20}, None),
    ],
    ids=["one after another", "side by side", "retrieval", "no sum"],
)
def test_sums_check_their_parts(timings: dict[str, Any], excess: float | None) -> None:
    """By the least time in which the stages can have run, so that no schedule is suspect."""
    assert read(timings).excess == excess


def test_the_least_time_knows_what_needs_what() -> None:
    """An unknown stage may run beside all others, and bounds the whole by itself alone."""
    stages = {"cache": 1, "embedding": 10, "vector": 30, "text": 35, "ranking": 2, "rerank": 4}
    assert least_ms(stages) == 47
    assert least_ms(stages | {"audit": 60}) == 60
    assert least_ms({}) == 0


@pytest.mark.parametrize(
    "value", [True, -3, "12", None, float("nan"), float("inf"), 10**400, [1]], ids=str
)
def test_what_is_no_duration_is_none(value: object) -> None:
    """Whatever a service puts there."""
    assert read({"embeddingMs": value, "rerankMs": 2}).stages == {"rerank": 2.0}


def test_a_table_says_what_names_mean() -> None:
    """Several names of one stage add up; what is ignored is nowhere."""
    table = StageTable(
        {"db": "retrieval", "disk": "retrieval", "lookup_ms": "embedding"},
        {"app": "total"},
        frozenset({"cdn"}),
    )
    found = read(
        {"lookup_ms": 4, "other_ms": 9}, header="db;dur=10, disk;dur=5, app;dur=25, cdn;dur=80",
        table=table,
    )  # fmt: skip
    assert found == StageTimes({"retrieval": 15.0, "embedding": 4.0}, 25.0, 0.0)


def test_names_of_one_sum_do_not_add_up() -> None:
    """Each is the whole of it: the longest counts."""
    table = StageTable({"db": "vector"}, {"app": "total", "search": "retrieval"})
    header = "db;dur=30, search;dur=40, retrieval;dur=41, total;dur=90, app;dur=95"
    assert read(header=header, table=table) == StageTimes({"vector": 30.0}, 95.0, 0.0)
    assert read(header="search;dur=40, retrieval;dur=41", table=table).stages == {"retrieval": 41}


@pytest.mark.parametrize("named", ["embeddingMs", "embedding"])
def test_a_time_that_is_told_twice_has_one_name(named: str) -> None:
    """Production repeats its fields in a header: who names one of the two names both."""
    timings, header = {"embeddingMs": 9, "totalMs": 12}, "embedding;dur=9, total;dur=12"
    found = read(timings, header=header, table=StageTable({named: "encoder"}))
    assert found == StageTimes({"encoder": 9.0}, 12.0, 0.0)
    ignoring = read(timings, header=header, table=StageTable(ignored=frozenset({named})))
    assert ignoring.stages == {}


def test_a_table_comes_before_productions_names() -> None:
    """A service may mean something else by one of them."""
    table = StageTable({"totalMs": "embedding"}, {"embeddingMs": "total"}, frozenset({"cacheMs"}))
    found = read({"totalMs": 3, "embeddingMs": 9, "cacheMs": 1}, table=table)
    assert found == StageTimes({"embedding": 3.0}, 9.0, 0.0)
