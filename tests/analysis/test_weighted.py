"""Savings where latencies count unequally, and of samples that are no pairs."""

import numpy as np
import pytest

from hhperf.analysis.savings import compare_samples
from hhperf.analysis.weighted import Weighed, weighted_quantile, weighted_savings
from hhperf.errors import SampleError

QUANTILES = (0.5, 0.95)


def equal(values: np.ndarray) -> Weighed:
    """Each latency by itself, and none more than another."""
    return Weighed(values, np.ones(len(values)), np.arange(len(values)))


def test_equal_weights_give_what_unweighted_pairs_give(rng: np.random.Generator) -> None:
    """The same points, and nearly the same intervals."""
    control = rng.lognormal(size=800)
    treatment = control * rng.uniform(0.7, 0.9, size=800)
    found = weighted_savings(equal(control), equal(treatment), QUANTILES, paired=True)
    plain = compare_samples(control, treatment, np.arange(800), quantiles=QUANTILES)
    for name, estimate in found.items():
        other = plain[name].estimate
        assert estimate.point == pytest.approx(other.point)
        assert estimate.lower == pytest.approx(other.lower, abs=0.012)
        assert estimate.upper == pytest.approx(other.upper, abs=0.012)


def test_weights_undo_a_sampling_that_prefers_slow_requests(rng: np.random.Generator) -> None:
    """Slow ones kept always, others one time in ten: the quantiles are those of all."""
    everything = rng.lognormal(size=60_000)
    slow = everything > np.quantile(everything, 0.9)
    kept = slow | (rng.random(60_000) < 0.1)
    weights = np.where(slow, 1.0, 10.0)[kept]
    for q in (0.5, 0.9, 0.99):
        found = weighted_quantile(everything[kept], weights, q)
        assert found == pytest.approx(np.quantile(everything, q), rel=0.03)
    assert np.quantile(everything[kept], 0.5) > 2 * np.quantile(everything, 0.5)


def test_the_interval_of_two_samples_is_as_wide_as_theory_says(rng: np.random.Generator) -> None:
    """By the delta method, at the mean; latencies that come five at a time tell no more."""
    arms = [scale * rng.lognormal(sigma=0.4, size=size) for scale, size in ((1.0, 600), (0.8, 400))]
    x, y = (values.mean() for values in arms)
    error = np.hypot(*(np.std(values) / values.mean() / np.sqrt(len(values)) for values in arms))
    fivefold = [
        Weighed(
            np.repeat(values, 5), np.ones(5 * len(values)), np.repeat(np.arange(len(values)), 5)
        )
        for values in arms
    ]
    for control, treatment in ((equal(arms[0]), equal(arms[1])), fivefold):
        found = weighted_savings(control, treatment, (), paired=False)["mean"]
        assert found.point == pytest.approx(1 - y / x)
        assert found.upper - found.lower == pytest.approx(2 * 1.96 * error * y / x, rel=0.08)


def test_few_latencies_of_weight_know_no_tail(rng: np.random.Generator) -> None:
    """A thousand of which ten weigh nearly all are worth ten."""
    values = rng.lognormal(size=1_000)
    weights = np.where(np.arange(1_000) < 10, 1e6, 1.0)
    arm = Weighed(values, weights, np.arange(1_000))
    found = weighted_savings(arm, arm, (0.95,), paired=True)["p95"]
    assert not found.defined
    assert "10 latencies of equal weight are too few" in found.warnings[0]


def test_a_quantile_among_failures_is_undefined(rng: np.random.Generator) -> None:
    """So is the mean, where any request failed."""
    values = rng.lognormal(size=400)
    failing = np.where(np.arange(400) < 40, np.inf, values)
    found = weighted_savings(equal(values), equal(failing), QUANTILES, paired=True)
    assert [name for name, each in found.items() if each.defined] == ["p50"]


def test_pairs_have_the_same_clusters(rng: np.random.Generator) -> None:
    """Else they could not be resampled together."""
    values = rng.lognormal(size=10)
    other = Weighed(values, np.ones(10), np.zeros(10, dtype=np.intp))
    with pytest.raises(SampleError, match="same clusters"):
        weighted_savings(equal(values), other, QUANTILES, paired=True)


def test_the_claim_is_a_fifth_where_none_is_named(rng: np.random.Generator) -> None:
    """The p-value is that of a saving of 20%, and another claim's is another."""
    control, treatment = (equal(scale * rng.lognormal(size=200)) for scale in (1.0, 0.8))
    unnamed = weighted_savings(control, treatment, (), paired=False)["mean"]
    fifth, quarter = (
        weighted_savings(control, treatment, (), paired=False, threshold=claim)["mean"]
        for claim in (0.20, 0.25)
    )
    assert unnamed.p_value == fifth.p_value != quarter.p_value


@pytest.mark.parametrize(("q", "found"), [(0.25, 1.0), (0.5, 2.0), (0.75, 3.0), (1.0, 4.0)])
def test_a_value_that_reaches_the_share_exactly_is_the_quantile(q: float, found: float) -> None:
    """Half of four equal weights are at or below the second."""
    assert weighted_quantile(np.array([4.0, 2.0, 1.0, 3.0]), np.full(4, 0.7), q) == found
