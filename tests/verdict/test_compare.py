"""From a run on disk to a verdict."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hhperf.analysis.decision import GateState, Verdict
from hhperf.errors import SampleError
from hhperf.experiment.replay import replay_sync
from hhperf.harness.paired_plan import plan_pairs
from hhperf.runs.observation import Arm, CacheLayer, HealthSample, Observation, Outcome
from hhperf.runs.run import Run, load_run
from hhperf.runs.writer import RunWriter
from hhperf.verdict.compare import compare
from hhperf.verdict.latency_file import Latencies
from hhperf.workload.shipped import data_dir
from tests.harness.conftest import arms, make_log
from tests.harness.test_shared_replay import make_targets, planned
from tests.runs.conftest import METADATA, observe

Change = Callable[[int, Arm, Observation], Observation]
PAIRS = 600


@pytest.fixture
def record(tmp_path: Path) -> Callable[..., Run]:
    """Writes a run of 600 pairs whose treatment takes `ratio` of the control, and reads it."""

    def write(ratio: float = 0.6, change: Change = lambda _pair, _arm, each: each) -> Run:
        rng = np.random.default_rng(5)
        orders = [rng.permutation(3) for _ in range(PAIRS)]
        with RunWriter(tmp_path / "run", METADATA, epoch_ns=0) as writer:
            for pair, order in enumerate(orders):
                common = 0.1 * np.exp(0.4 * rng.standard_normal())
                for place, arm in enumerate(Arm):
                    seconds = common * np.exp(0.02 * rng.standard_normal())
                    seconds *= ratio if arm is Arm.TREATMENT else 1
                    seen = observe(
                        pair,
                        arm,
                        position=int(order[place]),
                        text_key=pair % 200,
                        results_match=None if arm is Arm.CONTROL else True,
                        cache_hits={CacheLayer.RESULT: False},
                    )
                    seen = replace(seen, end_ns=seen.start_ns + round(seconds * 1e9))
                    writer.add(change(pair, arm, seen))
            for at in range(100):
                writer.add_health(HealthSample("loop_lag", at, 50_000))
        return load_run(tmp_path / "run")

    return write


def failed_gates(run: Run) -> set[str]:
    """The names of the gates that the run fails."""
    return {gate.name for gate in compare(run).gates if gate.state is GateState.FAILED}


def test_a_saving_of_forty_percent_exceeds_twenty(record: Callable[..., Run]) -> None:
    """The primary verdict is on p95, and its interval holds the truth."""
    comparison = compare(record(0.6))
    assert comparison.verdict is Verdict.EXCEEDS
    assert comparison["p95"].estimate.contains(0.4)


def test_a_saving_of_ten_percent_is_below_twenty(record: Callable[..., Run]) -> None:
    """All of the mean's interval lies under the threshold."""
    assert compare(record(0.9))["mean"].verdict is Verdict.BELOW


def test_the_threshold_is_the_callers(record: Callable[..., Run]) -> None:
    """What exceeds 20% need not exceed half."""
    assert compare(record(0.6), threshold=0.5)["mean"].verdict is Verdict.BELOW


def test_clusters_are_the_coarsest_there_is_enough_of(record: Callable[..., Run]) -> None:
    """One tenant is too few; 200 texts are enough, and fewer than 300 sessions."""
    comparison = compare(record())
    assert (comparison.cluster_level, comparison.n_clusters) == ("text", 200)


def test_single_pairs_speak_of_this_log_only(record: Callable[..., Run]) -> None:
    """The narrower claim is said with the number."""
    comparison = compare(record(), clusters="pairs")
    assert comparison.n_clusters is None
    assert any("this log only" in warning for warning in comparison.warnings)


def test_an_unknown_cluster_level_is_refused(record: Callable[..., Run]) -> None:
    """The error names the levels there are."""
    with pytest.raises(SampleError, match="auto, tenant, session, text, pairs"):
        compare(record(), clusters="planet")


def test_a_sound_run_passes_every_gate(record: Callable[..., Run]) -> None:
    """Nothing fails, and nothing is open, where nothing is wrong."""
    assert all(gate.passed for gate in compare(record()).gates)


def test_a_slow_first_place_is_told_and_voids_nothing(record: Callable[..., Run]) -> None:
    """Whoever goes first takes a fifth longer: that hits every arm alike."""

    def slow_first(_pair: int, _arm: Arm, seen: Observation) -> Observation:
        longer = (seen.end_ns - seen.start_ns) // 5 if seen.position == 0 else 0
        return replace(seen, end_ns=seen.end_ns + longer)

    run = record(change=slow_first)
    comparison = compare(run)
    assert comparison.period is not None
    assert comparison.period.effect.lower > 0.1
    assert comparison["mean"].verdict is Verdict.EXCEEDS
    assert failed_gates(run) == set()


def test_a_first_place_slow_for_one_arm_more_fails(record: Callable[..., Run]) -> None:
    """The treatment pays a fifth for going first, the control a twentieth."""

    def slow_first(_pair: int, arm: Arm, seen: Observation) -> Observation:
        pays = (seen.end_ns - seen.start_ns) // (5 if arm is Arm.TREATMENT else 20)
        return replace(seen, end_ns=seen.end_ns + (pays if seen.position == 0 else 0))

    assert failed_gates(record(change=slow_first)) == {"arm by place"}


def test_a_slower_second_control_fails_the_aa_gates(record: Callable[..., Run]) -> None:
    """The same arm measured twice must not differ."""

    def drift(_pair: int, arm: Arm, seen: Observation) -> Observation:
        longer = (seen.end_ns - seen.start_ns) // 10 if arm is Arm.CONTROL_AGAIN else 0
        return replace(seen, end_ns=seen.end_ns + longer)

    assert failed_gates(record(change=drift)) == {
        "A/A' mean", "A/A' p50", "A/A' p90", "A/A' p95",
    }  # fmt: skip


def test_a_warmed_cache_fails_its_gate(record: Callable[..., Run]) -> None:
    """A treatment that finds results which the control has to work for is helped."""

    def warmed(pair: int, arm: Arm, seen: Observation) -> Observation:
        hit = arm is Arm.TREATMENT and pair % 4 == 0
        return replace(seen, cache_hits={CacheLayer.RESULT: hit})

    assert failed_gates(record(change=warmed)) == {"result cache hit ratios"}


def test_natural_use_is_told_by_what_the_cache_did(record: Callable[..., Run]) -> None:
    """Cached answers save nothing here, searches 40%; pairs of mixed kind count in neither.

    Nor does one of which nothing is told.
    """

    def half_cached(pair: int, arm: Arm, seen: Observation) -> Observation:
        hit = pair % 2 == 0 or (pair == 1 and arm is Arm.TREATMENT)
        end_ns = seen.end_ns
        if pair % 2 == 0:
            taken_ns = end_ns - seen.start_ns
            end_ns = seen.start_ns + round(taken_ns / (0.6 if arm is Arm.TREATMENT else 1) / 20)
        told = {} if pair == 3 else {CacheLayer.RESULT: hit}
        return replace(seen, cache_hits=told, end_ns=end_ns)

    found = compare(record(0.6, half_cached))
    assert found.strata is not None
    hits, misses = found.strata.strata
    assert (hits.n_pairs, misses.n_pairs) == (300, 298)
    assert (found.strata.mixed, found.strata.untold) == (1, 1)
    assert hits.savings["mean"].contains(0.0)
    assert misses.savings["mean"].contains(0.4)
    assert hits.savings["mean"].upper < found["mean"].estimate.lower
    assert found.to_dict()["by_cache"]["mixed"] == 1


def test_a_control_that_meets_its_own_cache_is_noted(record: Callable[..., Run]) -> None:
    """As the cause of what the other gates found."""

    def second_hits(pair: int, arm: Arm, seen: Observation) -> Observation:
        hit = arm is Arm.CONTROL_AGAIN
        return replace(seen, cache_hits={CacheLayer.RESULT: hit}, position=list(Arm).index(arm))

    found = compare(record(0.6, second_hits))
    assert "cached answers" in {gate.name for gate in found.gates if not gate.passed}
    assert any(note.startswith("asked again, the control answered") for note in found.warnings)


def test_an_arm_that_fails_more_fails_its_gate(record: Callable[..., Run]) -> None:
    """Errors in one arm alone void the comparison."""

    def failing(pair: int, arm: Arm, seen: Observation) -> Observation:
        fails = arm is Arm.TREATMENT and pair % 20 == 0
        return replace(seen, outcome=Outcome.ERROR) if fails else seen

    assert "failure rates" in failed_gates(record(change=failing))


def test_other_results_fail_the_gate_and_are_left_out(record: Callable[..., Run]) -> None:
    """An arm that answers differently has done different work."""

    def differing(pair: int, arm: Arm, seen: Observation) -> Observation:
        differs = arm is Arm.TREATMENT and pair % 10 == 0
        return replace(seen, results_match=not differs)

    run = record(change=differing)
    assert failed_gates(run) == {"identical results"}
    assert any("60 pairs left out" in warning for warning in compare(run).warnings)


def test_a_slow_tail_of_the_second_control_leaves_the_median(record: Callable[..., Run]) -> None:
    """p50 may stand where p95 does not."""

    def slow_tail(_pair: int, arm: Arm, seen: Observation) -> Observation:
        took = seen.end_ns - seen.start_ns
        longer = took // 2 if arm is Arm.CONTROL_AGAIN and took > 170_000_000 else 0
        return replace(seen, end_ns=seen.end_ns + longer)

    comparison = compare(record(change=slow_tail))
    assert comparison["p50"].verdict is Verdict.EXCEEDS
    assert comparison["p95"].verdict is Verdict.NOT_MEASURABLE


def test_a_run_too_short_for_its_gates_settles_nothing(record: Callable[..., Run]) -> None:
    """A second control of much noise: the interval of the saving is one-sided, the bias open."""

    def noisy(pair: int, arm: Arm, seen: Observation) -> Observation:
        took = seen.end_ns - seen.start_ns
        factor = (0.4, 1.6)[pair * 7919 % 13 < 6] if arm is Arm.CONTROL_AGAIN else 1
        return replace(seen, end_ns=seen.start_ns + round(took * factor))

    result = compare(record(change=noisy), threshold=0.35)["mean"]
    assert result.verdict is Verdict.INCONCLUSIVE
    assert result.pairs_needed is not None
    assert f"{result.pairs_needed:,} pairs would do" in result.estimate.warnings[-1]


def test_a_failed_gate_voids_every_verdict(record: Callable[..., Run]) -> None:
    """No statistic of an unsound run has a verdict."""

    def late(_pair: int, arm: Arm, seen: Observation) -> Observation:
        return replace(seen, end_ns=seen.end_ns * 2) if arm is Arm.CONTROL_AGAIN else seen

    verdicts = {each.verdict for each in compare(record(change=late)).results}
    assert verdicts == {Verdict.NOT_MEASURABLE}


@pytest.fixture(scope="module")
def paired(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Twenty pairs."""
    plan = plan_pairs(make_log(20), cache_state="natural", seed=0, warm_up=0)
    return replay_sync(plan, arms(), tmp_path_factory.mktemp("runs") / "paired", progress=False)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Sixty requests an arm."""
    folder = tmp_path_factory.mktemp("runs") / "loaded"
    return replay_sync(planned(), make_targets, folder, progress=False)


def test_pairs_have_an_order_and_a_mean(paired: Run) -> None:
    """Service times, with the gates of pairs and what going first costs."""
    comparison = compare(paired, clusters="pairs")
    assert comparison.results[0].statistic == "mean"
    assert {"carry-over", "arm by place"} <= {gate.name for gate in comparison.gates}
    assert comparison.period is not None


def test_a_load_has_lags(loaded: Run) -> None:
    """Response times, with the gates of an open loop."""
    comparison = compare(loaded)
    assert comparison.n_pairs == 60
    assert "dispatch lag, ms" in [gate.name for gate in comparison.gates]


def test_a_load_has_no_clusters(loaded: Run) -> None:
    """What follows in one queue belongs together."""
    with pytest.raises(SampleError, match="paired runs"):
        compare(loaded, clusters="text")


@pytest.mark.parametrize("given", [5, "results/live", None], ids=str)
def test_what_is_no_run_is_told_how_to_open_one(given: Any) -> None:
    """A folder's name above all."""
    with pytest.raises(SampleError, match=r"takes a run or latencies, not .*hhperf\.load_run"):
        compare(given)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"statistic": "nan"}, "statistic is 'nan'"),
        ({"statistic": "respons_time"}, "did you mean response_time"),
        ({"clusters": "sessions"}, "did you mean session"),
        ({"seed": -1}, "seed -1 must be a whole number"),
        ({"threshold": float("nan")}, "threshold nan must be below 1"),
    ],
    ids=str,
)
def test_options_that_cannot_be_used_are_named(options: dict[str, Any], said: str) -> None:
    """Paired or under load, before anything is worked out."""
    with pytest.raises(SampleError, match=said):
        compare(load_run(data_dir() / "runs" / "plan-rerank-off"), **options)


@pytest.mark.parametrize(
    "option",
    [{"clusters": "tenant"}, {"statistic": "service_time"}, {"client": object()}],
    ids=["clusters", "statistic", "client"],
)
def test_a_file_of_latencies_takes_no_option_of_runs(option: dict[str, Any]) -> None:
    """Its columns say what belongs together; without one it is compared."""
    times = np.linspace(1.0, 2.0, 50)
    latencies = Latencies(times, 0.5 * times, None, None, "times.csv")
    assert compare(latencies)["p50"].estimate.point == pytest.approx(0.5)
    with pytest.raises(SampleError, match="are for runs; a file has its columns"):
        compare(latencies, **option)
