"""Where the time of services goes that tell of it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import isnan
from pathlib import Path

import pytest

from hhperf.errors import RunError
from hhperf.experiment.prepared import prepare_deployments
from hhperf.experiment.replay import replay
from hhperf.harness.paired_plan import plan_pairs
from hhperf.runs.observation import Arm, CacheLayer, Observation, Span
from hhperf.runs.run import Run, load_run
from hhperf.runs.writer import RunWriter
from hhperf.search.as_deployed import AnswerAsDeployed
from hhperf.verdict.compare import compare
from hhperf.why.breakdown import break_down
from hhperf.workload.query_log import QueryLog
from tests.runs.conftest import DESIGN, METADATA, observe
from tests.search.conftest import Arms, arms  # noqa: F401  (a fixture)

ONE, OTHER = "https://old.example", "https://new.example"
NAMES = {Arm.CONTROL: ONE, Arm.TREATMENT: OTHER, Arm.CONTROL_AGAIN: ONE}
MS = 1_000_000

Write = Callable[..., Run]


def answer(
    pair: int,
    arm: Arm,
    stages: Mapping[str, float],
    *,
    service_ms: int | None = None,
    excess_ms: int | None = None,
    is_hit: bool | None = False,
) -> Observation:
    """An answer after 100 ms that tells of stages in ms."""
    seen = observe(pair, arm, arm_schedule=NAMES[arm], cache_hits={})
    spans = tuple(
        Span(name, seen.start_ns, seen.start_ns + round(taken * MS))
        for name, taken in stages.items()
    )
    return replace(
        seen,
        end_ns=seen.start_ns + 100 * MS,
        spans=spans,
        cache_hits={} if is_hit is None else {CacheLayer.RESULT: is_hit},
        service_ns=None if service_ms is None else service_ms * MS,
        excess_ns=None if excess_ms is None else excess_ms * MS,
        results_match=None if arm is Arm.CONTROL else True,
    )


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a run of two services, each pair's answers as the function makes them."""

    def made(of: Callable[[int, Arm], Observation], pairs: int = 4) -> Run:
        metadata = replace(METADATA, design=replace(DESIGN, arms=NAMES))
        with RunWriter(tmp_path, metadata, epoch_ns=0) as writer:
            for pair in range(pairs):
                writer.add(*(of(pair, arm) for arm in Arm))
        return load_run(tmp_path)

    return made


def test_what_is_in_no_stage_is_the_remainder(write: Write) -> None:
    """Of the latency, with what the service spends outside its stages."""
    run = write(lambda pair, arm: answer(pair, arm, {"rerank": 20, "retrieval": 60}, service_ms=84))
    arm = break_down(run).control
    assert {name: stage.median_s for name, stage in arm.stages.items()} == pytest.approx(
        {"retrieval": 0.06, "rerank": 0.02, "remainder": 0.02}
    )
    assert list(arm.stages) == ["retrieval", "rerank", "remainder"]
    assert arm.told is not None
    assert (arm.told.service_s, arm.told.share) == pytest.approx((0.084, 80 / 84))
    assert isnan(arm.path_s)


def test_stages_side_by_side_explain_no_more_than_the_service_took(write: Write) -> None:
    """What overlaps would else hide what is in no stage."""
    run = write(lambda pair, arm: answer(pair, arm, {"vector": 60, "text": 60}, service_ms=70))
    told = break_down(run).treatment.told
    assert told is not None
    assert (told.share, told.remainder_s) == pytest.approx((120 / 70, 0.030))


def test_waiting_for_a_connection_is_counted_once(write: Write) -> None:
    """It is a part of the stage that waits."""
    run = write(lambda pair, arm: answer(pair, arm, {"retrieval": 60, "pool": 50, "audit": 10}))
    arm = break_down(run).control
    assert arm.told is not None
    assert (arm.told.together_s, arm.told.remainder_s) == pytest.approx((0.070, 0.030))
    assert {"pool", "audit"} <= arm.stages.keys()


def test_stages_are_shown_as_a_search_goes_through_them(write: Write) -> None:
    """Also where the services tell of different ones; what is in no stage comes last."""
    stages = {
        Arm.CONTROL: {"rerank": 9, "audit": 9, "embedding": 9},
        Arm.TREATMENT: {"ranking": 9, "retrieval": 9},
    }
    run = write(lambda pair, arm: answer(pair, arm, stages.get(arm, {})))
    assert break_down(run).stages == [
        "embedding", "retrieval", "ranking", "rerank", "audit", "remainder",
    ]  # fmt: skip


def test_cached_answers_stand_apart(write: Write) -> None:
    """They are in no figure of the searches."""

    def every_other(pair: int, arm: Arm) -> Observation:
        if pair % 2 and arm is Arm.CONTROL:
            return answer(pair, arm, {"cache": 3}, is_hit=True)
        return answer(pair, arm, {"retrieval": 60}, is_hit=None if pair else False)

    found = break_down(write(every_other))
    control, treatment = found.control.told, found.treatment.told
    assert treatment is not None
    assert control is not None
    assert control.cached is not None
    assert (control.answers, control.cached.answers) == (2, 2)
    assert (control.cached.cache_s, control.cached.remainder_s) == pytest.approx((0.003, 0.097))
    assert "cache" not in found.control.stages
    assert (treatment.answers, treatment.cached) == (4, None)


def test_services_that_tell_nothing_are_said_to(write: Write) -> None:
    """In one sentence, with where it could have been told."""
    run = write(lambda pair, arm: answer(pair, arm, {"connect": 1}))
    with pytest.raises(RunError, match=f"{ONE} and {OTHER} told nothing .* Server-Timing"):
        break_down(run)


def test_what_does_not_add_up_is_warned_of(write: Write) -> None:
    """With its counts and the median excess, in the breakdown and in the comparison."""

    def too_long(pair: int, arm: Arm) -> Observation:
        over = 30 + pair if arm is Arm.TREATMENT and pair < 3 else 1
        return answer(pair, arm, {"retrieval": 90}, service_ms=60, excess_ms=over)

    run = write(too_long)
    (warning,) = break_down(run).warnings
    assert warning.startswith(
        f"in 3 of 4 answers the stages that {OTHER} tells of take longer than its own sum of them,"
        " at the median by 31.0 ms: "
    )
    assert warning in compare(run).warnings


@pytest.mark.asyncio(loop_scope="session")
async def test_a_deployed_service_is_read_rightly(
    arms: Arms,  # noqa: F811  the fixture
    log: QueryLog,
    tmp_path: Path,
) -> None:
    """Its searches' stages add up to its own total; its cached answers are the cache's alone."""
    clients = [
        await arms.client(await arms.engine(name), AnswerAsDeployed())
        for name in ("as_shipped_sequential", "as_shipped")
    ]
    prepared = prepare_deployments(*(str(each.base_url) for each in clients), cache_state="natural")
    plan = plan_pairs(log, cache_state="natural", seed=1, pairs=8, warm_up=0, in_flight=1)
    run = await replay(
        plan, prepared.make_targets, tmp_path / "run", conditions=prepared.conditions
    )
    found = break_down(run)
    hits = run.frame()[["pair", "arm", "cache_result"]]
    spans = run.spans().merge(hits, on=["pair", "arm"])
    assert set(spans["stage"][spans["cache_result"]]) == {"cache"}
    assert "cache" not in set(spans["stage"][~spans["cache_result"].astype(bool)])
    for arm in (found.control, found.treatment):
        assert {"embedding", "retrieval", "ranking", "rerank", "remainder"} == arm.stages.keys()
        assert arm.told is not None
        assert arm.told.share == pytest.approx(1, abs=0.05)
        assert arm.told.remainder_s > 0
    assert found.control.told is not None
    assert found.control.told.cached is not None
    assert found.control.told.cached.remainder_s > 0
    assert found.warnings == ()
