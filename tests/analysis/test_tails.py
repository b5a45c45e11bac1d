"""Quantiles far into the tail."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hhperf.analysis.ranks import quantile
from hhperf.analysis.tails import tail_of
from hhperf.errors import SampleError

LATENCIES = st.lists(st.floats(0.001, 10), min_size=1, max_size=300)


@given(LATENCIES)
def test_a_step_is_the_quantile_from_there_on(latency_s: list[float]) -> None:
    """Between two latencies the next one counts."""
    tail = tail_of(latency_s)
    for nines, seen in zip(tail.nines, tail.latency_s, strict=True):
        inside = 1 - 1 / nines + 0.5 / tail.n
        assert seen == quantile(np.array(latency_s), inside)


@given(LATENCIES)
def test_it_goes_from_the_least_to_the_greatest(latency_s: list[float]) -> None:
    """And ends where one latency is left."""
    tail = tail_of(latency_s)
    assert (tail.latency_s[0], tail.latency_s[-1]) == (min(latency_s), max(latency_s))
    assert (tail.nines[0], tail.nines[-1]) == (1, pytest.approx(len(latency_s)))
    assert (np.diff(tail.nines) > 0).all()


def test_the_far_tail_keeps_each_latency() -> None:
    """A million latencies become a few hundred steps, of which the last ten are single ones."""
    latency_s = np.random.default_rng(1).exponential(size=1_000_000)
    tail = tail_of(latency_s)
    assert len(tail.nines) <= 400
    assert tail.latency_s[-10:].tolist() == np.sort(latency_s)[-10:].tolist()


def test_failures_are_at_the_end() -> None:
    """A quantile among them is endless."""
    assert tail_of([0.3, math.inf, 0.1]).latency_s.tolist() == [0.1, 0.3, math.inf]


def test_twenty_latencies_beyond_make_a_quantile_measurable() -> None:
    """Of a thousand p98, at a 1/(1 - q) of 50."""
    assert tail_of(np.ones(1000)).measurable_to == 50


def test_no_latency_has_no_quantile() -> None:
    """It is said, not drawn empty."""
    with pytest.raises(SampleError, match="no latency"):
        tail_of([])
