"""Harrell-Davis quantiles."""

import math

import numpy as np
import pytest
from scipy.stats import mstats

from hhperf.analysis.harrell_davis import HarrellDavis
from hhperf.analysis.quantiles import quantile_savings
from hhperf.analysis.samples import make_pairs
from hhperf.analysis.simulate import lognormal


@pytest.mark.parametrize("q", [0.1, 0.5, 0.95])
def test_point_agrees_with_scipy(rng: np.random.Generator, q: float) -> None:
    """The estimate is scipy.stats.mstats.hdquantiles'."""
    values = rng.exponential(size=300)
    expected = float(mstats.hdquantiles(values, [q])[0])
    assert HarrellDavis(q).point(values) == pytest.approx(expected, rel=1e-7)


def test_standard_error_agrees_with_scipy(rng: np.random.Generator) -> None:
    """The bootstrap's spread of one arm is near SciPy's jackknife of the same estimator."""
    values = rng.exponential(size=500)
    constant = np.full(500, 1.0)
    (found,) = quantile_savings(
        make_pairs(constant, values), (0.5,), estimator="harrell-davis", replicates=4_000
    )
    expected = float(mstats.hdquantiles_sd(values, [0.5])[0])
    assert (found.upper - found.lower) / (2 * 1.96) == pytest.approx(expected, rel=0.1)


def test_savings_name_the_estimator_and_stay_near_the_order_statistic(
    rng: np.random.Generator,
) -> None:
    """Both estimators see the same saving, up to a fraction of their interval."""
    sample = lognormal(rng, 1_000)
    pairs = make_pairs(sample.control, sample.treatment)
    (smooth,) = quantile_savings(pairs, (0.9,), estimator="harrell-davis")
    (plain,) = quantile_savings(pairs, (0.9,))
    assert smooth.method == "paired bootstrap of Harrell-Davis quantiles, percentile interval"
    assert smooth.point == pytest.approx(plain.point, abs=(plain.upper - plain.lower) / 2)


def test_a_failure_that_carries_weight_leaves_no_quantile() -> None:
    """Failures far above the quantile do not matter, those near it do."""
    values = np.array([1.0] * 900 + [math.inf] * 100)
    assert HarrellDavis(0.5).point(values) == pytest.approx(1.0)
    assert math.isinf(HarrellDavis(0.89).point(values))
    (found,) = quantile_savings(
        make_pairs(np.ones(1_000), values), (0.89,), estimator="harrell-davis"
    )
    assert not found.defined
