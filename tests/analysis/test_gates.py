"""Validity gates."""

import math

import numpy as np
import pytest

from hhperf.analysis.gates import (
    aa_gates,
    cache_gate,
    cpu_gate,
    failure_gate,
    lag_gate,
    mismatch_gate,
    order_gate,
)
from hhperf.analysis.simulate import lognormal
from hhperf.errors import SampleError


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
    control = np.arange(100) < 30
    assert cache_gate(control, np.arange(100) < 40).passed
    assert not cache_gate(control, np.arange(100) < 41).passed


def test_any_mismatch_fails_without_a_second_control() -> None:
    """With nothing to compare to, results must be identical."""
    gate = mismatch_gate([False, True, False])
    assert (gate.passed, gate.figure) == (False, "1 of 3 differ")


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
