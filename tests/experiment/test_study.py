"""A whole experiment in one call."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from hhperf.errors import PlanError, ProfileError, SampleError, SettingsError
from hhperf.experiment.study import Study
from hhperf.runs.observation import Arm, CacheLayer, Outcome
from hhperf.runs.run import Run
from hhperf.stack.stack import Stack
from hhperf.workload.query_log import LoggedRequest, QueryLog


def test_every_request_is_answered_alike_by_all_arms(plan_run: Run) -> None:
    """Each arm answers each pair, and no pair is voided."""
    assert {arm: counts[Outcome.OK] for arm, counts in plan_run.counts().items()} == dict.fromkeys(
        Arm, 24
    )
    assert plan_run.pairs().voided == 0


def test_cold_caches_never_answer(plan_run: Run) -> None:
    """Every layer is asked and none of them hits."""
    for layers in plan_run.cache_hits().values():
        assert layers[CacheLayer.RESULT].asked == 24
        assert [layer for layer, ratio in layers.items() if ratio.hits] == []


def test_warm_lookups_always_hit_and_results_never(
    stack: Stack, log: QueryLog, tmp_path: Path
) -> None:
    """Warm means that lookups are known; a known result would be no search."""
    queries = [request for request in log if request.body.get("query")][:8]
    study = Study(profile="local", cache_state="warm", pairs=6, warm_up=2)
    run = study.record_sync(_shortened(log, queries), stack, tmp_path / "run")
    for hits in run.cache_hits().values():
        ratios = {layer: hits[layer].ratio for layer in hits if hits[layer].asked}
        assert ratios.pop(CacheLayer.RESULT) == 0.0
        assert set(ratios) >= {CacheLayer.EMBEDDING, CacheLayer.SPECIALTY}
        assert set(ratios.values()) == {1.0}


def test_natural_caches_hit_on_repeats_in_every_arm_alike(
    stack: Stack, log: QueryLog, tmp_path: Path
) -> None:
    """A log gone through twice finds its results the second time."""
    study = Study(profile="local", cache_state="natural", pairs=5, warm_up=0, repetitions=2)
    run = study.record_sync(log, stack, tmp_path / "run")
    ratios = {hits[CacheLayer.RESULT].ratio for hits in run.cache_hits().values()}
    assert len(ratios) == 1
    assert ratios.pop() >= 0.5


def test_a_run_says_what_it_was_measured_under(plan_run: Run) -> None:
    """Settings, profile and versions are on record; secrets are not."""
    conditions = plan_run.metadata.conditions
    assert conditions.settings["ENABLE_RERANK"] is False
    assert conditions.profile is not None
    assert conditions.profile.modelled["embedding"]["p50_ms"] == 50
    assert conditions.versions["postgres"].startswith("PostgreSQL 18")
    assert "PGVECTOR_PASSWORD" not in conditions.settings


async def test_a_notebook_awaits_the_same_run(stack: Stack, log: QueryLog, tmp_path: Path) -> None:
    """The asynchronous form works where a loop is running."""
    run = await asyncio.wait_for(
        Study(profile="local", pairs=3, warm_up=1).record(log, stack, tmp_path / "run"), 60
    )
    assert run.status == "finished"


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"treatment": "paralel"}, SettingsError, "no arm 'paralel': did you mean parallel?"),
        ({"control": "fast"}, SettingsError, "no arm 'fast': There are sequential, parallel"),
        ({"profile": "plann"}, ProfileError, "no latency profile 'plann': did you mean plan?"),
        ({"profile": "moon"}, ProfileError, "There are cloud, local, plan"),
        ({"profile": 5}, ProfileError, "5 is no latency profile"),
        ({"cache_state": "could"}, PlanError, "cache_state is 'could': did you mean cold?"),
        ({"order": "logs"}, PlanError, "order is 'logs': did you mean log?"),
        ({"pairs": "x"}, PlanError, "pairs is 'x', must be a whole number, at least 1"),
        ({"pairs": 2.5}, PlanError, "pairs is 2.5, must be a whole number"),
        ({"in_flight": 0}, PlanError, "in_flight is 0"),
        ({"repetitions": True}, PlanError, "repetitions is True"),
        ({"warm_up": -1}, PlanError, "warm_up is -1"),
        ({"timeout_s": "soon"}, PlanError, "timeout_s is 'soon'"),
        ({"timeout_s": float("nan")}, PlanError, "timeout_s is nan"),
        ({"extra_time_s": "long"}, PlanError, "extra_time_s is 'long'"),
        ({"seed": -1}, PlanError, "seed is -1"),
        ({"until_verdict": "p59%"}, SampleError, "'p59%' is no statistic"),
        ({"threshold": 2}, SampleError, "threshold 2 must be below 1"),
        ({"threshold": "a lot"}, SampleError, "threshold a lot must be below 1"),
    ],
    ids=str,
)
def test_a_study_is_checked_when_it_is_made(
    options: dict[str, Any], error: type[Exception], said: str
) -> None:
    """Before anything is started, with the name that would have been right."""
    with pytest.raises(error, match=re.escape(said)):
        Study(**options)


def _shortened(log: QueryLog, requests: list[LoggedRequest]) -> QueryLog:
    return QueryLog(tuple(requests), source=log.source)
