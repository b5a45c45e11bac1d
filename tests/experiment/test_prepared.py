"""Arms on a stack and live deployments, ready for the harness."""

import pickle
from collections.abc import Mapping
from pathlib import Path

import pytest

from hhperf.errors import ProfileError, SettingsError
from hhperf.experiment.prepared import prepare_arms, prepare_deployments
from hhperf.experiment.replay import replay_sync
from hhperf.harness.load_plan import plan_load
from hhperf.harness.target import OwnsParts, Target
from hhperf.runs.observation import Arm, CacheLayer
from hhperf.stack.stack import Stack
from hhperf.workload.query_log import QueryLog
from hhperf.workload.schedules import constant, evenly


def parts(target: Target) -> Mapping[str, object]:
    """What the target says it owns."""
    assert isinstance(target, OwnsParts)
    return target.parts()


def test_each_arm_has_a_target_of_its_own(stack: Stack) -> None:
    """Named by its schedule, with cache keys that no other arm has."""
    targets = prepare_arms(stack, "sequential", "eager", profile="local").make_targets()
    assert [targets[arm].name for arm in Arm] == ["sequential", "eager", "sequential"]
    prefixes = {str(parts(target)["cache prefix"]) for target in targets.values()}
    assert len(prefixes) == 3


def test_conditions_say_what_was_changed(stack: Stack) -> None:
    """The settings as they are used, the profile, the servers' versions, the caller's labels."""
    prepared = prepare_arms(
        stack, profile="plan", rerank=False, pool_max=3, labels={"pool_max": "3"}
    )
    conditions = prepared.conditions
    assert conditions.settings["ENABLE_RERANK"] is False
    assert conditions.settings["PGVECTOR_POOL_MAX"] == 3
    assert conditions.profile is not None
    assert conditions.profile.name == "plan"
    assert "PostgreSQL 18" in conditions.versions["postgres"]
    assert conditions.labels == {"pool_max": "3"}


def test_targets_can_be_made_in_another_process(stack: Stack) -> None:
    """By the same function, sent over; the arm's cache keys are the same there."""
    prepared = prepare_arms(stack, profile="plan")
    sent = pickle.loads(pickle.dumps(prepared.make_targets))
    here, there = prepared.make_targets(), sent()
    assert parts(here[Arm.CONTROL]) == parts(there[Arm.CONTROL])


def test_workers_find_what_another_has_looked_up(
    stack: Stack, log: QueryLog, tmp_path: Path
) -> None:
    """One request sent twelve times by two processes: at most each one's first is a miss."""
    plan = plan_load(
        log.head(1), evenly(constant(12, 1.0)), cache_state="natural", seed=0, rounds=1, warm_up=0
    )
    prepared = prepare_arms(stack, profile="local", rerank=False, cache_state="natural")
    run = replay_sync(plan, prepared.make_targets, tmp_path / "run", workers=2, progress=False)
    for layers in run.cache_hits().values():
        assert layers[CacheLayer.RESULT].hits >= 9


@pytest.mark.parametrize(
    ("arms", "profile", "error"),
    [(("sequential", "psychic"), "plan", SettingsError), (("eager",), "moon", ProfileError)],
)
def test_what_there_is_not_is_said(
    stack: Stack, arms: tuple[str, ...], profile: str, error: type[Exception]
) -> None:
    """Before anything is opened."""
    with pytest.raises(error, match=r"no arm 'psychic'|no latency profile 'moon'"):
        prepare_arms(stack, *arms, profile=profile)


def test_deployments_are_named_and_hide_their_secrets() -> None:
    """The control's stands for both measurements of it."""
    prepared = prepare_deployments("http://me:pw@a", "https://b/find")
    targets = prepared.make_targets()
    assert [targets[arm].name for arm in Arm] == ["http://a", "https://b/find", "http://a"]
    assert "pw" not in repr(prepared)


def test_a_table_of_stages_is_read_and_told(tmp_path: Path) -> None:
    """Whoever looks at the run later has to know how it was read."""
    path = tmp_path / "stages.toml"
    path.write_text('[stages]\ndb = "retrieval"\n')
    told = prepare_deployments("http://a", "http://b", stages=path, labels={"who": "me"})
    assert told.conditions.labels == {"stages": "db is retrieval", "who": "me"}
    assert prepare_deployments("http://a", "http://b").conditions.labels == {}


def test_a_deployment_that_cannot_be_one_is_said_at_once() -> None:
    """Not only when a worker tries."""
    with pytest.raises(SettingsError, match="must look like"):
        prepare_deployments("http://a", "nowhere")


def test_a_varied_field_is_in_the_conditions() -> None:
    """Each arm gets values of its own, in this process and in another."""
    prepared = prepare_deployments("http://a", "http://b", cache_state="warm", vary="jdHash")
    assert prepared.conditions.vary == "jdHash"
    pickle.loads(pickle.dumps(prepared.make_targets))()


def test_lookups_that_stay_known_are_not_called_cold() -> None:
    """A header may be part of every key, a field of the body is known not to be."""
    with pytest.raises(SettingsError, match=r"take 'warm'.*before_each"):
        prepare_deployments("http://a", "http://b", vary="jdHash")
    prepare_deployments("http://a", "http://b", vary="header:X-Nonce")


def test_the_control_may_have_a_double() -> None:
    """With caches of its own."""
    targets = prepare_deployments("http://a", "http://b", control_again="http://c").make_targets()
    assert targets[Arm.CONTROL_AGAIN].name == "http://c"
