"""Tasks that work together, and whose cancellations are theirs."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from hhperf.experiment.replay import replay_sync
from hhperf.harness.load_plan import plan_load
from hhperf.harness.paired_plan import plan_pairs
from hhperf.harness.target import Reply, Request
from hhperf.harness.together import end_if_cancelled, together
from hhperf.runs.observation import Arm, Outcome
from hhperf.workload.schedules import closed_loop
from tests.harness.conftest import arms, make_log


async def fail_in_a_group(_: Request) -> Reply:
    """As a search whose stages run side by side, and one of which fails while it is waited for."""

    async def fail() -> None:
        await asyncio.sleep(0)
        raise ConnectionRefusedError("nobody is there")

    async with asyncio.TaskGroup() as group:
        group.create_task(fail())
    raise AssertionError


async def never(_: Request) -> Reply:
    """Is not answered."""
    await asyncio.Event().wait()
    raise AssertionError


def by_turns(one: Callable[..., object], other: Callable[..., object]) -> Callable[..., object]:
    """Answers now as one does and now as the other."""
    return lambda request: (one if int(request.request_id[1:]) % 2 else other)(request)


def test_pairs_that_fail_in_a_group_of_tasks_are_sent_to_the_last(tmp_path: Path) -> None:
    """What the group leaves behind ends nothing but the request."""
    plan = plan_pairs(make_log(20), cache_state="natural", seed=0, warm_up=0, extra_time_s=0)
    run = replay_sync(plan, arms(treatment=fail_in_a_group), tmp_path / "run", progress=False)
    assert (run.status, run.pair_count) == ("finished", 20)
    assert run.counts()[Arm.TREATMENT][Outcome.ERROR] == 20


def test_clients_whose_requests_fail_in_a_group_of_tasks_go_on(tmp_path: Path) -> None:
    """Also where one that takes too long comes after."""
    plan = plan_load(
        make_log(20), closed_loop(2, 20), cache_state="natural", seed=0, rounds=1, warm_up=0,
        timeout_s=0.02,
    )  # fmt: skip
    ill = by_turns(fail_in_a_group, never)
    run = replay_sync(plan, arms(treatment=ill), tmp_path / "run", progress=False)  # type: ignore[arg-type]
    found = run.counts()[Arm.TREATMENT]
    assert (found[Outcome.ERROR], found[Outcome.TIMEOUT]) == (10, 10)


async def test_a_cancellation_that_a_task_keeps_to_itself_is_heeded_after_it() -> None:
    """Its leader is being cancelled: that one is meant."""
    goes_on = asyncio.Event()

    async def keep() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            end_if_cancelled()
            goes_on.set()

    leader = asyncio.create_task(together([keep()]))
    await asyncio.sleep(0.01)
    leader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leader
    assert not goes_on.is_set()


async def test_work_that_ends_by_a_cancellation_of_its_own_is_no_end() -> None:
    """Nobody asked for it, and the rest of the work is undone."""

    async def end() -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await together([end()])


async def test_the_first_failure_is_raised_as_itself() -> None:
    """When the others have ended."""
    others = []

    async def fail() -> None:
        await asyncio.sleep(0)
        raise OSError("disk full")

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            others.append("ended")

    with pytest.raises(OSError, match="disk full"):
        await together([wait(), fail()])
    assert others == ["ended"]
