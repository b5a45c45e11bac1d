"""The multinomial shortcut."""

import numpy as np
import pytest

from hhperf.analysis.bootstrap import bootstrap_quantiles
from hhperf.analysis.multinomial import (
    draw_ranks,
    lowest,
    multinomial_curves,
    multinomial_quantiles,
)
from hhperf.analysis.samples import make_pairs
from hhperf.analysis.simulate import lognormal


@pytest.mark.parametrize("q", [0.5, 0.95])
def test_spread_is_that_of_the_full_bootstrap(rng: np.random.Generator, q: float) -> None:
    """Four counts give the log ratio the spread that resampling all pairs gives it."""
    sample = lognormal(rng, 1_000)
    pairs = make_pairs(sample.control, sample.treatment)
    (full,) = bootstrap_quantiles(pairs, (q,), replicates=4_000)
    short = multinomial_quantiles(pairs, q, replicates=4_000)
    spreads = [np.log(found.ratios(np.nan)).std() for found in (full, short)]
    assert spreads[1] == pytest.approx(spreads[0], rel=0.12)


def test_swapping_arms_swaps_the_replicates(rng: np.random.Generator) -> None:
    """The set of replicate pairs is symmetric in the arms."""
    sample = lognormal(rng, 500)
    there = multinomial_quantiles(make_pairs(sample.control, sample.treatment), 0.9)
    back = multinomial_quantiles(make_pairs(sample.treatment, sample.control), 0.9)
    assert sorted(there.control) == sorted(back.treatment)


def test_ties_do_not_depend_on_the_order_of_pairs(rng: np.random.Generator) -> None:
    """Coarse latencies give the same replicates in any order."""
    control = rng.integers(1, 6, 400).astype(float)
    treatment = rng.integers(1, 6, 400).astype(float)
    order = rng.permutation(400)
    first = multinomial_quantiles(make_pairs(control, treatment), 0.5)
    again = multinomial_quantiles(make_pairs(control[order], treatment[order]), 0.5)
    assert first.control.tolist() == again.control.tolist()


def test_as_many_are_drawn_as_were_asked_for() -> None:
    """An odd number too, although each draw serves twice."""
    assert [len(each) for each in draw_ranks(100, 0.5, 30, replicates=101)] == [101, 101]


def test_ranks_are_on_average_where_the_quantile_is() -> None:
    """Of n + 1 gaps between order statistics, q lie below: the Beta distribution's mean."""
    for ranks in draw_ranks(99, 0.5, 30, replicates=4_000):
        assert np.mean(ranks) == pytest.approx(50, abs=0.3)


def test_arms_that_are_alike_stay_alike_in_every_replicate(rng: np.random.Generator) -> None:
    """Of twenty pairs, at several quantiles at once."""
    times = rng.permutation(np.arange(1.0, 21.0))
    for found in multinomial_curves(make_pairs(times, times), [0.25, 0.5], replicates=50):
        assert found.control.tolist() == found.treatment.tolist()


def test_among_equal_values_those_with_the_smaller_tie_breaker_are_lowest() -> None:
    """No more than were asked for, however many are equal."""
    marked = lowest(np.array([1.0, 2.0, 2.0, 2.0]), np.array([9.0, 3.0, 1.0, 2.0]), 2)
    assert marked.tolist() == [True, False, True, False]
