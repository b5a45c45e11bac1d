"""Arms that fail, hit caches and answer alike."""

import numpy as np

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
