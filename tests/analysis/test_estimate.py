"""Numbers with their intervals, and the percentile interval."""

import math

import numpy as np
import pytest

from hhperf.analysis.estimate import (
    Estimate,
    Replicates,
    percentile_estimate,
    plain,
    undefined,
    widened,
)


def of_ratios(ratios: list[float], point: float, confidence: float = 0.8) -> Estimate:
    """The estimate from a treatment that took these multiples of the control."""
    drawn = Replicates(np.ones(len(ratios)), np.array(ratios))
    return percentile_estimate(
        point, drawn, threshold=0.2, confidence=confidence, method="by hand"
    )  # fmt: skip


def test_the_ends_are_order_statistics_of_the_replicates() -> None:
    """Of 19 at 75%, the second from either end."""
    found = of_ratios([each / 20 for each in range(1, 20)], 0.5, confidence=0.75)
    assert (found.lower, found.upper) == pytest.approx((1 - 18 / 20, 1 - 2 / 20))
    assert (found.confidence, found.method) == (0.75, "by hand")


def test_few_replicates_are_cut_at_their_extremes() -> None:
    """There is no order statistic beyond the last."""
    found = of_ratios([0.4, 0.5, 0.6], 0.5)
    assert (found.lower, found.upper) == pytest.approx((0.4, 0.6))


def test_the_interval_is_widened_to_hold_its_point() -> None:
    """In a few lumpy samples the replicates miss it."""
    assert of_ratios([0.5] * 9, 0.7).upper == 0.7
    assert of_ratios([0.5] * 9, 0.1).lower == 0.1


def test_the_p_value_counts_replicates_that_save_no_more_than_the_threshold() -> None:
    """One that saves just the threshold counts, and so does the data itself."""
    ratios = [0.5, 0.6, 0.7, 0.79, 0.8, 0.81, 0.9, 1.0, 1.1]
    assert of_ratios(ratios, 0.2).p_value == pytest.approx((1 + 5) / 10)


def test_a_replicate_without_an_answer_counts_against_either_end() -> None:
    """Both arms failed there: the saving may be anything."""
    both = np.array([math.inf] * 5)
    found = percentile_estimate(
        0.3, Replicates(both, both), threshold=0.2, confidence=0.8, method="by hand"
    )
    assert (found.lower, found.upper, found.p_value) == (-math.inf, 1.0, 1.0)


def test_an_interval_holds_its_ends() -> None:
    """And what is undefined rules nothing out."""
    estimate = Estimate(0.2, 0.1, 0.3)
    assert [estimate.contains(each) for each in (0.09, 0.1, 0.3, 0.31)] == [
        False, True, True, False,
    ]  # fmt: skip
    assert undefined("nothing", confidence=0.95, method="none").contains(0.5)
    assert estimate.confidence == 0.95


def test_numbers_for_json_are_finite_or_nothing() -> None:
    """JSON has no other."""
    assert [plain(each) for each in (0.5, math.nan, -math.inf)] == [0.5, None, None]


def test_a_models_error_makes_an_interval_wider_and_keeps_its_point() -> None:
    """And never reaches beyond everything."""
    found = widened(Estimate(0.98, 0.95, 0.99), 0.02)
    assert found.point == 0.98
    assert found.lower == pytest.approx(0.98 - math.hypot(0.03, 1.96 * 0.02))
    assert found.upper == 1.0


def test_what_is_undefined_stays_so() -> None:
    """No error makes a number of it."""
    nothing = undefined("too few", confidence=0.95, method="")
    assert widened(nothing, 0.02) is nothing


def test_where_the_tail_is_a_whole_number_its_last_replicate_is_the_end() -> None:
    """Of 1,999 at 95%, the fiftieth from either end."""
    found = of_ratios([each / 2_000 for each in range(1, 2_000)], 0.5, confidence=0.95)
    assert (found.lower, found.upper) == pytest.approx((50 / 2_000, 1 - 50 / 2_000))
