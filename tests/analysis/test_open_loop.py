"""Response times under load."""

import math

import numpy as np
import pytest

from hhperf.analysis.open_loop import block_counts, memory, open_loop_savings, stationary_quantiles
from hhperf.analysis.quantiles import quantile_savings
from hhperf.analysis.samples import make_pairs
from hhperf.analysis.simulate import queue
from hhperf.errors import SampleError


@pytest.mark.parametrize("length", [1.0, 7.5, 500.0])
def test_blocks_redraw_as_many_responses_as_there_are(
    rng: np.random.Generator, length: float
) -> None:
    """Whatever the block length, 100 places are drawn 100 times."""
    assert {int(block_counts(100, length, rng).sum()) for _ in range(200)} == {100}


def test_every_place_is_drawn_alike(rng: np.random.Generator) -> None:
    """Wrapping around leaves no edge that comes up less often."""
    total = sum(block_counts(50, 8.0, rng) for _ in range(4_000))
    assert total / 4_000 == pytest.approx(np.ones(50), abs=0.12)


def test_blocks_of_one_are_the_plain_bootstrap(rng: np.random.Generator) -> None:
    """Without memory the spread is the binomial one."""
    series = rng.random(2_000)
    found = stationary_quantiles(series, 0.5, 1.0, 2_000, rng)
    assert found.std() == pytest.approx(0.5 / math.sqrt(2_000), rel=0.1)


def test_a_queue_has_memory(rng: np.random.Generator) -> None:
    """Responses behind each other in a queue stay alike, shuffled ones do not."""
    series = queue(rng, 5_000).control
    assert memory(series, 0.5) > 20
    assert memory(rng.permutation(series), 0.5) < 10


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


def test_blocks_shorter_than_one_are_refused(rng: np.random.Generator) -> None:
    """A block holds at least one response."""
    with pytest.raises(SampleError, match="must be 1 or more"):
        stationary_quantiles(np.ones(5), 0.5, 0.5, 10, rng)
