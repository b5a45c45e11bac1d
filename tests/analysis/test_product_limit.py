"""The product limit."""

import math

import numpy as np
import pytest
from scipy import stats

from hhperf.analysis.product_limit import (
    clean_share,
    distribution,
    effective_number,
    make_tries,
    product_limit_quantile,
    weighted_quantiles,
    worth_measuring,
)
from hhperf.analysis.ranks import quantile
from hhperf.analysis.samples import FloatArray
from hhperf.errors import SampleError


def _arm(rng: np.random.Generator, n: int, *, digits: int = 9) -> tuple[FloatArray, FloatArray]:
    """Latencies and clean times, about a third of them the shorter."""
    latency = np.round(rng.lognormal(0.0, 0.5, n), digits) + 0.001
    return latency, np.round(rng.exponential(2.5, n), digits)


@pytest.mark.parametrize("digits", [9, 1])
def test_it_is_scipys_distribution(rng: np.random.Generator, digits: int) -> None:
    """scipy.stats.ecdf of the same censored data, with ties and without, to twelve digits."""
    latency, clean = _arm(rng, 400, digits=digits)
    tries = make_tries(latency, clean)
    data = stats.CensoredData.right_censored(np.minimum(latency, clean), latency > clean)
    expected = stats.ecdf(data).cdf.evaluate(tries.times)
    last_of_ties = np.append(tries.times[1:] != tries.times[:-1], True)
    assert distribution(tries)[last_of_ties] == pytest.approx(expected[last_of_ties], abs=1e-12)


def test_weights_count_as_copies(rng: np.random.Generator) -> None:
    """A replicate that draws a try twice is the estimate with the try written twice."""
    latency, clean = _arm(rng, 200)
    drawn, tries = rng.integers(0, 200, (50, 200)), make_tries(latency, clean)
    weights = np.array([np.bincount(row, minlength=200)[tries.order] for row in drawn], float)
    quantiles = np.array([0.1, 0.5, 0.9, 0.98])
    found = weighted_quantiles(tries, weights, quantiles)
    copies = [make_tries(latency[row], clean[row]) for row in drawn]
    expected = np.array([[product_limit_quantile(each, q) for each in copies] for q in quantiles])
    assert found.tolist() == np.nan_to_num(expected, nan=math.inf).tolist()
    assert np.isinf(found).any()


@pytest.mark.parametrize("n", [1, 20, 399, 1_000])
def test_without_stalls_it_is_the_order_statistic(rng: np.random.Generator, n: int) -> None:
    """The very latency that the kit calls the quantile, whatever q and n."""
    latency = np.round(rng.exponential(size=n) + 0.01, 2)
    tries = make_tries(latency, np.full(n, math.inf))
    for q in (0.05, 0.5, 0.9, 0.95, 0.99, 1 / 3):
        assert product_limit_quantile(tries, q) == quantile(latency, q)


def test_a_failure_is_an_event_at_the_end_of_time() -> None:
    """It is never dropped: p95 lies among the failures, p90 does not."""
    latency = np.array([1.0] * 90 + [math.inf] * 10)
    tries = make_tries(latency, np.full(100, math.inf))
    assert product_limit_quantile(tries, 0.9) == 1.0
    assert product_limit_quantile(tries, 0.91) == math.inf


def test_a_failure_that_met_a_stall_is_unknown_from_there_on() -> None:
    """Nothing says how it would have ended, which is not the same as a failure."""
    latency = np.array([1.0] * 90 + [math.inf] * 10)
    clean = np.where(np.isinf(latency), 2.0, math.inf)
    tries = make_tries(latency, clean)
    assert math.isnan(product_limit_quantile(tries, 0.95))


def test_requests_that_began_in_a_stall_say_nothing() -> None:
    """The others carry the whole distribution."""
    latency = np.arange(1.0, 11.0)
    clean = np.where(latency > 5, 0.0, math.inf)
    assert product_limit_quantile(make_tries(latency, clean), 0.6) == 3.0


def test_where_everything_is_hidden_nothing_is_said() -> None:
    """No quantile, and no request's worth."""
    latency, clean = np.full(50, 2.0), np.full(50, 1.0)
    assert math.isnan(product_limit_quantile(make_tries(latency, clean), 0.1))
    assert effective_number(latency, clean, 0.1) == 0.0
    hidden = weighted_quantiles(make_tries(latency, clean), np.ones((3, 50)), np.array([0.1]))
    assert hidden.tolist() == [[math.inf] * 3]


def test_no_latency_makes_no_arm() -> None:
    """Neither an empty arm nor one whose columns differ."""
    with pytest.raises(SampleError, match="make no arm"):
        make_tries(np.array([]), np.array([]))


@pytest.mark.parametrize("q", [0.37, 0.5, 0.95, 0.999])
def test_without_stalls_every_request_counts(rng: np.random.Generator, q: float) -> None:
    """N requests are worth n, to the last of them, among ties as well."""
    latency = np.round(rng.exponential(size=700) + 0.1, 1)
    assert effective_number(latency, np.full(700, math.inf), q) == pytest.approx(700)


def test_equal_latencies_are_one_step_of_greenwoods_sum() -> None:
    """Of five with two at the median, nothing hidden before it: S(1 - S) over 0.048 is five."""
    latency = np.array([1.0, 2.0, 2.0, 9.0, 3.0])
    clean = np.array([math.inf, math.inf, math.inf, 2.5, math.inf])
    assert effective_number(latency, clean, 0.5) == pytest.approx(0.4 * 0.6 / 0.048)


def test_the_sum_ends_at_the_quantile() -> None:
    """Six with one hidden before the median: S = 5/12 there, Greenwood's sum 1/30 + 1/4."""
    latency = np.array([1.0, 9.0, 2.0, 2.0, 3.0, 4.0])
    clean = np.array([math.inf, 1.5, *[math.inf] * 4])
    expected = (7 / 12) / (5 / 12 * (1 / 30 + 1 / 4))
    assert effective_number(latency, clean, 0.5) == pytest.approx(expected)


def test_the_effective_number_is_what_the_noise_says(rng: np.random.Generator) -> None:
    """F (1 - F) over the variance of F at one time, over many samples."""
    shares, worths = [], []
    for _ in range(2_000):
        latency, clean = _arm(rng, 300)
        tries = make_tries(latency, clean)
        shares.append(distribution(tries)[np.searchsorted(tries.times, 1.0, "right") - 1])
        worths.append(effective_number(latency, clean, 0.5))
    expected = 0.25 / float(np.var(shares))
    assert np.median(worths) == pytest.approx(expected, rel=0.1)
    assert np.median(worths) < 270


def test_the_share_that_is_clean_counts_all_starts() -> None:
    """Those that began in a stall, and those that ended before one."""
    assert clean_share(np.array([0.0, 1.0, 2.0, math.inf]), 1.5) == 0.5


def test_a_replicate_does_not_depend_on_its_company(rng: np.random.Generator) -> None:
    """Replicates may be drawn in chunks of any size."""
    tries = make_tries(*_arm(rng, 100))
    weights, quantiles = rng.poisson(1.0, (7, 100)).astype(float), np.array([0.5, 0.9])
    together = weighted_quantiles(tries, weights, quantiles)
    apart = [weighted_quantiles(tries, row[None], quantiles)[:, 0] for row in weights]
    assert together.T.tolist() == [row.tolist() for row in apart]


def test_a_stretch_that_ends_as_a_stall_begins_is_clean() -> None:
    """Two of three are long enough for two seconds."""
    assert clean_share(np.array([1.0, 2.0, 3.0]), 2.0) == pytest.approx(2 / 3)


@pytest.mark.parametrize(("worth", "enough"), [(400.0, True), (399.0, False)])
def test_a_quantile_is_worth_measuring_from_twenty_beyond_it(worth: float, enough: bool) -> None:
    """At p95, 400 requests."""
    assert worth_measuring(0.95, worth) is enough
