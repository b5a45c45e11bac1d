"""A replay ends where a live system answers worse than it may."""

import asyncio

import pytest

from hhperf.errors import TargetError
from hhperf.harness.abort import FEW, LAST, Abort, ended_by
from hhperf.harness.safety import Safety
from hhperf.runs.observation import Arm, Outcome
from tests.runs.conftest import observe

OK, ERROR = Outcome.OK, Outcome.ERROR


def seen(safety: Safety | None, *answers: tuple[Outcome, float], arm: Arm = Arm.CONTROL) -> Abort:
    """What has seen these answers."""
    abort = Abort(safety)
    for outcome, latency_s in answers:
        abort.see(arm, outcome, latency_s)
    return abort


def test_one_failure_in_twenty_may_be() -> None:
    """Five of the last hundred, and not the sixth; whatever was before is forgotten."""
    few = [*[(ERROR, 0.1)] * 5, *[(OK, 0.1)] * 95]
    assert not seen(Safety(), *few, *few, *few).reason
    assert "control failed 6 of its last 6 requests, more than 5% of 100" in (
        seen(Safety(), *[(ERROR, 0.1)] * 6).reason
    )
    assert "failed 6 of its last 100" in seen(Safety(), *few, *[(ERROR, 0.1)] * 6).reason


def test_an_arm_that_fails_is_not_hidden_by_one_that_does_not() -> None:
    """Each is looked at alone."""
    abort = Abort(Safety())
    for _ in range(LAST):
        abort.see(Arm.CONTROL, OK, 0.1)
    for _ in range(6):
        abort.see(Arm.TREATMENT, Outcome.TIMEOUT, 30)
    assert "treatment failed 6" in abort.reason


def test_what_was_not_sent_is_no_failure() -> None:
    """Nor what was given up from here."""
    kinds = (Outcome.DROPPED, Outcome.CANCELLED, Outcome.LOST)
    assert not seen(Safety(), *[(kind, 0.0) for kind in kinds] * LAST).reason


def test_latency_may_not_climb_past_so_many_times_the_first() -> None:
    """By medians: a single slow request ends nothing."""
    first, slow = [(OK, 0.1)] * FEW, [(OK, 0.6)] * FEW
    assert not seen(Safety(), *first, *[(OK, 9.0)] * (FEW // 2 - 5)).reason
    assert "600 ms at the median of its last 50 requests, more than 5 times the 100 ms" in (
        seen(Safety(), *first, *slow).reason
    )
    assert not seen(Safety(abort_factor=None), *first, *slow).reason


def test_latency_may_not_climb_past_a_time() -> None:
    """From the first requests on, as soon as there are enough."""
    safety = Safety(abort_factor=None, abort_latency_s=0.5)
    assert "more than 500 ms" in seen(safety, *[(OK, 0.6)] * FEW).reason


def test_this_machine_has_no_bounds() -> None:
    """Its failures are findings."""
    assert not seen(None, *[(ERROR, 0.1)] * LAST).reason


def test_observations_tell_it_by_an_error() -> None:
    """Of which the run says that it was stopped, and why."""
    with pytest.raises(TargetError, match="for the safety of the target: control failed 6"):
        Abort(Safety()).note([observe(0, outcome=ERROR)] * 6)


async def test_what_runs_is_ended() -> None:
    """Wherever it waits; the task itself goes on."""
    abort = Abort(Safety(abort_errors=0))
    asyncio.get_running_loop().call_soon(abort.see, Arm.CONTROL, ERROR, 0.1)
    with pytest.raises(TargetError, match="failed 1 of its last 1"):
        async with ended_by(abort):
            await asyncio.Event().wait()
    await asyncio.sleep(0)


async def test_who_cancels_the_task_is_heeded() -> None:
    """A bound that was not passed ends nothing."""

    async def work() -> None:
        async with ended_by(Abort(Safety())):
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
