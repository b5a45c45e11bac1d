"""Validity gates."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hhperf.verdict.gate_arithmetic import (
    aa_gates,
    cache_gate,
    cpu_gate,
    failure_gate,
    lag_gate,
    mismatch_gate,
    order_gate,
)

from hhperf.analysis.decision import Gate
from hhperf.analysis.simulate import lognormal
from hhperf.errors import SampleError
from hhperf.runs.metadata import SwitchbackDesign
from hhperf.runs.observation import Arm, HealthSample, Observation, Outcome
from hhperf.runs.run import Run, load_run
from hhperf.runs.writer import RunWriter
from hhperf.verdict.compare import compare
from hhperf.verdict.gates import Evidence, gates_of, schedule_lags_s, utilisation
from hhperf.verdict.sweeps import examine_sweep
from tests.runs.conftest import DESIGN, METADATA, observe


def _noise(rng: np.random.Generator, n: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.exp(0.05 * rng.standard_normal(n))


def test_the_same_arm_twice_passes(rng: np.random.Generator) -> None:
    """Noise alone does not fail the A/A' gates."""
    control = lognormal(rng, 2_000).control
    assert all(gate.passed for gate in aa_gates(control, control * _noise(rng, 2_000)))


def test_a_few_failures_do_not_void_a_run(rng: np.random.Generator) -> None:
    """Without a timeout failures count as the slowest answer."""
    control = lognormal(rng, 2_000).control
    again = control * _noise(rng, 2_000)
    control[7] = again[9] = math.inf
    assert all(gate.passed for gate in aa_gates(control, again))


def test_nothing_but_failures_is_no_control() -> None:
    """An arm that never answers fails its gate."""
    gates = aa_gates([math.inf] * 50, [math.inf] * 50)
    assert [(gate.passed, gate.figure) for gate in gates] == [(False, "undefined")] * 2


def test_an_arm_that_saves_against_itself_fails(rng: np.random.Generator) -> None:
    """A 3% bias between the two controls is seen, and its size is printed."""
    control = lognormal(rng, 2_000).control
    mean, _ = aa_gates(control, 0.97 * control * _noise(rng, 2_000))
    assert not mean.passed
    assert mean.figure.startswith("+2.9%")


def test_a_bias_too_small_to_matter_passes(rng: np.random.Generator) -> None:
    """Half a percent, however certain, is harmless against a threshold of 20%."""
    control = lognormal(rng, 2_000).control
    mean, _ = aa_gates(control, 0.995 * control)
    assert mean.passed


def test_going_second_must_not_pay(rng: np.random.Generator) -> None:
    """A second place that is 5% faster is caught, whatever the treatment saves."""
    sample, first = lognormal(rng, 4_000), rng.random(4_000) < 0.5
    control = np.where(first, 1.0, 0.95) * sample.control
    treatment = np.where(first, 0.95, 1.0) * sample.treatment
    assert order_gate(sample.control, sample.treatment, first).passed
    assert not order_gate(control, treatment, first).passed


def test_one_order_only_cannot_be_checked() -> None:
    """A run that never swaps its arms fails."""
    gate = order_gate([1.0, 2.0], [1.0, 2.0], [True, True])
    assert (gate.passed, gate.limit) == (False, "both orders needed")


def test_order_ignores_failed_pairs(rng: np.random.Generator) -> None:
    """A failed request has no log ratio."""
    sample, first = lognormal(rng, 500), rng.random(500) < 0.5
    sample.control[0] = math.inf
    assert order_gate(sample.control, sample.treatment, first).passed


def test_failure_rates_are_compared_within_noise() -> None:
    """Three more failures are chance, thirty are not."""
    none = np.zeros(1_000, dtype=bool)
    few, many = none.copy(), none.copy()
    few[:3], many[:30] = True, True
    assert failure_gate(none, few).passed
    assert not failure_gate(none, many).passed


def test_cache_hits_may_differ_by_ten_points() -> None:
    """Ten points pass, eleven fail."""
    assert cache_gate(0.30, 0.40).passed
    assert not cache_gate(0.30, 0.41).passed


def test_mismatches_are_judged_against_the_control_itself() -> None:
    """A control that is itself unstable excuses as many mismatches, not more."""
    again, same, more = (np.arange(1_000) % 97 < k for k in (2, 2, 9))
    assert mismatch_gate(same, again).passed
    assert not mismatch_gate(more, again).passed


def test_lag_must_be_small_against_the_median() -> None:
    """The 99th percentile of the lags is held against 5% of the control's median."""
    lags = np.array([0.001] * 97 + [0.02] * 3)
    assert lag_gate("dispatch lag", lags, [1.0]).passed
    gate = lag_gate("dispatch lag", lags, [0.3])
    assert (gate.passed, gate.figure) == (False, "p99 0.02, 6.7% of the control's median")


def test_lags_that_are_not_numbers_are_refused() -> None:
    """A missing lag is not a small one."""
    with pytest.raises(SampleError, match="dispatch lag"):
        lag_gate("dispatch lag", [math.nan], [1.0])


def test_a_busy_generator_fails() -> None:
    """Ninety percent of a core is the limit."""
    assert cpu_gate(0.5).passed
    assert not cpu_gate(0.95).passed


LOAD = SwitchbackDesign(
    arms=DESIGN.arms, blocks=tuple(Arm), rounds=1, pairs=40, load="evenly, 1/s for 40 s",
    offered_hz=1.0, clients=None, order="log", cache_state="natural", warm_up=0,
    max_in_flight=100, timeout_s=1.0,
)  # fmt: skip
SECOND = 1_000_000_000

Write = Callable[..., Run]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a load run of forty pairs; changes are by arm, samples are (second, cpu, worker)."""

    def written(
        changes: Callable[[int, Arm], dict[str, object]] = lambda pair, arm: {},
        samples: tuple[tuple[int, float, int], ...] = (),
        shared: tuple[str, ...] = (),
    ) -> Run:
        metadata = replace(METADATA, design=LOAD, shared=shared)
        with RunWriter(tmp_path, metadata, epoch_ns=0) as writer:
            for pair in range(40):
                writer.add(*(_seen(pair, arm, changes(pair, arm)) for arm in Arm))
            for at_s, cpu, worker in samples:
                writer.add_health(HealthSample("cpu", at_s * SECOND, round(cpu * SECOND), worker))
        return load_run(tmp_path)

    return written


def _seen(pair: int, arm: Arm, changes: dict[str, object]) -> Observation:
    return observe(pair, arm, block=list(Arm).index(arm), **changes)


def gates(run: Run) -> dict[str, Gate]:
    return {gate.name: gate for gate in gates_of(Evidence(run, run.pairs("response_time")))}


def test_a_prompt_generator_passes(write: Write) -> None:
    """Every gate that a load run has."""
    found = gates(write())
    assert all(gate.passed for gate in found.values())
    assert sorted(found) == [
        "A/A' p50", "A/A' p95", "arms share nothing", "dispatch lag, ms", "drop rates",
        "failure rates", "generator CPU", "identical results",
    ]  # fmt: skip


def test_lag_counts_from_the_intended_start(write: Write) -> None:
    """A tenth of a second late, of one second that is measured."""
    run = write(lambda pair, arm: {"start_ns": pair * SECOND + SECOND // 10})
    assert schedule_lags_s(run) == pytest.approx([0.1] * 120)
    assert not gates(run)["dispatch lag, ms"].passed


def test_drops_of_one_arm_are_caught(write: Write) -> None:
    """Half of the treatment's requests; a drop is no lag."""

    def dropped(pair: int, arm: Arm) -> dict[str, object]:
        is_dropped = arm is Arm.TREATMENT and pair % 2
        late = {"start_ns": pair * SECOND + SECOND // 2, "outcome": Outcome.DROPPED}
        return late if is_dropped else {}

    found = gates(write(dropped))
    assert not found["drop rates"].passed
    assert found["dispatch lag, ms"].passed


def test_a_busy_worker_is_caught_among_idle_ones(write: Write) -> None:
    """Also when it was busy for a tenth of the time only."""
    idle = tuple((second, 0.1, 0) for second in range(100))
    busy = tuple((second, 0.97 if second >= 90 else 0.2, 1) for second in range(100))
    run = write(samples=(*idle, *busy))
    assert utilisation(run) == pytest.approx(0.97)
    assert not gates(run)["generator CPU"].passed


def test_what_arms_share_is_named(write: Write) -> None:
    """As the targets told it."""
    found = gates(write(shared=("pool: control and treatment",)))["arms share nothing"]
    assert (found.passed, found.figure) == (False, "pool: control and treatment")


def test_savings_under_load_are_those_of_the_response(write: Write) -> None:
    """The treatment takes half as long; a third of it waiting for its turn."""

    def halved(pair: int, arm: Arm) -> dict[str, object]:
        jitter = (pair * 7919) % 40 * 1_000_000
        took = SECOND + jitter if arm is not Arm.TREATMENT else (SECOND + jitter) // 2
        return {"end_ns": pair * SECOND + took}

    comparison = compare(write(halved), quantiles=(0.5,))
    assert comparison["p50"].estimate.point == pytest.approx(0.5, abs=0.02)
    assert comparison.warnings == ("at evenly, 1/s for 40 s",)


def test_a_paired_run_has_no_offered_load(tmp_path: Path) -> None:
    """It says what to use instead."""
    with RunWriter(tmp_path, METADATA):
        pass
    run = load_run(tmp_path)
    with pytest.raises(SampleError, match=r"use compare\(\)"):
        examine_sweep([run])
