"""The weighted paired score test."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from hhperf.analysis.quantiles import quantile_savings
from hhperf.analysis.samples import Pairs, make_pairs
from hhperf.analysis.score import (
    _pooled,
    score_p_value,
    score_saving,
    score_statistic,
    sort_pairs,
    weight_of,
)
from hhperf.analysis.simulate import clustered, lognormal

_SORTED = st.lists(st.integers(0, 9), min_size=1, max_size=9).map(
    lambda values: np.sort(np.array(values, dtype=float))
)


@given(_SORTED, _SORTED, st.data())
def test_pooled_rank_is_that_of_the_merged_arrays(
    a: np.ndarray[tuple[int], np.dtype[np.float64]],
    b: np.ndarray[tuple[int], np.dtype[np.float64]],
    data: st.DataObject,
) -> None:
    """Bisection finds what merging and sorting finds."""
    rank = data.draw(st.integers(1, len(a) + len(b)))
    assert _pooled(a, b, rank) == np.sort(np.concatenate([a, b]))[rank - 1]


def test_the_median_of_unpaired_arms_is_moods_test(rng: np.random.Generator) -> None:
    """For independent arms of one shape the squared score is near SciPy's median test."""
    x, y = rng.exponential(size=(2, 4_000))
    expected = stats.median_test(x, y, correction=False).statistic
    score = score_statistic(sort_pairs(make_pairs(x, y)), 0.5, 1.0)
    assert score**2 == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize("q", [0.5, 0.95])
def test_interval_is_near_the_bootstraps(rng: np.random.Generator, q: float) -> None:
    """Two ways to the same interval."""
    sample = clustered(rng, 3_000)
    pairs = make_pairs(sample.control, sample.treatment, sample.clusters)
    second, (first,) = score_saving(pairs, q), quantile_savings(pairs, (q,))
    near = 0.3 * (first.upper - first.lower)
    assert second.lower == pytest.approx(first.lower, abs=near)
    assert second.upper == pytest.approx(first.upper, abs=near)


def test_interval_ends_where_the_test_rejects(rng: np.random.Generator) -> None:
    """Just inside the interval a saving is accepted, just outside it is not."""
    sample = lognormal(rng, 1_000)
    pairs = make_pairs(sample.control, sample.treatment)
    found, arms = score_saving(pairs, 0.9), sort_pairs(pairs)
    assert score_p_value(arms, 0.9, threshold=found.lower + 1e-4) > 0.025
    assert score_p_value(arms, 0.9, threshold=found.lower - 1e-4) < 0.025


def test_the_weight_is_the_treatments_share_of_what_is_near() -> None:
    """Of 20 and 5 between both ranks, half a count added to each."""
    assert weight_of((10.0, 20.0), (30.0, 25.0)) == pytest.approx(5.5 / 26)


def test_the_interval_does_not_depend_on_the_unit(rng: np.random.Generator) -> None:
    """Milliseconds or seconds."""
    sample = lognormal(rng, 500)
    seconds = score_saving(make_pairs(sample.control, sample.treatment), 0.9)
    ms = score_saving(make_pairs(1e3 * sample.control, 1e3 * sample.treatment), 0.9)
    assert (ms.lower, ms.upper) == pytest.approx((seconds.lower, seconds.upper), abs=1e-5)


def test_equal_arms_are_neutral() -> None:
    """The same latencies twice score zero at the ratio one."""
    values = np.arange(1.0, 101.0)
    assert score_statistic(sort_pairs(make_pairs(values, values)), 0.5, 1.0) == 0.0


def test_failures_count_as_slow(rng: np.random.Generator) -> None:
    """A treatment that fails more saves less; among failures there is no score."""
    sample = lognormal(rng, 1_000, saving=0.5, q=0.5)
    failing = sample.treatment.copy()
    failing[:300] = math.inf
    healthy, ill = (
        sort_pairs(make_pairs(sample.control, arm)) for arm in (sample.treatment, failing)
    )
    assert score_statistic(ill, 0.6, 0.8) < score_statistic(healthy, 0.6, 0.8)
    assert not score_saving(make_pairs(sample.control, failing), 0.9).defined


def test_one_sided_failures_open_the_interval() -> None:
    """Five pairs cannot bound a quantile."""
    found = score_saving(make_pairs([1.0, 2.0, 3.0, 4.0, 5.0], [1.0, 2.0, 3.0, 4.0, 5.0]), 0.9)
    assert (found.lower, found.upper) == (-math.inf, 1.0)


def test_a_weight_is_a_number_of_copies(rng: np.random.Generator) -> None:
    """The point where the score is zero is that of the pairs written out, weights or copies."""
    sample, times = lognormal(rng, 400), rng.integers(1, 4, 400)
    codes = np.arange(400)
    weighted = Pairs(sample.control, sample.treatment, codes, 400, times / times.mean())
    control, treatment = (np.repeat(arm, times) for arm in (sample.control, sample.treatment))
    copied = Pairs(control, treatment, np.repeat(codes, times), 400)
    found, expected = (sort_pairs(each) for each in (weighted, copied))
    for ratio in (0.7, 0.8, 0.9):
        score = score_statistic(found, 0.9, ratio)
        assert score == pytest.approx(score_statistic(expected, 0.9, ratio), abs=0.15)
