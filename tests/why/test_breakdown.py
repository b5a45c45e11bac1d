"""Where a run's time goes."""

import pytest

from hhperf.experiment.study import Study
from hhperf.runs.run import Run
from hhperf.stack.stack import Stack
from hhperf.why.breakdown import break_down
from hhperf.workload.query_log import QueryLog


def test_the_budgets_alone_promise_what_can_be_reckoned_by_hand(plan_run: Run) -> None:
    """20 + 100 of 350 ms, when every stage takes its median."""
    expectation = break_down(plan_run).expectation
    assert expectation is not None
    assert expectation.budget == pytest.approx(120 / 350)


def test_varying_delays_promise_less_than_the_budgets(plan_run: Run) -> None:
    """The slower of two varying stages takes longer than the median of either."""
    expectation = break_down(plan_run).expectation
    assert expectation is not None
    assert 0.15 < expectation.drawn < expectation.budget


def test_totals_are_explained_by_the_stages(plan_run: Run) -> None:
    """The total is no shorter than the critical path, and the path no shorter than the bound."""
    breakdown = break_down(plan_run)
    for arm in (breakdown.control, breakdown.treatment):
        assert arm.total_s >= arm.path_s >= arm.bound_s > 0


def test_modelled_and_measured_stages_are_told_apart(plan_run: Run) -> None:
    """The profile's stages are modelled; fusion and hydration are only measured."""
    stages = break_down(plan_run).treatment.stages
    modelled = {name for name, stage in stages.items() if stage.is_modelled}
    assert modelled == {"embedding", "specialty", "vector", "text", "ranking"}


def test_a_modelled_stage_lasts_at_least_its_draw(plan_run: Run) -> None:
    """The real work is inside the delay, never added on top of a shorter one."""
    spans = plan_run.spans()
    assert (spans["duration_s"] >= spans["modelled_s"]).all()


def test_both_arms_meet_the_same_delays(plan_run: Run) -> None:
    """A pair's draws are common to its arms."""
    spans = plan_run.spans()
    spread = spans.groupby(["pair", "stage"], observed=True)["modelled_s"].agg(["min", "max"])
    drawn = spread[spread["max"] > 0].drop("cache", level="stage", errors="ignore")
    assert (drawn["min"] == drawn["max"]).all()


def test_without_a_profile_nothing_is_expected(
    stack: Stack, log: QueryLog, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Under `local` there is nothing to expect, only to measure."""
    study = Study(profile="local", rerank=False, pairs=5, warm_up=1)
    run = study.record_sync(log, stack, tmp_path_factory.mktemp("runs") / "local")
    assert break_down(run).expectation is None


def test_a_breakdown_shows_stages_and_schedules(plan_run: Run) -> None:
    """And what the model alone would have saved."""
    found = break_down(plan_run)
    card = found._card()
    assert repr(found).startswith("Breakdown(sequential ")
    assert [table.title.partition(":")[0] for table in card.tables] == ["Stages", "Schedules"]
    assert card.facts[0] == ("saving by the modelled medians", "34.3%")
