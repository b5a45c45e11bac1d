"""The arms on real parts: what waits, what overlaps, and what is told of it."""

from collections.abc import Mapping

import pytest

from hhperf.search.arms import ARMS, deployed_arm
from hhperf.search.engine import SearchResponse
from hhperf.search.settings import Settings
from hhperf.search.trace import POOL, Span
from tests.search.conftest import EVERY_ARM, SMALL, Arms, ask

pytestmark = pytest.mark.asyncio(loop_scope="session")

DELAYS_S = {
    "embedding": 0.05, "specialty": 0.12, "vector": 0.05, "text": 0.15, "statement": 0.1,
    "ranking": 0.02, "rerank": 0.02,
}  # fmt: skip
"""Long enough for stages to overlap wherever nothing keeps them apart."""

DATABASE_STAGES = {"specialty", "vector", "text", "statement", "hydration"}
QUERY = "engenheiro de dados python"


async def timed(arms: Arms, arm: str) -> tuple[SearchResponse, Mapping[str, Span]]:
    """A search whose stages last as long as said, with the span of each stage."""
    engine = await arms.engine(arm, delay_of=lambda stage, _request: DELAYS_S.get(stage, 0.0))
    response = await ask(engine, QUERY)
    return response, {span.stage: span for span in response.trace.spans if span.stage != "cache"}


@EVERY_ARM
async def test_every_stage_waits_for_what_it_is_said_to(arms: Arms, arm: str) -> None:
    """No stage begins before one that it waits for has ended, and no stage is left out."""
    _, spans = await timed(arms, arm)
    assert spans.keys() == ARMS[arm].waits.keys()
    for stage, waits in ARMS[arm].waits.items():
        for before in waits:
            assert spans[before].end_ns <= spans[stage].start_ns, f"{stage} before {before}'s end"


@pytest.mark.parametrize(
    ("arm", "pair", "overlaps"),
    [
        ("sequential", ("embedding", "specialty"), False),
        ("sequential", ("vector", "text"), False),
        ("parallel", ("embedding", "specialty"), True),
        ("parallel", ("vector", "text"), True),
        ("parallel", ("specialty", "vector"), False),
        ("parallel", ("specialty", "text"), False),
        ("eager", ("embedding", "text"), True),
        ("eager", ("specialty", "vector"), True),
        ("eager", ("specialty", "text"), True),
        ("eager", ("embedding", "vector"), False),
        ("single_statement", ("embedding", "specialty"), True),
        ("single_statement", ("specialty", "statement"), False),
    ],
)
async def test_what_overlaps(arms: Arms, arm: str, pair: tuple[str, str], overlaps: bool) -> None:
    """The schedules differ in this and in nothing else."""
    _, spans = await timed(arms, arm)
    one, other = (spans[stage] for stage in pair)
    assert (one.start_ns < other.end_ns and other.start_ns < one.end_ns) is overlaps


@pytest.mark.parametrize(
    ("arm", "query", "counts"),
    [
        ("single_statement", "python", 1),
        ("single_statement", " ", 0),
        ("single_statement_without_count", "python", 0),
    ],
)
async def test_the_deployed_statement_counts_first(
    arms: Arms, caplog: pytest.LogCaptureFixture, arm: str, query: str, counts: int
) -> None:
    """For a query with text; on the statement's own connection, so one of them is enough."""
    caplog.set_level("DEBUG", "hhperf.search.store")
    engine = await arms.engine(arm, pgvector_pool_min=1, pgvector_pool_max=1)
    response = await ask(engine, query, jobDescription="python", tenant=SMALL)
    told = [record.args for record in caplog.records if "match the query" in record.message]
    assert len(told) == counts
    assert all(args[0] == args[1] > args[2] > 0 for args in told)  # type: ignore[index,operator]
    stages = {span.stage for span in response.trace.spans}
    assert len(response.trace.pool_waits) == len(stages & DATABASE_STAGES)


@EVERY_ARM
async def test_modelled_stages_last_their_time(arms: Arms, arm: str) -> None:
    """At least their time, each its own; the response names them."""
    response, spans = await timed(arms, arm)
    modelled = {stage for stage in spans if stage in DELAYS_S}
    assert all(spans[stage].duration_ns >= DELAYS_S[stage] * 1e9 for stage in modelled)
    assert response.metadata["modelled"] == sorted(modelled)


async def test_sequential_saves_exactly_nothing(arms: Arms) -> None:
    """Not a rounding error: stages one after another took together what they took one by one."""
    response, _ = await timed(arms, "sequential")
    assert response.timings.to_wire()["parallelSavingsMs"] == 0.0


async def test_parallel_saves_what_was_overlapped(arms: Arms) -> None:
    """Each pair saves its shorter member, and not the whole time of the pair."""
    response, spans = await timed(arms, "parallel")
    shorter = [
        min(spans[one].duration_ns, spans[other].duration_ns) / 1e9
        for one, other in (("embedding", "specialty"), ("vector", "text"))
    ]
    assert 0 < response.timings.parallel_savings_s <= sum(shorter)
    assert response.timings.specialty_s > response.timings.embedding_s
    assert response.timings.pre_search_s < (
        response.timings.embedding_s + response.timings.specialty_s
    )


async def test_the_plan_as_shipped_saves_the_time_of_its_placeholder(arms: Arms) -> None:
    """Both lookups overlap, but one of them does nothing: what is saved is no more than that."""
    response, spans = await timed(arms, "as_shipped")
    placeholder = spans["specialty"]
    assert placeholder.duration_ns < spans["embedding"].duration_ns / 10
    assert response.timings.parallel_savings_s <= placeholder.duration_ns / 1e9


async def test_the_plan_as_shipped_answers_alike_with_its_flag_off(arms: Arms) -> None:
    """So its two sides can be compared; beside a real lookup the ranking is another one."""
    shipped = [
        await ask(await arms.engine(arm, enable_rerank=False), QUERY)
        for arm in ("as_shipped_sequential", "as_shipped", "single_statement")
    ]
    found = [[(each["candidateId"], each["score"]) for each in one.results] for one in shipped]
    assert found[0] == found[1] != found[2]


@EVERY_ARM
async def test_the_total_holds_the_stages(arms: Arms, arm: str) -> None:
    """What the stages took one by one, without what was saved, is no more than the whole."""
    response, _ = await timed(arms, arm)
    one_by_one_s = sum(span.duration_ns for span in response.trace.spans) / 1e9
    covered_s = one_by_one_s - response.timings.parallel_savings_s
    assert 0 < covered_s <= response.timings.total_s


@pytest.mark.parametrize("given", [True, False])
async def test_the_flag_chooses_the_arm(given: bool) -> None:
    """On: the plan's schedule. Off: one stage after another."""
    arm = deployed_arm(Settings(enable_parallel_pre_search=given))
    assert arm == ("parallel" if given else "sequential")
    assert arm in ARMS


async def test_waiting_for_a_connection_is_a_part_of_the_stage(arms: Arms) -> None:
    """With one connection the second of two parallel searches waits, inside its own span."""
    engine = await arms.engine(
        "parallel",
        delay_of=lambda stage, _request: DELAYS_S.get(stage, 0.0),
        pgvector_pool_min=1,
        pgvector_pool_max=1,
    )
    response = await ask(engine, QUERY)
    spans = {span.stage: span for span in response.trace.spans}
    longest = max(response.trace.pool_waits, key=lambda wait: wait.duration_ns)
    waiting = max(spans["vector"], spans["text"], key=lambda span: span.end_ns)
    assert longest.stage == POOL
    # The second search comes to the pool a moment after the first has taken its connection.
    assert longest.duration_ns >= 0.9e9 * min(DELAYS_S["vector"], DELAYS_S["text"])
    assert waiting.start_ns <= longest.start_ns < longest.end_ns <= waiting.end_ns


async def test_waits_count_once(arms: Arms) -> None:
    """They are in the stages' times already: the sum of the stages does not hold them again."""
    response, spans = await timed(arms, "sequential")
    assert len(response.trace.pool_waits) == len(spans.keys() & DATABASE_STAGES)
    assert response.timings.pool_wait_s > 0
    assert response.timings.parallel_savings_s == 0.0


async def test_a_written_schedule_finds_what_an_arm_finds(arms: Arms) -> None:
    """In the order that it says."""
    written = await ask(await arms.engine("text, vector < specialty", enable_rerank=False), QUERY)
    named = await ask(await arms.engine("parallel", enable_rerank=False), QUERY)
    spans = {span.stage: span for span in written.trace.spans}
    assert [each["candidateId"] for each in written.results] == [
        each["candidateId"] for each in named.results
    ]
    assert spans["text"].start_ns >= spans["specialty"].end_ns
