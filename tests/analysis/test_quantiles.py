"""Savings at quantiles."""

import math

import numpy as np
import pytest
from scipy import stats

from hhperf.analysis.quantiles import quantile_savings
from hhperf.analysis.samples import FloatArray, make_pairs
from hhperf.analysis.simulate import clustered, lognormal


def test_interval_agrees_with_scipys_paired_bootstrap(rng: np.random.Generator) -> None:
    """Ends lie within Monte Carlo noise of scipy.stats.bootstrap on the same pairs."""
    sample = lognormal(rng, 600)

    def saving(x: FloatArray, y: FloatArray, axis: int) -> FloatArray:
        qx, qy = (np.quantile(v, 0.9, axis=axis, method="inverted_cdf") for v in (x, y))
        result: FloatArray = 1 - qy / qx
        return result

    expected = stats.bootstrap(
        (sample.control, sample.treatment),
        saving,
        paired=True,
        vectorized=True,
        method="percentile",
        n_resamples=4_000,
        rng=rng,
    ).confidence_interval
    (found,) = quantile_savings(
        make_pairs(sample.control, sample.treatment), (0.9,), replicates=4_000
    )
    width = expected.high - expected.low
    assert found.lower == pytest.approx(expected.low, abs=0.15 * width)
    assert found.upper == pytest.approx(expected.high, abs=0.15 * width)


def test_the_method_suits_the_data_and_is_named(rng: np.random.Generator) -> None:
    """Thin tails and clusters take the full bootstrap; the rest the shortcut."""
    sample = clustered(rng, 500)
    free = quantile_savings(make_pairs(sample.control, sample.treatment), (0.5, 0.99))
    tied = quantile_savings(make_pairs(sample.control, sample.treatment, sample.clusters), (0.5,))
    assert [estimate.method.split(",")[0] for estimate in (*free, *tied)] == [
        "multinomial paired bootstrap",
        "paired bootstrap",
        "paired cluster bootstrap",
    ]


def test_a_quantile_does_not_depend_on_its_company(rng: np.random.Generator) -> None:
    """Asking for p99 as well leaves p50 as it is."""
    sample = clustered(rng, 300)
    pairs = make_pairs(sample.control, sample.treatment, sample.clusters)
    assert quantile_savings(pairs, (0.5, 0.99))[0] == quantile_savings(pairs, (0.5,))[0]


def test_a_quantile_among_failures_is_undefined() -> None:
    """The reason names the arm and its failure rate."""
    treatment = np.array([1.0] * 90 + [math.inf] * 10)
    (found,) = quantile_savings(make_pairs(np.ones(100), treatment), (0.95,))
    assert not found.defined
    assert found.warnings == ("p95 is undefined: 10.0% of the treatment's requests failed",)


def test_failures_next_to_a_quantile_open_the_interval() -> None:
    """When resamples may fail at the quantile the saving has no lower bound."""
    treatment = np.array([1.0] * 96 + [math.inf] * 4)
    (found,) = quantile_savings(make_pairs(np.full(100, 2.0), treatment), (0.95,))
    assert (found.point, found.lower) == (0.5, -math.inf)
