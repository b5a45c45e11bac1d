"""Blocks of a load in which a part goes, and loads that go on."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from hhperf.experiment.replay import replay_sync
from hhperf.harness.load_plan import LoadPlan, plan_load
from hhperf.harness.sweep import plan_sweep, record_sweep
from hhperf.harness.target import Reply, Request
from hhperf.runs.observation import Arm, Outcome
from hhperf.runs.run import Run
from hhperf.runs.writer import RunWriter
from hhperf.workload.schedules import constant, evenly
from tests.harness.conftest import ANSWER, make_log
from tests.harness.test_pair_sending import standing_on
from tests.harness.test_supervision import Part

GONE_AT = 130
"""Of 240 requests, in the fourth of six blocks."""

LAST_OF_FOURTH = 160


def planned() -> LoadPlan:
    return plan_load(
        make_log(80), evenly(constant(200, 0.2)), cache_state="natural", seed=2, warm_up=0,
        extra_time_s=0,
    )  # fmt: skip


def sent(run: Run) -> list[tuple[object, ...]]:
    """What was measured: each request's pair, block and arm."""
    rows = run.observations.to_pylist()
    return sorted((row["pair"], row["block"], row["arm"], row["request_id"]) for row in rows)


def replayed(part: Part, out: Path, *, away_for: int, patience_s: float) -> Run:
    """A load whose part goes, at one of its requests, for so many questions."""
    seen = 0

    async def respond(request: Request) -> Reply:
        nonlocal seen
        seen += 1
        if seen == GONE_AT:
            part.away_from, part.away_for = part.asked + 1, away_for
        return ANSWER

    return replay_sync(
        planned(), standing_on(part, respond), out, patience_s=patience_s, progress=False
    )


def test_a_block_in_which_a_part_went_is_sent_again_whole(tmp_path: Path) -> None:
    """Every request is there once, and the run tells how many were let go."""
    run = replayed(Part(), tmp_path / "run", away_for=3, patience_s=60)
    assert run.status == "finished"
    assert (len(run), len(run.pairs())) == (240, 80)
    (gap,) = run.metadata.gaps
    assert gap.sent_again
    assert 0 < gap.pairs <= 40
    fourth = run.frame().query("block == 3")
    assert (fourth["intended_start_ns"] >= gap.until_ns).all()


def test_a_load_that_broke_off_is_gone_on_with(tmp_path: Path) -> None:
    """With the blocks that it lacks: the requests are those of an unbroken load."""
    run = replayed(Part(), tmp_path / "run", away_for=10**6, patience_s=0)
    assert (run.status, len(run.pairs("response_time"))) == ("stopped", 40)
    again = standing_on(Part(), _answer)
    run = replay_sync(planned(), again, tmp_path / "run", resume=True, progress=False)
    unbroken = replay_sync(
        planned(), standing_on(Part(), _answer), tmp_path / "unbroken", progress=False
    )
    assert run.status == "finished"
    assert sent(run) == sent(unbroken)
    ends_ns = np.asarray(run.observations.sort_by("block")["end_ns"])
    assert (np.diff(ends_ns.reshape(6, 40).max(axis=1)) > 0).all()


def test_a_whole_block_that_met_a_missing_part_is_sent_again_too(tmp_path: Path) -> None:
    """All its requests have ended, some of them ill, before anybody saw that the part is gone."""
    seen, part = 0, Part()

    async def respond(request: Request) -> Reply:
        nonlocal seen
        seen += 1
        if seen == LAST_OF_FOURTH:
            part.away_from, part.away_for = part.asked + 1, 10**6
            raise ConnectionRefusedError
        return ANSWER

    out = tmp_path / "run"
    run = replay_sync(planned(), standing_on(part, respond), out, patience_s=0, progress=False)
    assert (run.status, len(run)) == ("stopped", LAST_OF_FOURTH)
    assert run.counts()[Arm.CONTROL][Outcome.ERROR] == 0
    run = replay_sync(planned(), standing_on(Part(), _answer), out, resume=True, progress=False)
    assert (run.status, len(run)) == ("finished", 240)
    assert {each[Outcome.OK] for each in run.counts().values()} == {80}


def test_a_load_that_was_killed_before_its_first_request_is_gone_on_with(tmp_path: Path) -> None:
    """There is a run, and nothing in it."""
    answering = partial(standing_on, Part(), _answer)
    unbroken = replay_sync(planned(), answering(), tmp_path / "unbroken", progress=False)
    killed = RunWriter(tmp_path / "run", replace(unbroken.metadata, status="running", files={}))
    for each in (killed._observation_journal, killed._health_journal):
        each.abandon()  # as the kernel does
    killed._lock.release()
    run = replay_sync(planned(), answering(), tmp_path / "run", resume=True, progress=False)
    assert (run.status, sent(run)) == ("finished", sent(unbroken))


async def _answer(request: Request) -> Reply:
    return ANSWER


async def test_a_sweep_goes_on_with_the_load_that_broke_off(tmp_path: Path) -> None:
    """What is finished stays as it is, and what was never begun follows."""
    plans = plan_sweep(
        make_log(40), [5, 10], seconds=1, seed=1, rounds=1, cache_state="natural", warm_up=0
    )
    answering = partial(standing_on, Part(), _answer)
    (first, *_) = await record_sweep(plans[:1], answering, tmp_path, progress=False)
    runs = await record_sweep(plans, answering, tmp_path, resume=True, progress=False)
    assert [run.status for run in runs] == ["finished", "finished"]
    assert runs[0].metadata.created == first.metadata.created
    assert runs[0].metadata.gaps == ()
