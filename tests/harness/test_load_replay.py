"""Replay under load against real async callables, real clocks and real files."""

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hhperf.experiment.replay import replay_sync
from hhperf.harness.load_plan import LoadPlan, plan_load
from hhperf.harness.load_replay import replay_load
from hhperf.harness.replay_plan import CacheState
from hhperf.harness.target import Reply, Request
from hhperf.runs.metadata import SwitchbackDesign
from hhperf.runs.observation import Arm, Outcome
from hhperf.runs.pairs import Statistic
from hhperf.runs.run import load_run
from hhperf.workload.schedules import closed_loop, constant, evenly, poisson
from tests.harness.conftest import ANSWER, Callee, arms, make_log

FAST = evenly(constant(400, 0.1))


def planned(load: Any = FAST, **arguments: Any) -> LoadPlan:
    usual: dict[str, Any] = {"cache_state": "natural", "seed": 1, "warm_up": 0, "rounds": 1}
    usual["extra_time_s"] = 0
    return plan_load(make_log(7), load, **(usual | arguments))


async def test_every_arm_gets_the_load(tmp_path: Path) -> None:
    """A finished run has each request once for each arm, block after block."""
    run = await replay_load(planned(rounds=2), arms(), tmp_path)
    frame = run.frame()
    assert (run.status, len(run), len(run.pairs())) == ("finished", 240, 80)
    assert isinstance(run.metadata.design, SwitchbackDesign)
    blocks = frame.groupby("block")["arm"].agg(["nunique", "first", "size"])
    assert blocks["nunique"].tolist() == [1] * 6
    assert blocks["first"].tolist() == list(run.metadata.design.blocks)
    assert blocks["size"].tolist() == [40] * 6


async def test_the_clocks_of_a_request_are_in_order(tmp_path: Path) -> None:
    """Intended, dispatched, started, ended; intended as the schedule says."""
    run = await replay_load(planned(arms=[Arm.CONTROL]), arms(), tmp_path)
    frame = run.frame().sort_values("pair")
    clocks = frame[["intended_start_ns", "dispatched_ns", "start_ns", "end_ns"]].to_numpy()
    assert (np.diff(clocks, axis=1) >= 0).all()
    assert np.array_equal(np.diff(clocks[:, 0]), np.diff(FAST.at_ns))


async def test_a_slow_answer_delays_no_other(tmp_path: Path) -> None:
    """Forty requests of 0.2 s each are all under way after 0.1 s."""
    most = 0
    busy = 0

    async def slow(request: Request) -> Reply:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        await asyncio.sleep(0.2)
        busy -= 1
        return ANSWER

    await replay_load(planned(arms=[Arm.CONTROL]), arms(control=slow), tmp_path)
    assert most == len(FAST)


async def test_what_comes_too_thick_is_dropped_and_counted(tmp_path: Path) -> None:
    """Five may be under way, the others of the block are not sent."""
    plan = planned(arms=[Arm.CONTROL, Arm.TREATMENT], max_in_flight=5)

    async def slow(request: Request) -> Reply:
        await asyncio.sleep(0.3)
        return ANSWER

    targets = arms(treatment=slow)
    run = await replay_load(plan, targets, tmp_path)
    assert run.counts()[Arm.TREATMENT][Outcome.DROPPED] == 35
    assert run.counts()[Arm.CONTROL][Outcome.DROPPED] == 0
    assert len(targets[Arm.TREATMENT].seen) == 5


async def test_a_late_answer_is_censored(tmp_path: Path) -> None:
    """By the timeout, or by the end of the time the block has to settle."""

    async def never(request: Request) -> Reply:
        await asyncio.Event().wait()
        return ANSWER

    plan = planned(evenly(constant(20, 0.1)), timeout_s=0.12, settle_s=0.05)
    run = await replay_load(plan, arms(treatment=never), tmp_path)
    frame = run.frame().query("arm == 'treatment'").sort_values("pair")
    assert frame["outcome"].tolist() == ["timeout", "timeout"]
    assert frame["error"].tolist() == ["TimeoutError", "not answered when the block ended"]
    assert run.pairs(Statistic.RESPONSE_TIME).treatment.tolist() == [np.inf, np.inf]


async def test_each_block_warms_up_for_itself(tmp_path: Path) -> None:
    """At the load's rate, before it, and nobody sees it."""
    targets = arms()
    run = await replay_load(planned(rounds=2, warm_up=4), targets, tmp_path)
    assert [len(target.seen) for target in targets.values()] == [88] * 3
    assert len(run) == 240


async def test_arms_meet_the_same_requests_at_the_same_times(tmp_path: Path) -> None:
    """Common random numbers: only the arm differs between the blocks of a round."""
    plan = planned(poisson(constant(300, 0.1), seed=5), order="draw")
    run = await replay_load(plan, arms(), tmp_path)
    frame = run.frame().sort_values("pair")
    by_arm = [frame[frame["arm"] == arm.value] for arm in Arm]
    asked = {tuple(each["request_id"]) for each in by_arm}
    gaps = {tuple(np.diff(each["intended_start_ns"])) for each in by_arm}
    assert (len(asked), len(gaps)) == (1, 1)


async def test_results_are_compared_by_their_digests(tmp_path: Path) -> None:
    """Scores count, to 1e-9."""

    async def nearly(request: Request) -> Reply:
        score = 0.9 + (1e-6 if request.request_id == "r3" else 1e-12)
        return Reply(results=(("c1", score), ("c2", 0.5)))

    run = await replay_load(planned(), arms(treatment=nearly), tmp_path)
    hit = sum(1 for pick in range(40) if pick % 7 == 3)
    assert run.pairs().mismatches == {Arm.TREATMENT: hit, Arm.CONTROL_AGAIN: 0}


async def test_what_a_service_says_of_itself_is_kept(tmp_path: Path) -> None:
    """Its own total, and whether its stages fit; nothing of one that does not say."""

    async def tell(request: Request) -> Reply:
        return Reply(service_ns=70, excess_ns=0)

    plan = planned(arms=[Arm.CONTROL, Arm.TREATMENT])
    frame = (await replay_load(plan, arms(treatment=tell), tmp_path)).frame().set_index("arm")
    assert set(frame.loc["treatment", "service_ns"]) == {70}
    assert set(frame.loc["treatment", "excess_ns"]) == {0}
    assert frame.loc["control", "service_ns"].isna().all()


async def test_a_closed_loop_waits_for_its_clients(tmp_path: Path) -> None:
    """Never more requests under way than clients, and each begins after it has thought."""
    most = 0
    busy = 0

    async def slow(request: Request) -> Reply:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        await asyncio.sleep(0.002)
        busy -= 1
        return ANSWER

    load = closed_loop(3, 30, think_time_s=0.001)
    plan = planned(load, arms=[Arm.CONTROL], warm_up=3)
    run = await replay_load(plan, arms(control=slow), tmp_path)
    frame = run.frame()
    assert (most, len(run)) == (3, 30)
    assert (frame["start_ns"] >= frame["intended_start_ns"]).all()
    assert run.metadata.design.kind == "switchback"
    assert run.metadata.design.clients == 3


@pytest.mark.parametrize("load", [evenly(constant(100, 5)), closed_loop(2, 500)])
async def test_a_cancelled_replay_keeps_what_was_measured(tmp_path: Path, load: Any) -> None:
    """What is under way is `cancelled`, the run `interrupted`, targets are closed."""
    under_way = asyncio.Event()

    async def stuck(request: Request) -> Reply:
        if request.request_id != "r4":
            await asyncio.sleep(0.001)
            return ANSWER
        under_way.set()
        await asyncio.Event().wait()
        return ANSWER

    targets = {Arm.CONTROL: Callee("control", stuck)}
    plan = planned(load, arms=[Arm.CONTROL])
    task = asyncio.create_task(replay_load(plan, targets, tmp_path))
    await under_way.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    run = load_run(tmp_path)
    counts = run.counts()[Arm.CONTROL]
    assert (run.status, counts[Outcome.OK] >= 4, counts[Outcome.CANCELLED] >= 1) == (
        "interrupted", True, True,
    )  # fmt: skip
    assert targets[Arm.CONTROL].state == "closed"


async def test_warm_caches_have_seen_every_request(tmp_path: Path) -> None:
    """Each distinct one goes through every arm before the first block."""
    targets = arms()
    await replay_load(planned(cache_state=CacheState.WARM), targets, tmp_path)
    for target in targets.values():
        assert sorted(target.seen[:7]) == sorted(f"r{n}" for n in range(7))


def test_scripts_need_no_event_loop(tmp_path: Path) -> None:
    """The synchronous form starts the fastest there is."""
    assert len(replay_sync(planned(), arms(), tmp_path).pairs()) == 40


async def test_a_target_may_cancel_itself(tmp_path: Path) -> None:
    """A cancellation that nobody asked for is its error."""

    async def stumble(request: Request) -> Reply:
        raise asyncio.CancelledError

    run = await replay_load(planned(arms=[Arm.CONTROL]), arms(control=stumble), tmp_path)
    assert run.counts()[Arm.CONTROL][Outcome.ERROR] == 40


async def test_timeouts_in_a_closed_loop_set_its_clients_free(tmp_path: Path) -> None:
    """Each goes on with its next request; one that answers in time is untouched."""

    async def now_and_then(request: Request) -> Reply:
        await asyncio.sleep(5 if request.request_id in ("r1", "r5") else 0.001)
        return ANSWER

    plan = planned(closed_loop(2, 14), arms=[Arm.CONTROL], timeout_s=0.03)
    run = await replay_load(plan, arms(control=now_and_then), tmp_path)
    counts = run.counts()[Arm.CONTROL]
    assert (counts[Outcome.TIMEOUT], counts[Outcome.OK]) == (4, 10)
