"""What a change would save, against runs that measured it."""

import math

import numpy as np
import pytest

from hhperf.errors import ForecastError, ScheduleError
from hhperf.experiment.latency_profiles import load_profile
from hhperf.forecast.what_if import what_if
from hhperf.runs.run import Run, load_run
from hhperf.workload.shipped import data_dir


@pytest.mark.parametrize(
    ("name", "schedule"),
    [("plan-rerank-on", "parallel"), ("claim/plan-eager", "eager"), ("claim/cloud", "parallel")],
)
def test_the_control_alone_tells_what_a_schedule_saves(name: str, schedule: str) -> None:
    """Within its interval of what the run measured."""
    run = load_run(data_dir() / "runs" / name)
    predicted, pairs = what_if(run, schedule=schedule), run.pairs()
    means = 1 - pairs.treatment.mean() / pairs.control.mean()
    tails = 1 - np.quantile(pairs.treatment, 0.95) / np.quantile(pairs.control, 0.95)
    for statistic, measured in (("mean", means), ("p95", tails)):
        assert predicted[statistic].contains(measured)
        assert predicted[statistic].point == pytest.approx(measured, abs=0.015)


def test_a_small_pool_under_load_is_predicted_from_a_run_without_either(loaded_run: Run) -> None:
    """From 4 requests a second with 20 connections to 8 a second with 4, at the median."""
    measured = load_run(data_dir() / "runs/sweep-plan/pool-4/000008.250")
    found = what_if(
        loaded_run, schedule="parallel", pool_max=4, both=["pool_max"], rate_hz=7.9, replicates=20
    )
    pairs = measured.pairs("response_time")
    saving = 1 - np.median(pairs.treatment) / np.median(pairs.control)
    assert found["p50"].contains(saving)
    assert found["p50"].point == pytest.approx(saving, abs=0.03)


def test_the_plan_as_shipped_saves_nothing(shipped_run: Run) -> None:
    """Its placeholder lookup takes no time: what runs beside the embedding is nothing."""
    found = what_if(shipped_run, schedule="as_shipped", against="as_shipped_sequential")
    pairs = load_run(data_dir() / "runs/claim/as-shipped").pairs()
    measured = 1 - np.median(pairs.treatment) / np.median(pairs.control)
    assert found["p50"].point == pytest.approx(0.0, abs=0.005)
    assert found["p50"].contains(measured)


def test_a_factor_shortens_a_stage_by_hand(shipped_run: Run) -> None:
    """Half the embedding's time, on the critical path of a sequential arm."""
    found = what_if(shipped_run, stages={"embedding": 0.5})
    saved = found.control_s - found.treatment_s
    spans = shipped_run.spans()
    own = spans[(spans["arm"].astype(str) == "control") & (spans["stage"] == "embedding")]
    assert np.median(saved) == pytest.approx(own["duration_s"].median() / 2, rel=0.01)


def test_a_cached_lookup_takes_what_asking_a_cache_takes(shipped_run: Run) -> None:
    """A few milliseconds instead of fifty."""
    found = what_if(shipped_run, stages={"embedding": "cached"})
    assert 0.10 < found["p50"].point < 0.16


def test_a_profile_gives_a_reranker_that_was_not_there(shipped_run: Run) -> None:
    """Which lessens what the schedule saves."""
    plan = load_profile("plan")
    without = what_if(shipped_run, schedule="parallel")
    reranked = what_if(shipped_run, schedule="parallel", stages={"rerank": plan}, both=["stages"])
    assert reranked["mean"].point == pytest.approx(0.19, abs=0.015)
    assert without["mean"].point > reranked["mean"].point


def test_the_same_profile_again_changes_nothing(shipped_run: Run) -> None:
    """Delays are drawn from request and stage: they are the recorded ones."""
    found = what_if(shipped_run, stages={"embedding": load_profile("plan")})
    assert found.treatment_s == pytest.approx(found.control_s, abs=1e-6)


def test_a_farther_database_shows_in_what_is_measured_alone(shipped_run: Run) -> None:
    """Modelled stages hold the round trip within their delays; hydration does not."""
    found = what_if(shipped_run, round_trip_s=0.002)
    assert np.median(found.treatment_s - found.control_s) == pytest.approx(0.002, abs=2e-4)


def test_more_connections_save_where_requests_wait_for_them(loaded_run: Run) -> None:
    """And the interval holds what the model itself errs by."""
    found = what_if(loaded_run, pool_max=20, rate_hz=15.0, replicates=20, seconds=5.0)
    small = what_if(
        loaded_run, pool_max=3, rate_hz=15.0, replicates=20, seconds=5.0, schedule="eager"
    )
    assert found["p50"].point == pytest.approx(0.0, abs=1e-9)
    assert small["p95"].point < -0.2
    assert found["p50"].upper - found["p50"].lower >= 2 * 1.96 * found.model_error * 0.99


def test_what_both_have_is_no_saving(shipped_run: Run) -> None:
    """The control is changed alike."""
    found = what_if(shipped_run, stages={"embedding": 0.0}, both=["stages"])
    assert found["mean"].point == 0.0


def test_a_change_that_was_never_measured_is_warned_about(shipped_run: Run) -> None:
    """By name."""
    assert "round_trip_s" in what_if(shipped_run, round_trip_s=0.001).warnings[0]
    assert what_if(shipped_run, schedule="parallel", stages={"embedding": 0.5}).warnings == ()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"stages": {"embeding": 0.5}}, "no stage 'embeding' ran: did you mean embedding"),
        ({"stages": {"vector": "cached"}}, "vector=cached"),
        ({"stages": {"vector": -1.0}}, "a factor is from 0"),
        ({"rerank": True}, "say how long it takes"),
        ({"both": ["pool"]}, "no change 'pool': did you mean"),
        ({"pool_max": 0}, "pool_max = 0"),
        ({"rate_hz": -1.0}, "must be above 0"),
        ({"rate_hz": 1e6}, "take shorter blocks"),
        ({"round_trip_s": math.nan}, "round_trip_s = nan"),
    ],
)
def test_what_cannot_be_changed_is_said(
    shipped_run: Run, changes: dict[str, object], said: str
) -> None:
    """With what there is instead."""
    with pytest.raises(ForecastError, match=said):
        what_if(shipped_run, **changes)  # type: ignore[arg-type]


def test_a_schedule_that_cannot_be_run_is_refused(shipped_run: Run) -> None:
    """As everywhere."""
    with pytest.raises(ScheduleError, match="which waits for"):
        what_if(shipped_run, schedule="embedding < vector")


def test_two_searches_in_one_statement_cannot_be_taken_apart() -> None:
    """The run says how long both take, not how long each does."""
    run = load_run(data_dir() / "runs/claim/as-shipped")
    with pytest.raises(ForecastError, match="as_shipped_sequential has both searches in one"):
        what_if(run, schedule="parallel")
