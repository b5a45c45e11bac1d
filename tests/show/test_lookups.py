"""Bursts of equal queries with coalescing on and off: measured, and predicted."""

import pytest

from hhperf.errors import RunError, SettingsError
from hhperf.experiment.prepared import prepare_arms
from hhperf.experiment.replay import replay_sync
from hhperf.forecast.what_if import what_if
from hhperf.harness.load_plan import plan_load
from hhperf.runs.observation import Arm
from hhperf.runs.run import Run
from hhperf.show.lookups import lookups
from hhperf.stack.stack import Stack
from hhperf.workload import schedules
from hhperf.workload.query_log import QueryLog

BURST = 6


@pytest.fixture(scope="module")
def run(stack: Stack, log: QueryLog, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Bursts of six equal queries; only the treatment shares lookups that are under way."""
    load = schedules.in_bursts(schedules.evenly(schedules.constant(4, 1.5)), BURST)
    plan = plan_load(
        log.in_bursts(BURST), load, cache_state="natural", seed=1, rounds=1, warm_up=0,
        extra_time_s=0,
    )  # fmt: skip
    arms = prepare_arms(
        stack, "parallel", "parallel", profile="plan", rerank=False, cache_state="natural",
        uncoalesced=["control"],
    )  # fmt: skip
    out = tmp_path_factory.mktemp("bursts") / "run"
    return replay_sync(plan, arms.make_targets, out, conditions=arms.conditions)


def test_the_arm_that_does_not_coalesce_says_so(run: Run) -> None:
    """In its name, on both measurements of the control."""
    names = run.metadata.design.arms
    assert names[Arm.CONTROL] == names[Arm.CONTROL_AGAIN] == "parallel [not coalesced]"
    assert names[Arm.TREATMENT] == "parallel"
    assert "in bursts of 6" in run.metadata.design.pace


def test_coalescing_fetches_once_a_burst(run: Run) -> None:
    """All of a burst ask at once; what differs is how many fetch."""
    found = {each.arm: each for each in lookups(run).measured if each.layer == "embedding"}
    control, treatment = found[Arm.CONTROL], found[Arm.TREATMENT]
    assert not control.coalescing
    assert treatment.found.equal > treatment.found.misses / 2
    fetches = treatment.found.fetches(coalescing=True)
    assert fetches < control.found.fetches(coalescing=False) / 2


def test_those_that_share_end_together(run: Run) -> None:
    """Which is how it shows that they did: delays are drawn for each request."""
    (treatment,) = [
        each for each in lookups(run).measured
        if each.arm is Arm.TREATMENT and each.layer == "embedding"
    ]  # fmt: skip
    first = [each for each in treatment.events if each.key == treatment.events[0].key]
    ends = [each.end_s for each in first if not each.hit and each.start_s < first[0].end_s]
    assert len(ends) > 1
    assert max(ends) - min(ends) < min(each.end_s - each.start_s for each in first if not each.hit)


def test_the_prediction_is_near(run: Run) -> None:
    """From times and texts alone."""
    found = lookups(run)
    for seen, told in zip(found.measured, found.predicted, strict=True):
        assert told.asked == seen.found.asked
        assert abs(told.misses - seen.found.misses) <= seen.found.asked / 3
    assert "coalescing would have suppressed" in found.sentences[0]


def test_what_coalescing_saves_is_predicted_for_such_bursts(run: Run) -> None:
    """From the control that has none."""
    found = what_if(run, coalescing=True, replicates=20)
    assert found.load is not None
    assert found.load.burst == BURST
    assert "equal lookups shared" in found.treatment


def test_caches_of_each_request_tell_nothing(plan_run: Run) -> None:
    """Which is said, with what to do."""
    with pytest.raises(RunError, match="natural"):
        lookups(plan_run)


def test_an_unknown_side_is_refused(stack: Stack) -> None:
    """Before anything is measured."""
    with pytest.raises(SettingsError, match="treatment"):
        prepare_arms(stack, uncoalesced=["treatmnt"])
