"""One replay for whatever was planned."""

from pathlib import Path
from typing import Any

import pytest

from hhperf.errors import PlanError
from hhperf.experiment.replay import crew_of, replay_sync
from hhperf.harness.dask_crew import DaskCrew
from hhperf.harness.local_crew import LocalCrew
from hhperf.harness.paired_plan import PairedPlan, plan_pairs
from hhperf.runs.metadata import Floor
from hhperf.runs.observation import Arm, Outcome
from tests.harness.conftest import arms, make_log
from tests.harness.test_shared_replay import make_targets, planned


def pairs() -> PairedPlan:
    """Six pairs."""
    return plan_pairs(make_log(6), cache_state="natural", seed=0, warm_up=0)


def test_pairs_are_replayed_in_pairs(tmp_path: Path) -> None:
    """By the kind of the plan."""
    run = replay_sync(pairs(), arms(), tmp_path / "run", progress=False)
    assert (run.metadata.design.kind, len(run)) == ("paired", 18)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_load_is_sent_by_as_many_as_are_wanted(workers: int, tmp_path: Path) -> None:
    """The same requests, each once."""
    run = replay_sync(planned(), make_targets, tmp_path / "run", workers=workers, progress=False)
    assert run.metadata.design.kind == "switchback"
    assert run.metadata.design.workers == workers
    assert {counts[Outcome.OK] for counts in run.counts().values()} == {60}


def test_a_floor_is_kept_with_the_run(tmp_path: Path) -> None:
    """What the generator itself takes stands beside what it measured."""
    floor = Floor(requests=10, service_p50_s=1e-5, service_p99_s=2e-5, lag_p99_s=1e-4)
    run = replay_sync(planned(), make_targets, tmp_path / "run", floor=floor, progress=False)
    assert run.metadata.floor == floor


@pytest.mark.parametrize(
    ("plan", "options", "said"),
    [
        (pairs(), {"workers": 2}, "for loads"),
        (pairs(), {"floor": Floor(1, 0, 0, 0)}, "for loads"),
        (planned(), {"stop": object()}, "for paired replays"),
        (planned(), {"workers": 0}, "at least 1"),
        (planned(), {"workers": 2, "client": object()}, "give one"),
    ],
)
def test_options_must_fit_the_plan(
    plan: Any, options: dict[str, Any], said: str, tmp_path: Path
) -> None:
    """Said before anything is sent."""
    with pytest.raises(PlanError, match=said):
        replay_sync(plan, make_targets, tmp_path / "run", progress=False, **options)
    assert not list(tmp_path.iterdir())


def test_workers_need_to_make_their_own_targets(tmp_path: Path) -> None:
    """Opened connections cannot be sent to another process."""
    with pytest.raises(PlanError, match="give a function"):
        replay_sync(planned(), make_targets(), tmp_path / "run", workers=2, progress=False)


def test_who_sends() -> None:
    """This process alone, processes of this machine, or a cluster."""
    client: Any = object()
    assert crew_of(1, None) is None
    assert isinstance(crew_of(2, None), LocalCrew)
    assert isinstance(crew_of(1, client), DaskCrew)


def test_all_arms_are_measured(tmp_path: Path) -> None:
    """None is left out by the way in."""
    run = replay_sync(pairs(), make_targets, tmp_path / "run", progress=False)
    assert set(run.counts()) == set(Arm)
