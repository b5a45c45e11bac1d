"""Effects that should be nothing: the rule, and the control against itself."""

import math
from dataclasses import replace

import numpy as np
import pytest

from hhperf.analysis.decision import EVERY_STATISTIC, GateState
from hhperf.analysis.estimate import Estimate, undefined
from hhperf.analysis.simulate import lognormal
from hhperf.analysis.simulate_stalls import stalled_triples
from hhperf.verdict.effect_gates import (
    aa_gates,
    aa_gates_under_load,
    effect_gate,
    pairs_that_would_do,
)

QUANTILES = (0.5, 0.9, 0.95, 0.99)
Latencies = np.ndarray[tuple[int], np.dtype[np.float64]]


def _noise(rng: np.random.Generator, n: int) -> Latencies:
    return np.exp(0.05 * rng.standard_normal(n))


def _control(rng: np.random.Generator, n: int) -> Latencies:
    return np.exp(0.2 * rng.standard_normal(n))


@pytest.mark.parametrize(
    ("lower", "upper", "state"),
    [
        (-0.02, 0.03, GateState.PASSED),
        (0.001, 0.009, GateState.PASSED),
        (0.001, 0.015, GateState.PASSED),
        (0.001, 0.02, GateState.FAILED),
        (-0.30, -0.01, GateState.FAILED),
        (-0.06, 0.05, GateState.TOO_FEW),
        (-3.486, 0.321, GateState.TOO_FEW),
        (-math.inf, 1.0, GateState.TOO_FEW),
    ],
)
def test_an_interval_passes_fails_or_cannot_tell(
    lower: float, upper: float, state: GateState
) -> None:
    """It fails beside 0 if it is more than one point, and is too wide beyond five."""
    effect = Estimate((lower + upper) / 2, lower, upper, 0.99)
    assert effect_gate("gate", effect, 100, "why").state is state


@pytest.mark.parametrize(("lower", "upper"), [(-0.30, 0.06), (-0.06, 0.30)])
def test_a_gate_that_cannot_tell_says_what_bias_it_leaves_possible(
    lower: float, upper: float
) -> None:
    """The farther end of the interval, to whichever side."""
    gate = effect_gate("gate", Estimate(0.0, lower, upper, 0.99), 100, "why")
    assert (gate.state, gate.bias) == (GateState.TOO_FEW, 0.30)


def test_what_is_undefined_for_failures_fails() -> None:
    """No number of pairs would help."""
    nothing = undefined("all failed", confidence=0.99, method="none")
    gate = effect_gate("gate", nothing, 100, "why")
    assert (gate.state, gate.figure, gate.detail) == (
        GateState.FAILED, "undefined", "why; all failed",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("n", "half", "needed"),
    [(12, 1.9035, 18_000), (500, 0.06, 720), (400, 0.0551, 490), (12, math.inf, None)],
)
def test_a_gate_that_cannot_tell_says_what_it_needs(
    n: int, half: float, needed: int | None
) -> None:
    """Widths go with the root of the pairs; rounded up to two digits."""
    assert pairs_that_would_do(n, half) == needed


def test_each_statistic_that_can_be_measured_has_its_gate(rng: np.random.Generator) -> None:
    """It voids that statistic alone; p99 takes 2,000 pairs."""
    control = _control(rng, 1_000)
    gates = aa_gates(control, control * _noise(rng, 1_000), QUANTILES)
    assert [gate.name for gate in gates] == ["A/A' mean", "A/A' p50", "A/A' p90", "A/A' p95"]
    assert [gate.voids for gate in gates] == [("mean",), ("p50",), ("p90",), ("p95",)]
    assert EVERY_STATISTIC not in [gate.voids for gate in gates]


def test_a_dozen_pairs_have_a_gate_at_the_mean_alone(rng: np.random.Generator) -> None:
    """No quantile has a verdict that could be voided."""
    control = _control(rng, 12)
    gates = aa_gates(control, control * np.exp(rng.standard_normal(12)), QUANTILES)
    assert [(gate.name, gate.state) for gate in gates] == [("A/A' mean", GateState.TOO_FEW)]


def test_the_same_arm_twice_passes(rng: np.random.Generator) -> None:
    """Noise alone does not fail the A/A' gates."""
    control = _control(rng, 4_000)
    gates = aa_gates(control, control * _noise(rng, 4_000), QUANTILES)
    assert [gate.passed for gate in gates] == [True] * 5


def test_a_few_failures_do_not_void_a_run(rng: np.random.Generator) -> None:
    """Without a timeout failures count as the slowest answer."""
    control = _control(rng, 4_000)
    again = control * _noise(rng, 4_000)
    control[7] = again[9] = math.inf
    assert all(gate.passed for gate in aa_gates(control, again, QUANTILES))


def test_nothing_but_failures_is_no_control() -> None:
    """An arm that never answers fails its gates."""
    gates = aa_gates([math.inf] * 50, [math.inf] * 50, (0.5,))
    assert [(gate.state, gate.figure) for gate in gates] == [(GateState.FAILED, "undefined")] * 2


def test_an_arm_that_saves_against_itself_fails(rng: np.random.Generator) -> None:
    """A 3% bias between the two controls is seen, and its size is printed."""
    control = lognormal(rng, 2_000).control
    mean, *_ = aa_gates(control, 0.97 * control * _noise(rng, 2_000), QUANTILES)
    assert mean.state is GateState.FAILED
    assert mean.figure.startswith("+2.9%")


def test_a_bias_too_small_to_matter_passes(rng: np.random.Generator) -> None:
    """Half a percent, however certain, is harmless against a threshold of 20%."""
    control = lognormal(rng, 2_000).control
    mean, *_ = aa_gates(control, 0.995 * control, QUANTILES)
    assert mean.passed


def test_a_slow_tail_of_one_control_leaves_the_median_alone(rng: np.random.Generator) -> None:
    """p95 fails, p50 stands."""
    control = _control(rng, 4_000)
    again = control * _noise(rng, 4_000)
    again[again > np.quantile(again, 0.9)] *= 1.3
    found = {gate.name: gate.state for gate in aa_gates(control, again, (0.5, 0.95))}
    assert (found["A/A' p50"], found["A/A' p95"]) == (GateState.PASSED, GateState.FAILED)


def test_a_load_has_a_gate_at_each_quantile(rng: np.random.Generator) -> None:
    """Responses are no pairs: there is no mean, and a short run cannot tell of its tail."""
    gates = aa_gates_under_load(_control(rng, 500), _control(rng, 500), QUANTILES)
    assert [gate.voids for gate in gates] == [("p50",), ("p90",), ("p95",)]
    assert gates[-1].state is GateState.TOO_FEW
    assert gates[-1].needs is not None
    assert gates[-1].needs > 500


def test_what_stalls_hide_cannot_be_told(rng: np.random.Generator) -> None:
    """With the reason; a verdict that holds whatever the stalls did is open for want of it."""
    made = stalled_triples(rng, 400, share=0.2, burst_s=0.06, saving=0.0, alike=True)
    soon = np.full(400, 0.001)
    one, other = (
        np.full(400, -1),
        np.arange(400),
    )  # the stalls are not the same: all data are no help
    hidden = replace(
        made.censoring, control_clean=np.full(400, np.inf), treatment_clean=soon, joint_clean=soon,
        control_onset=one, treatment_onset=other,
    )  # fmt: skip
    found = aa_gates(made.seen.control, made.seen.treatment, (0.5,), censoring=hidden)
    assert [gate.state for gate in found] == [GateState.TOO_FEW] * 2
    assert [gate.voids for gate in found] == [("mean",), ("p50",)]
    assert {gate.figure for gate in found} == {"hidden by stalls"}


def test_stalls_alone_fail_no_control(rng: np.random.Generator) -> None:
    """All data differ by more than 10% at p95; without stalls both measurements are alike."""
    made = stalled_triples(rng, 1_000, share=0.06, burst_s=0.4, saving=0.0, alike=True)
    found = aa_gates(made.seen.control, made.seen.treatment, (0.5, 0.95), censoring=made.censoring)
    assert all(gate.passed for gate in found)


def test_all_data_are_asked_where_stalls_leave_too_little(rng: np.random.Generator) -> None:
    """Of 20% lost in bursts of 60 ms next to nothing is left, but both measurements met them."""
    made = stalled_triples(rng, 1_000, share=0.2, burst_s=0.06, saving=0.0, alike=True)
    control, again = made.seen.control, made.seen.treatment
    mean, gate = aa_gates(control, again, (0.95,), censoring=made.censoring)
    assert gate.figure == aa_gates(control, again, (0.95,))[1].figure
    assert "met both alike" in gate.detail
    assert mean.passed


def test_all_data_are_not_asked_where_stalls_met_one_more(rng: np.random.Generator) -> None:
    """They would then tell of the stalls."""
    made = stalled_triples(rng, 1_000, share=0.2, burst_s=0.06, saving=0.0, alike=True)
    apart = replace(
        made.censoring,
        treatment_clean=np.full(1_000, np.inf),
        treatment_onset=np.full(1_000, -1),
    )
    found = aa_gates(made.seen.control, made.seen.treatment, (0.95,), censoring=apart)
    assert not any("met both alike" in gate.detail for gate in found)
