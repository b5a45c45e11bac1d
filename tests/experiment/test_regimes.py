"""The regimes in which the claim is tested."""

from pathlib import Path

from hhperf.analysis.ranks import pairs_to_measure
from hhperf.experiment.latency_profiles import load_profile
from hhperf.experiment.regimes import LOOKS, PAIRS, REGIMES, regimes_of
from hhperf.experiment.study import beside_of
from hhperf.runs.metadata import REGIME
from hhperf.runs.observation import Arm
from hhperf.runs.run import load_run
from hhperf.search.arms import ARMS
from hhperf.stack.stack import Stack
from hhperf.workload.query_log import QueryLog


def test_every_regime_can_be_measured() -> None:
    """Its arms and its profile are there, and each has a name of its own."""
    for regime in REGIMES:
        assert {regime.control, *regime.treatments} <= ARMS.keys()
        assert load_profile(regime.profile).name == regime.profile  # type: ignore[arg-type]
    assert len({each.name for each in REGIMES}) == len(REGIMES)


def test_the_first_look_is_as_early_as_p95_can_be_measured() -> None:
    """Before that there is nothing to see."""
    assert pairs_to_measure(0.95) == LOOKS[0] < LOOKS[-1] < PAIRS


def test_a_regime_s_runs_share_their_control(stack: Stack, log: QueryLog, tmp_path: Path) -> None:
    """Parallel and eager in the same pairs, each run with the regime's name."""
    regime = next(each for each in REGIMES if each.name == "local")
    run = regime.study(pairs=4, looks=(), warm_up=1).record_sync(log, stack, tmp_path / "local")
    beside = load_run(beside_of(run.path, "eager"))
    names = [each.metadata.design.arms[Arm.TREATMENT] for each in (run, beside)]
    assert names == ["parallel", "eager"]
    assert {each.metadata.conditions.labels[REGIME] for each in (run, beside)} == {regime.about}
    assert run.pairs().control.tolist() == beside.pairs().control.tolist()
    assert run.metadata.shared == ()


def test_the_plan_as_shipped_is_compared_with_its_own_flag_off(
    stack: Stack, log: QueryLog, tmp_path: Path
) -> None:
    """Both answer alike, so that nothing is voided."""
    regime = next(each for each in REGIMES if each.name == "as-shipped")
    run = regime.study(pairs=4, looks=(), warm_up=1).record_sync(log, stack, tmp_path / "shipped")
    assert run.pairs().voided == 0
    assert len(run.pairs()) == 4


def test_a_profile_of_one_s_own_is_two_regimes() -> None:
    """Without a reranker and with one."""
    found = regimes_of("cloud", "sequential", "eager")
    assert [(each.name, each.rerank) for each in found] == [
        ("rerank-off", False),
        ("rerank-on", True),
    ]
    assert {each.treatments for each in found} == {("eager",)}
