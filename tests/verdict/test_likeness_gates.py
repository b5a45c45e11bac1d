"""Arms that fail, hit caches and answer alike."""

import numpy as np
import pytest

from hhperf.analysis.decision import GateState
from hhperf.verdict.likeness_gates import cache_gate, failure_gate, mismatch_gate


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


@pytest.mark.parametrize(("control", "treatment"), [(0.40, 0.30), (0.0, 0.10), (0.60, 0.50)])
def test_ten_points_are_ten_points_either_way(control: float, treatment: float) -> None:
    """Whichever arm hits more; a point beyond them fails."""
    step = 0.01 if treatment > control else -0.01
    assert cache_gate(control, treatment).passed
    assert cache_gate(control, treatment + step).state is GateState.FAILED


def failing(pairs: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """So many of a thousand."""
    return np.arange(1_000) < pairs


def test_a_sound_run_fails_a_likeness_gate_once_in_a_hundred() -> None:
    """Seven failures of one arm alone have p = 1/64, eight have 1/128."""
    assert failure_gate(failing(0), failing(7)).passed
    assert not failure_gate(failing(0), failing(8)).passed
    assert not failure_gate(failing(8), failing(0)).passed


def test_a_control_that_differs_from_itself_more_is_no_fault_of_the_treatment() -> None:
    """One-sided: six mismatches of the treatment alone have p = 1/64, seven have 1/128."""
    assert mismatch_gate(failing(6), failing(0)).passed
    assert not mismatch_gate(failing(7), failing(0)).passed
    assert mismatch_gate(failing(0), failing(300)).passed
