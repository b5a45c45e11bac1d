"""Looks at planned sizes: what each interval must be."""

import math

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from hhperf.analysis.group_sequential import look_confidences
from hhperf.errors import SampleError

LOOKS = [((400, 560, 800), 800), ((100, 200, 300, 400), 400), ((50, 400), 400)]


@pytest.mark.parametrize(("looks", "most"), LOOKS)
def test_all_looks_together_err_as_often_as_one(looks: tuple[int, ...], most: int) -> None:
    """Of 100,000 walks without a drift 2.5% cross a bound on one side."""
    rng = np.random.default_rng(3)
    steps = np.diff([0, *looks])
    walks = np.cumsum(rng.normal(size=(100_000, len(looks))) * np.sqrt(steps), axis=1)
    tails = [(1 - each) / 2 for each in look_confidences(looks, most)]
    crossed = (walks / np.sqrt(looks) > norm.isf(tails)).any(axis=1).mean()
    assert crossed == pytest.approx(0.025, abs=0.0015)


def test_one_look_is_an_ordinary_interval() -> None:
    """There is nothing to allow for; after the planned end nothing is left over either."""
    assert look_confidences([800], 800) == pytest.approx((0.95,), abs=1e-4)
    assert look_confidences([900], 800) == pytest.approx((0.95,), abs=1e-4)


def test_two_equal_looks_have_the_textbook_s_bound() -> None:
    """Spending after Lan and DeMets: 2.157 and 2.201 standard errors (error .05, two sides)."""
    found = [norm.isf((1 - each) / 2) for each in look_confidences([400, 800], 800)]
    assert found == pytest.approx([2.157, 2.201], abs=0.002)


def test_a_later_look_changes_none_of_the_earlier() -> None:
    """What was said at a look stays said."""
    assert look_confidences([400, 560], 800) == look_confidences([400, 560, 800], 800)[:2]


def test_stopping_early_spends_less() -> None:
    """A run that was cut off before its end has wider intervals than one that reached it."""
    assert look_confidences([300], 800)[0] > look_confidences([800], 800)[0]


@pytest.mark.parametrize(
    ("looks", "confidence"), [([], 0.95), ([0, 10], 0.95), ([20, 10], 0.95), ([10], 1.0)]
)
def test_what_makes_no_sense_is_refused(looks: list[int], confidence: float) -> None:
    """With the looks or the confidence named."""
    with pytest.raises(SampleError, match=r"looks|confidence"):
        look_confidences(looks, 800, confidence=confidence)


@pytest.mark.parametrize("confidence", [-0.5, 0.0, 1.0, 1.5])
def test_a_confidence_lies_between_nothing_and_certainty(confidence: float) -> None:
    """Neither end has an interval."""
    with pytest.raises(SampleError, match="must lie between 0 and 1"):
        look_confidences((400,), 800, confidence=confidence)


@pytest.mark.parametrize(("looks", "most"), LOOKS)
def test_as_much_error_is_spent_by_each_look_as_was_planned(
    looks: tuple[int, ...], most: int
) -> None:
    """By the normal distribution of all looks' scores, whose correlation is sqrt(a / b)."""
    bounds = [norm.isf((1 - each) / 2) for each in look_confidences(looks, most)]
    correlation = np.sqrt(np.minimum.outer(looks, looks) / np.maximum.outer(looks, looks))
    for n in range(2, len(looks) + 1):
        scores = multivariate_normal(cov=correlation[:n, :n], seed=0)
        spent = 0.025 * math.log1p((math.e - 1) * looks[n - 1] / most)
        assert 1 - scores.cdf(bounds[:n]) == pytest.approx(spent, abs=5e-5)
