"""The saving at the mean."""

import math

import numpy as np
import pytest
from scipy import stats

from hhperf.analysis.mean import mean_saving
from hhperf.analysis.samples import make_pairs
from hhperf.analysis.simulate import clustered, lognormal


def test_p_value_is_that_of_the_t_test_on_differences(rng: np.random.Generator) -> None:
    """The p-value agrees with SciPy's one-sample t test on y - 0.8 x."""
    sample = lognormal(rng, 300)
    expected = stats.ttest_1samp(sample.treatment - 0.8 * sample.control, 0, alternative="less")
    found = mean_saving(make_pairs(sample.control, sample.treatment))
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-9)


def test_interval_ends_where_the_t_test_turns(rng: np.random.Generator) -> None:
    """Fieller's ends are the thresholds that a 2.5% one-sided test just rejects."""
    sample = lognormal(rng, 200)
    pairs = make_pairs(sample.control, sample.treatment)
    found = mean_saving(pairs)
    assert mean_saving(pairs, threshold=found.lower).p_value == pytest.approx(0.025)
    assert mean_saving(pairs, threshold=found.upper).p_value == pytest.approx(0.975)


def test_clusters_of_identical_pairs_count_once(rng: np.random.Generator) -> None:
    """Recording every pair three times teaches nothing new."""
    sample = lognormal(rng, 100)
    once = mean_saving(make_pairs(sample.control, sample.treatment))
    thrice = mean_saving(
        make_pairs(
            np.tile(sample.control, 3), np.tile(sample.treatment, 3), np.tile(np.arange(100), 3)
        )
    )
    assert (thrice.lower, thrice.upper) == pytest.approx((once.lower, once.upper))


def test_clusters_widen_the_interval(rng: np.random.Generator) -> None:
    """Dependent pairs are worth fewer than they number."""
    sample = clustered(rng, 2_000)
    alone = mean_saving(make_pairs(sample.control, sample.treatment))
    together = mean_saving(make_pairs(sample.control, sample.treatment, sample.clusters))
    assert together.upper - together.lower > 1.3 * (alone.upper - alone.lower)


def test_the_method_says_whether_pairs_came_in_clusters() -> None:
    """The test is one on cluster sums only where there are clusters."""
    arms = [1.0, 2.0, 3.0], [1.0, 2.0, 2.0]
    assert mean_saving(make_pairs(*arms)).method == "Fieller interval, t test"
    assert mean_saving(make_pairs(*arms, [0, 0, 1])).method.endswith("t test on cluster sums")


def test_a_mean_lost_in_noise_has_no_bounds() -> None:
    """When the control's mean is not told from zero the ratio can be anything."""
    found = mean_saving(make_pairs([1.0, 1.0, 1000.0], [1.0, 2.0, 1.0]))
    assert (found.lower, found.upper) == (-math.inf, 1.0)
    assert "unbounded" in found.warnings[0]


def test_failures_without_a_timeout_leave_no_mean() -> None:
    """An infinite mean is said to be undefined."""
    found = mean_saving(make_pairs([1.0, math.inf, 1.0], [1.0, 1.0, 1.0]))
    assert not found.defined
    assert "no timeout" in found.warnings[0]


def test_failures_are_cut_at_the_timeout() -> None:
    """With a timeout the mean is truncated there, and says so."""
    found = mean_saving(make_pairs([1.0, math.inf, 2.0], [1.0, 1.0, 1.0]), timeout=3.0)
    assert found.point == pytest.approx(0.5)
    assert "truncated at the timeout 3" in found.warnings[0]


@pytest.mark.parametrize(("treatment", "p_value"), [(0.5, 0.0), (0.8, 1.0), (1.0, 1.0)])
def test_latencies_without_spread_are_certain(treatment: float, p_value: float) -> None:
    """Equal latencies give a point for an interval; the boundary itself does not exceed."""
    found = mean_saving(make_pairs([1.0] * 9, [treatment] * 9))
    assert (found.lower, found.upper) == pytest.approx((1 - treatment, 1 - treatment))
    assert found.p_value == p_value


def test_one_pair_has_no_interval() -> None:
    """One pair gives a point and says that there is nothing to judge it by."""
    found = mean_saving(make_pairs([2.0], [1.0]))
    assert (found.point, found.lower, found.p_value) == (0.5, -math.inf, 1.0)


def test_no_interval_holds_more_than_the_whole_latency() -> None:
    """However much the treatment varies: nothing saves more than all."""
    treatment = np.array([0.01, 0.02, 0.01, 3.0] * 3)
    found = mean_saving(make_pairs(np.ones(12) + 0.01 * np.arange(12), treatment), confidence=0.999)
    assert found.upper == 1.0
