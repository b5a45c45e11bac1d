"""A whole experiment in one call."""

import asyncio
from pathlib import Path

import pytest

from hhperf.errors import ProfileError, SettingsError
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


@pytest.mark.parametrize(
    ("state", "layer", "expected"),
    [
        ("warm", CacheLayer.EMBEDDING, 1.0),
        ("warm", CacheLayer.SPECIALTY, 1.0),
        ("warm", CacheLayer.RESULT, 0.0),
    ],
)
def test_warm_lookups_always_hit_and_results_never(
    state: str, layer: CacheLayer, expected: float, stack: Stack, log: QueryLog, tmp_path: Path
) -> None:
    """Warm means that lookups are known; a known result would be no search."""
    queries = [request for request in log if request.body.get("query")][:8]
    study = Study(profile="local", cache_state=state, pairs=6, warm_up=2)
    run = study.record_sync(_shortened(log, queries), stack, tmp_path / "run")
    assert {arm: hits[layer].ratio for arm, hits in run.cache_hits().items()} == dict.fromkeys(
        Arm, expected
    )


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


def test_an_unknown_arm_is_refused(stack: Stack, log: QueryLog, tmp_path: Path) -> None:
    """The error names the arms there are, and nothing is written."""
    with pytest.raises(SettingsError, match="no arm 'fast': there are sequential, parallel"):
        Study(treatment="fast").record_sync(log, stack, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_an_unknown_profile_is_refused(stack: Stack, log: QueryLog, tmp_path: Path) -> None:
    """The error names the profiles there are."""
    with pytest.raises(ProfileError, match="cloud, local, plan"):
        Study(profile="moon").record_sync(log, stack, tmp_path / "run")


def _shortened(log: QueryLog, requests: list[LoggedRequest]) -> QueryLog:
    return QueryLog(tuple(requests), source=log.source)
