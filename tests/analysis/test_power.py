"""Planning."""

import math

import pytest

from hhperf.analysis.estimate import Estimate
from hhperf.analysis.power import Extension, pairs_needed, variance_from
from hhperf.errors import SampleError


def test_pairs_follow_the_formula() -> None:
    """One-sided 5%, power 90%: V (1.645 + 1.282)^2 / ln(.75/.80)^2."""
    assert pairs_needed(0.4, confidence=0.90) == math.ceil(
        0.4 * 2.926405**2 / math.log(0.9375) ** 2
    )


@pytest.mark.parametrize(("alternative", "threshold"), [(0.2, 0.2), (1.0, 0.2), (0.2, 1.0)])
def test_what_no_number_of_pairs_tells_apart_is_refused(
    alternative: float, threshold: float
) -> None:
    """There is no plan for telling a saving from itself."""
    with pytest.raises(SampleError, match="no number of pairs"):
        pairs_needed(1.0, alternative=alternative, threshold=threshold)


def test_variance_is_read_off_the_interval() -> None:
    """A log-ratio interval of +-1.96 standard errors gives back n se^2."""
    half = 1.959964 * 0.05
    estimate = Estimate(0.2, 1 - 0.8 * math.exp(half), 1 - 0.8 * math.exp(-half))
    assert variance_from(estimate, 400) == pytest.approx(1.0, rel=1e-6)


def test_advice_counts_the_pairs_that_are_missing() -> None:
    """The sentence has both what is missing and what it comes to."""
    estimate = Estimate(0.22, 0.15, 0.29)
    extension = Extension(n=500, threshold=0.2, alternative=0.25)
    total = extension.total(estimate)
    assert total is not None
    assert total > 500
    assert f"{total - 500:,} more pairs ({total:,} in all)" in extension.advice(estimate)


def test_advice_says_when_pairs_are_not_what_is_missing() -> None:
    """Enough pairs and still undecided: the saving is near the threshold."""
    extension = Extension(n=500, threshold=0.2, alternative=0.25)
    assert "already give 90% power" in extension.advice(Estimate(0.2, 0.19, 0.21))


def test_unbounded_noise_allows_no_advice() -> None:
    """An unbounded interval gives no variance to plan with."""
    extension = Extension(n=5, threshold=0.2, alternative=0.25)
    assert extension.total(Estimate(0.2, -math.inf, 1.0)) is None
