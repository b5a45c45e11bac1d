"""Savings at quantiles."""

import math

import numpy as np
import pytest
from scipy import stats
from scipy.stats import mstats

from hhperf.analysis.estimators import HarrellDavis, OrderStatistic, Window
from hhperf.analysis.quantiles import quantile_savings
from hhperf.analysis.samples import FloatArray, make_pairs
from hhperf.analysis.simulate import clustered, lognormal
from hhperf.errors import SampleError


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


def test_an_estimator_that_there_is_not_is_refused(rng: np.random.Generator) -> None:
    """Nothing else is computed in its place."""
    pairs = make_pairs(rng.lognormal(size=50), rng.lognormal(size=50))
    with pytest.raises(SampleError, match="There are order-statistic, harrell-davis"):
        quantile_savings(pairs, [0.5], estimator="inverse")  # type: ignore[arg-type]


def _replicate(values: np.ndarray, first: int, last: int) -> np.ndarray | None:
    """What Harrell and Davis read of the data themselves, looked at from one place to another."""
    window = Window(
        values[first:last],
        np.arange(first, last),
        np.zeros(len(values), dtype=np.intp),
        first,
        len(values),
    )
    inside = np.arange(1.0, last - first + 1)[None]
    total, below = np.array([float(len(values))]), np.array([float(first)])
    return HarrellDavis(0.5).read(window, inside, total, below)


def test_weighted_means_need_all_the_values_that_carry_weight(rng: np.random.Generator) -> None:
    """Read from a stretch that holds them, the estimate is that of the data; else there is none."""
    values = np.sort(rng.lognormal(size=400))
    point = HarrellDavis(0.5).point(values)
    for first, last in ((0, 400), (100, 300)):
        assert _replicate(values, first, last) == pytest.approx([point], rel=1e-6)
    assert _replicate(values, 190, 210) is None


@pytest.mark.parametrize(("rank", "found"), [(4, None), (5, [5.0]), (8, [8.0]), (9, None)], ids=str)
def test_an_order_statistic_is_read_where_it_lies_within_the_stretch(
    rank: int, found: list[float] | None
) -> None:
    """Of one to ten, looked at from five to eight: ranks next to these are not seen."""
    window = Window(np.arange(5.0, 9.0), np.arange(4, 8), np.zeros(10, dtype=np.intp), 4, 10)
    inside, total, below = np.arange(1.0, 5.0)[None], np.array([10.0]), np.array([4.0])
    read = OrderStatistic(rank / 10).read(window, inside, total, below)
    assert (None if read is None else read.tolist()) == found
