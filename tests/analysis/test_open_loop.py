"""Savings in response time."""

import math

import numpy as np

from hhperf.analysis.open_loop import open_loop_savings
from hhperf.analysis.quantiles import quantile_savings
from hhperf.analysis.samples import make_pairs
from hhperf.analysis.simulate import queue


def test_memory_widens_the_interval(rng: np.random.Generator) -> None:
    """Taking the queue's responses for independent makes the interval far too short."""
    sample = queue(rng, 4_000)
    (blocks,) = open_loop_savings(sample.control, sample.treatment, (0.5,), replicates=500)
    (naive,) = quantile_savings(make_pairs(sample.control, sample.treatment), (0.5,))
    assert blocks.upper - blocks.lower > 2 * (naive.upper - naive.lower)


def test_a_run_that_is_short_for_its_memory_says_so(rng: np.random.Generator) -> None:
    """p99 of 4,000 queued responses rests on a single bad spell."""
    sample = queue(rng, 4_000)
    p50, p99 = open_loop_savings(sample.control, sample.treatment, (0.5, 0.99), replicates=200)
    assert not p50.warnings
    assert "responses stay alike" in p99.warnings[0]


def test_a_quantile_among_failures_is_undefined(rng: np.random.Generator) -> None:
    """Under overload requests fail; what then is not known is not made up."""
    series = queue(rng, 500).control
    series[::5] = math.inf
    assert not open_loop_savings(series, series, (0.9,))[0].defined
