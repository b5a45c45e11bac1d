"""One replay by several processes."""

import asyncio
import os
import signal
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from hhperf.errors import RunError
from hhperf.experiment.replay import replay, replay_sync
from hhperf.harness.load_plan import LoadPlan, plan_load
from hhperf.harness.load_replay import replay_load
from hhperf.harness.local_crew import LocalCrew
from hhperf.harness.preparation import Targets
from hhperf.harness.target import CallableTarget, Reply, Request
from hhperf.runs.observation import Arm, Outcome
from hhperf.runs.run import Run, load_run
from hhperf.workload.schedules import closed_loop, constant, evenly
from tests.harness.conftest import make_log


async def answer(request: Request) -> Reply:
    """Two milliseconds; results that depend on the request."""
    await asyncio.sleep(0.002)
    return Reply(results=((request.request_id, 1.0),))


def make_targets() -> Targets:
    """The same callable for each arm."""
    return {arm: CallableTarget(answer, arm.value) for arm in Arm}


async def slow_answer(request: Request) -> Reply:
    """Sixty milliseconds."""
    await asyncio.sleep(0.06)
    return Reply(results=((request.request_id, 1.0),))


async def quick_answer(request: Request) -> Reply:
    """A third of that."""
    await asyncio.sleep(0.02)
    return Reply(results=((request.request_id, 1.0),))


def uneven_targets() -> Targets:
    """The treatment takes a third of the control's time."""
    calls = {Arm.CONTROL: slow_answer, Arm.TREATMENT: quick_answer, Arm.CONTROL_AGAIN: slow_answer}
    return {arm: CallableTarget(call, arm.value) for arm, call in calls.items()}


def cannot(reason: str) -> Targets:
    """Makes no targets."""
    raise ValueError(reason)


def planned(load: Any = None, rounds: int = 1, **changes: Any) -> LoadPlan:
    return plan_load(
        make_log(10), load or evenly(constant(200, 0.3)), cache_state="natural", seed=1,
        rounds=rounds, warm_up=4, timeout_s=2, **{"extra_time_s": 0, **changes},
    )  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Sixty requests for each arm, by two processes."""
    return replay_sync(planned(), make_targets, tmp_path_factory.mktemp("run"), workers=2)


def test_every_request_is_there_once(run: Run) -> None:
    """From both workers, with equal results."""
    assert run.counts()[Arm.CONTROL][Outcome.OK] == 60
    assert (len(run), len(run.pairs()), run.status) == (180, 60, "finished")
    assert run.metadata.design.kind == "switchback"
    assert run.metadata.design.workers == 2


def test_both_keep_to_one_schedule(run: Run) -> None:
    """Intended starts of a block are as far apart as planned, to a millisecond of clocks."""
    frame = run.frame().query("block == 0").sort_values("pair")
    gaps = np.diff(frame["intended_start_ns"]) / 1e6
    assert gaps == pytest.approx(np.full(59, 5.0), abs=1.0)


def test_each_worker_tells_of_its_health(run: Run) -> None:
    """By its number."""
    assert set(run.health["worker"].to_pylist()) == {0, 1}


def test_a_closed_loop_is_shared_by_its_clients(tmp_path: Path) -> None:
    """Three clients among two workers send all requests."""
    plan = planned(closed_loop(3, 40), arms=[Arm.CONTROL])
    run = replay_sync(plan, make_targets, tmp_path, workers=2)
    assert run.counts()[Arm.CONTROL][Outcome.OK] == 40


async def test_a_dead_workers_requests_are_lost_and_the_rest_is_kept(tmp_path: Path) -> None:
    """Nothing vanishes: what was not delivered is counted, later blocks are sent by the other."""
    crew = LocalCrew(2)
    plan = planned(evenly(constant(100, 1.0)), rounds=2, arms=[Arm.CONTROL, Arm.TREATMENT])
    replaying = asyncio.create_task(replay_load(plan, make_targets, tmp_path, crew))
    while not (tmp_path / "run.json").exists():  # noqa: ASYNC110  nobody tells of it
        await asyncio.sleep(0.02)
    await asyncio.sleep(1.8)  # within the second block
    victim = crew.process_ids()[1]
    assert victim is not None
    os.kill(victim, signal.SIGKILL)
    run = await replaying
    counts = run.counts()
    lost = {arm: counts[arm][Outcome.LOST] for arm in plan.arms}
    assert sum(sum(each.values()) for each in counts.values()) == 400
    assert 0 < sum(lost.values()) <= 50
    assert run.frame().query("outcome == 'lost'")["block"].nunique() == 1
    assert len(run.frame().query("block == 3 and outcome == 'ok'")) == 100


def test_a_worker_that_cannot_begin_says_why(tmp_path: Path) -> None:
    """And no run is left."""
    with pytest.raises(RunError, match="worker 0 could not begin: ValueError: no luck"):
        replay_sync(planned(), partial(cannot, "no luck"), tmp_path, workers=2)
    assert not list(tmp_path.iterdir())


def of_a_probe(process: psutil.Process) -> bool:
    try:
        return any(part.endswith("stall_probe.py") for part in process.cmdline())
    except psutil.Error:
        return False


async def hold_up(folder: Path, seconds: float) -> None:
    """Have nothing run on the cores, as far as their probes can see, once a block is on disk."""
    while not (folder / "run.json").exists() or not len(load_run(folder)):  # noqa: ASYNC110  nobody tells of it
        await asyncio.sleep(0.02)
    found = [each for each in psutil.Process().children(recursive=True) if of_a_probe(each)]
    for each in found:
        each.suspend()
    await asyncio.sleep(seconds)
    for each in found:
        each.resume()


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="the clock needs Linux")
@pytest.mark.parametrize("workers", [1, 2])
async def test_a_stall_is_made_up_for_by_a_round(tmp_path: Path, workers: int) -> None:
    """By one process and by several: a block of each arm, with requests of its own."""
    plan = planned(evenly(constant(100, 0.6)), rounds=1, extra_time_s=60)
    holding = asyncio.create_task(hold_up(tmp_path / "run", 0.2))
    run = await replay(plan, make_targets, tmp_path / "run", workers=workers, progress=False)
    await holding
    frame = run.frame()
    rounds = frame["repetition"].max() + 1
    assert rounds >= 2
    assert frame.groupby(["repetition", "arm"], observed=True).size().tolist() == [60] * 3 * rounds
    assert sorted(frame[frame["arm"] == "control"]["pair"]) == list(range(60 * rounds))
    assert run.status == "finished"
