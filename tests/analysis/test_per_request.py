"""Shares."""

import math

import numpy as np
import pytest
from scipy import stats

from hhperf.analysis.per_request import mcnemar, per_request, per_request_of, wilson
from hhperf.analysis.samples import Pairs
from hhperf.analysis.simulate import clustered, lognormal
from hhperf.analysis.simulate_stalls import stalled_triples
from hhperf.errors import SampleError


@pytest.mark.parametrize(("successes", "n"), [(0, 10), (3, 10), (10, 10), (437, 1000)])
def test_wilson_agrees_with_scipy(successes: int, n: int) -> None:
    """The interval is SciPy's Wilson interval."""
    expected = stats.binomtest(successes, n).proportion_ci(method="wilson")
    found = wilson(successes, n)
    assert (found.lower, found.upper) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_a_share_of_nothing_is_refused() -> None:
    """Zero of zero has no share."""
    with pytest.raises(SampleError, match="not a share"):
        wilson(0, 0)


def test_mcnemar_is_the_binomial_test_on_differing_pairs() -> None:
    """Two pairs differ one way, nine the other, the rest agree."""
    first = [True] * 2 + [False] * 9 + [True] * 5 + [False] * 5
    second = [False] * 2 + [True] * 9 + [True] * 5 + [False] * 5
    found = mcnemar(first, second)
    assert found.p_two_sided == pytest.approx(stats.binomtest(9, 11).pvalue)
    assert found.p_second_greater == pytest.approx(
        stats.binomtest(9, 11, alternative="greater").pvalue
    )


def test_equal_columns_are_no_evidence() -> None:
    """Nothing differs, so nothing is told apart."""
    assert mcnemar([True, False], [True, False]).p_two_sided == 1.0


def test_the_slow_tail_hides_from_the_median_request(rng: np.random.Generator) -> None:
    """Nine requests of ten save 40%, the slowest tenth loses."""
    x = np.sort(np.exp(0.6 * rng.standard_normal(2_000)))
    found = per_request(x, np.where(np.arange(2_000) < 1_800, 0.6, 1.05) * x)
    assert found.share.point == 0.9
    assert found.median.point == pytest.approx(0.4)


def test_a_saving_of_exactly_the_threshold_counts() -> None:
    """0.8 x is a saving of 20%, rounding or not."""
    x = np.arange(1, 50) * 0.1
    assert per_request(x, 0.8 * x).share.point == 1.0


def test_median_interval_agrees_with_scipys_quantile_test(rng: np.random.Generator) -> None:
    """The ends are those of SciPy's exact interval for the median."""
    sample = lognormal(rng, 301)
    savings = 1 - sample.treatment / sample.control
    expected = stats.quantile_test(savings, p=0.5).confidence_interval(0.95)
    found = per_request(sample.control, sample.treatment).median
    assert (found.lower, found.upper) == pytest.approx((expected.low, expected.high))


def test_clusters_widen_both_intervals(rng: np.random.Generator) -> None:
    """Dependent pairs are worth fewer than they number."""
    sample = clustered(rng, 2_000)
    alone = per_request(sample.control, sample.treatment)
    together = per_request(sample.control, sample.treatment, sample.clusters)
    assert together.share.upper - together.share.lower > 1.2 * (
        alone.share.upper - alone.share.lower
    )
    assert together.median.lower < alone.median.lower


def test_failures_gain_and_lose() -> None:
    """A rescued request saves all, a lost one nothing, a failure in both nothing."""
    inf = math.inf
    assert per_request([inf], [1.0]).median.point == 1.0
    assert per_request([1.0], [inf]).median.point == -inf
    both = per_request([inf], [inf])
    assert (both.median.point, both.share.point) == (0.0, 0.0)


def test_a_handful_of_pairs_has_no_bounds() -> None:
    """Five pairs cannot bound a median at 95%."""
    found = per_request([1.0] * 5, [0.5] * 5).median
    assert (found.lower, found.upper) == (-math.inf, 1.0)


def test_weights_count_as_copies(rng: np.random.Generator) -> None:
    """Share and median of weighted pairs are those of the pairs written out."""
    sample, times = lognormal(rng, 301), rng.integers(1, 4, 301)
    codes = np.arange(301)
    weighted = Pairs(sample.control, sample.treatment, codes, 301, times / times.mean())
    control, treatment = (np.repeat(arm, times) for arm in (sample.control, sample.treatment))
    copied = Pairs(control, treatment, np.repeat(codes, times), 301)
    found, expected = per_request_of(weighted), per_request_of(copied)
    assert found.share.point == pytest.approx(expected.share.point)
    assert found.share.lower == pytest.approx(expected.share.lower)
    assert found.median.point == expected.median.point


def test_pairs_that_no_stall_touched_stand_for_all(rng: np.random.Generator) -> None:
    """Share and median are near those of a quiet machine, and less sure than from all pairs."""
    made = stalled_triples(rng, 4_000, share=0.06, burst_s=0.06, saving=0.22)
    free = per_request(made.free.control, made.free.treatment)
    plain = per_request(made.seen.control, made.seen.treatment)
    found = per_request(made.seen.control, made.seen.treatment, censoring=made.censoring)
    assert found.share.point == pytest.approx(free.share.point, abs=0.03)
    assert found.median.point == pytest.approx(free.median.point, abs=0.004)
    assert found.share.upper - found.share.lower > plain.share.upper - plain.share.lower
    assert "clean windows" in found.median.method


def test_pairs_that_are_hardly_ever_clean_say_nothing(rng: np.random.Generator) -> None:
    """Undefined, with the reason."""
    made = stalled_triples(rng, 400, share=0.2, burst_s=0.06)
    found = per_request(made.seen.control, made.seen.treatment, censoring=made.censoring)
    assert math.isnan(found.share.point)
    assert "of such windows are clean" in found.median.warnings[0]


def test_pairs_that_are_copies_are_worth_their_clusters(rng: np.random.Generator) -> None:
    """A hundred pairs, each four times: the interval and the p-value are those of a hundred."""
    sample = lognormal(rng, 100)
    control, treatment = (np.repeat(arm, 4) for arm in (sample.control, sample.treatment))
    found = per_request(control, treatment, np.repeat(np.arange(100), 4))
    rank = math.floor(400 * (0.5 - stats.norm.isf(0.025) * 0.5 / math.sqrt(100)))
    savings = np.sort(1 - treatment / control)
    assert found.median.lower == savings[rank - 1]
    assert found.median.upper == savings[400 - rank]
    z = (0.5 - found.share.point) * 2 * math.sqrt(100)
    assert found.median.p_value == pytest.approx(stats.norm.cdf(z))


def test_where_all_save_each_cluster_is_worth_one_pair(rng: np.random.Generator) -> None:
    """A share without spread cannot say how much pairs of a cluster are alike."""
    control = lognormal(rng, 200).control
    found = per_request(control, 0.5 * control, np.repeat(np.arange(50), 4))
    assert found.share.lower == pytest.approx(wilson(50, 50).lower)


def test_mcnemar_tells_the_share_of_either_column() -> None:
    """Of eight pairs, both in two, the first alone in one, the second alone in three."""
    found = mcnemar([1, 1, 1, 0, 0, 0, 0, 0], [1, 1, 0, 1, 1, 1, 0, 0])
    assert (found.first, found.second) == (3 / 8, 5 / 8)
