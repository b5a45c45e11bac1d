"""Shares."""

import pytest
from scipy import stats

from hhperf.analysis.proportion import mcnemar, wilson
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
