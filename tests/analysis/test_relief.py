"""What would give a statistic that stalls hide."""

import numpy as np
import pytest

from hhperf.analysis.relief import Relief


def test_the_time_that_a_machine_may_lose_is_a_figure(rng: np.random.Generator) -> None:
    """Stalls at that share leave as many stretches clean as are needed: simulated, not assumed."""
    lost, burst_s, length_s = 0.30, 0.06, 0.5
    share = _clean(rng, lost, burst_s, length_s)
    said = Relief(lost)(share, 0.25)
    most = float(said.partition("loses less than ")[2].partition("%")[0]) / 100
    assert most < lost
    assert _clean(rng, most, burst_s, length_s) == pytest.approx(0.25, abs=0.05)


def _clean(rng: np.random.Generator, lost: float, burst_s: float, length_s: float) -> float:
    """Share of stretches, begun outside of stalls, that no stall interrupts."""
    pause_s = burst_s * (1 - lost) / lost
    return float(np.mean(rng.exponential(pause_s, 20_000) >= length_s))


def test_it_says_how_much_more_would_do() -> None:
    """Where more would do at all, and fewer in flight where that is the user's to choose."""
    assert "fewer requests in flight, 2.5 times as much measured, or" in Relief(0.2)(0.1, 0.3, 2.5)
    assert Relief(0.2, in_flight=False)(0.1, 0.3).startswith("more time, or a machine")


def test_without_a_share_there_is_no_figure() -> None:
    """A machine that nothing watched, or a share that says nothing of a rate."""
    assert "loses less time" in Relief()(0.1, 0.3)
    assert "loses less time" in Relief(0.2)(0.0, 0.3)
