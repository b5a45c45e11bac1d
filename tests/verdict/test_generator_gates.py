"""The load generator's own delays, by cause."""

import math

import numpy as np
import pytest

from hhperf.analysis.decision import EVERY_STATISTIC, GateState
from hhperf.errors import SampleError
from hhperf.verdict.generator_gates import (
    busiest,
    clock_gate,
    cpu_gate,
    dispatch_gate,
    levels_of,
    loop_gate,
)

LAGS = np.array([1.0] * 97 + [20.0] * 3)
"""Their p99 is 20 ms."""

LEVELS = {"mean": 300.0, "p50": 250.0, "p95": 900.0}


def test_levels_are_the_control_s_own_statistics() -> None:
    """What fell among failures has none."""
    control = [*map(float, range(1, 96)), *[math.inf] * 5]
    assert levels_of(control, (0.5, 0.99)) == {"mean": 48.0, "p50": 50.0}
    assert levels_of(control, (0.5,), mean=False) == {"p50": 50.0}


def test_a_busy_loop_voids_where_it_is_too_much() -> None:
    """Twenty milliseconds are little of 900, and much of 250; the cause is named."""
    gate = loop_gate(LAGS, LEVELS)
    assert (gate.state, gate.voids) == (GateState.FAILED, ("mean", "p50"))
    assert gate.figure == "p99 20, 8.0% of the control's p50"
    assert "what one computes holds up the answers of the others" in gate.text


def test_a_prompt_loop_voids_nothing() -> None:
    """A lag of a millisecond."""
    gate = loop_gate(np.ones(100), LEVELS)
    assert (gate.state, gate.voids) == (GateState.PASSED, tuple(LEVELS))


def test_one_request_alone_holds_up_no_other() -> None:
    """The lag is its own computing, inside its latency; its figure is told all the same."""
    gate = loop_gate(LAGS, LEVELS, alone=True)
    assert (gate.passed, gate.figure) == (True, "p99 20, 8.0% of the control's p50")
    assert "the arm's own computing, rightly inside its latency" in gate.text


def test_a_control_without_an_answer_fails() -> None:
    """There is nothing that a lag could be small against."""
    gate = loop_gate(LAGS, {})
    assert (gate.state, gate.voids) == (GateState.FAILED, EVERY_STATISTIC)


def test_lags_within_stalls_are_left_out() -> None:
    """They are counted, and the rest is judged."""
    found = loop_gate(LAGS, LEVELS, stalled=LAGS > 10)
    assert found.passed
    assert found.figure == "p99 1, 0.4% of the control's p50; 3 within stalls left out"
    assert dispatch_gate(LAGS, [300.0], stalled=LAGS > 10).passed


def test_nothing_but_stalls_tells_nothing() -> None:
    """Neither good nor bad."""
    everywhere = np.ones(len(LAGS), dtype=bool)
    for gate in (
        loop_gate(LAGS, LEVELS, stalled=everywhere),
        dispatch_gate(LAGS, [300.0], stalled=everywhere),
    ):
        assert gate.state is GateState.TOO_FEW


def test_a_late_schedule_voids_everything() -> None:
    """The 99th percentile of the lags is held against 5% of the control's median."""
    assert dispatch_gate(LAGS, [1_000.0]).passed
    gate = dispatch_gate(LAGS, [300.0])
    assert (gate.state, gate.voids) == (GateState.FAILED, EVERY_STATISTIC)
    assert gate.figure == "p99 20, 6.7% of the control's p50"


def test_lags_that_are_not_numbers_are_refused() -> None:
    """A missing lag is not a small one."""
    with pytest.raises(SampleError, match="dispatch lag"):
        dispatch_gate([math.nan], [1.0])


def test_each_lag_is_within_a_stall_or_not() -> None:
    """One flag a lag."""
    with pytest.raises(SampleError, match="2 values for 100 lags"):
        loop_gate(LAGS, LEVELS, stalled=[True, False])


def test_a_busy_generator_fails() -> None:
    """Ninety percent of a core is the limit; it voids everything."""
    assert cpu_gate(0.5).passed
    gate = cpu_gate(0.95)
    assert (gate.state, gate.voids) == (GateState.FAILED, EVERY_STATISTIC)


def test_the_busiest_tenth_counts() -> None:
    """A generator that was too slow for a while was too slow."""
    used = np.array([0.1] * 90 + [0.97] * 10)
    assert busiest(used, np.ones(100)) == pytest.approx(0.97)
    assert busiest([], []) == 0.0


def test_time_within_stalls_is_nobody_s() -> None:
    """A generator that is busy whenever it may run is busy."""
    stalled = np.arange(100) % 2 == 0
    used = np.where(stalled, 0.0, 0.95)
    assert busiest(used, np.ones(100)) == pytest.approx(0.475)
    assert busiest(used, np.ones(100), stalled) == pytest.approx(0.95)


def test_clocks_are_known_well_enough_or_not() -> None:
    """Against the control's median; the drift is told."""
    control = [100.0] * 9
    gate = clock_gate([0.4, 1.5], -12e-6, control)
    assert (gate.state, gate.figure) == (
        GateState.PASSED,
        "known to 1.5, drift at most 12 ppm",
    )
    assert clock_gate([0.4, 6.0], 0.0, control).state is GateState.FAILED
    assert clock_gate([0.4], 0.0, [math.inf] * 9).state is GateState.FAILED
