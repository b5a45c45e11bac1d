"""Densities at quantiles."""

import math

import numpy as np
import pytest

from hhperf.analysis.density import half_window, hall_sheather, log_sparsity, ratio_influence
from hhperf.analysis.simulate import lognormal


def test_bandwidth_is_hall_and_sheathers() -> None:
    """At the median of 1,000 values: 0.1 x 1.96^(2/3) x (1.5 / 2 pi)^(1/3)."""
    expected = 0.1 * 1.959964 ** (2 / 3) * (1.5 / (2 * math.pi)) ** (1 / 3)
    assert hall_sheather(0.5, 1_000) == pytest.approx(expected, rel=1e-6)


def test_the_window_stays_within_the_data() -> None:
    """At p99 of few values the window would reach past the largest."""
    assert half_window(0.99, 50) == pytest.approx(0.009)


def test_sparsity_is_the_slope_of_the_log_quantile(rng: np.random.Generator) -> None:
    """For a lognormal median it is sigma sqrt(2 pi)."""
    values = np.exp(0.6 * rng.standard_normal(200_000))
    assert log_sparsity(values, 0.5) == pytest.approx(0.6 * math.sqrt(2 * math.pi), rel=0.03)


def test_influence_has_the_variance_of_the_log_ratio(rng: np.random.Generator) -> None:
    """Over 400 samples the log ratio varies as much as one sample's influence says."""
    ratios, said = [], []
    for _ in range(400):
        sample = lognormal(rng, 1_000)
        ratios.append(math.log(np.median(sample.treatment) / np.median(sample.control)))
        influence = ratio_influence(sample.control, sample.treatment, 0.5)
        assert influence is not None
        said.append(influence.var())
    assert np.mean(said) == pytest.approx(1_000 * np.var(ratios), rel=0.2)


def test_a_pair_at_the_quantile_counts_as_below_it() -> None:
    """Half of the pairs, the median's own with them, pull the ratio one way."""
    influence = ratio_influence(np.arange(1.0, 101.0), np.ones(100), 0.5)
    assert influence is not None
    assert (influence > 0).tolist() == [True] * 50 + [False] * 50


def test_failures_next_to_the_quantile_hide_the_density() -> None:
    """A density that reaches into failures is unknown."""
    values = np.array([*np.linspace(1, 2, 93), *[math.inf] * 7])
    assert math.isinf(log_sparsity(values, 0.9))
    assert ratio_influence(values, np.ones(100), 0.9) is None


def test_the_bandwidth_in_the_tail_is_hall_and_sheathers() -> None:
    """At p95, where the normal's density is 0.1031 and its quantile 1.6449."""
    shape = 1.5 * 0.1031356**2 / (2 * 1.6448536**2 + 1)
    expected = 0.1 * 1.959964 ** (2 / 3) * shape ** (1 / 3)
    assert hall_sheather(0.95, 1_000) == pytest.approx(expected, rel=1e-5)
