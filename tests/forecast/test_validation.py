"""Predicted savings held against measured ones."""

import math

import pytest

from hhperf.analysis.estimate import Estimate, undefined
from hhperf.forecast.validation import ValidatedSaving, Validation

NOTHING = undefined("too few pairs", confidence=0.95, method="")


def saving(system: str, measured: float, kind: str = "load") -> ValidatedSaving:
    """Of a system that is predicted to save 20%, give or take 2 points."""
    found = NOTHING if math.isnan(measured) else Estimate(measured, measured, measured)
    return ValidatedSaving(system, "p95", kind, Estimate(0.20, 0.18, 0.22), found, (0.1, 0.1))


def test_an_interval_holds_what_was_measured_or_not() -> None:
    """Its ends are within."""
    assert [saving("a", each).holds for each in (0.18, 0.21, 0.23)] == [True, True, False]


def test_a_system_is_near_when_it_is_at_every_statistic() -> None:
    """One saving that is farther than 3 points takes it out."""
    found = Validation((saving("a", 0.22), saving("b", 0.20), saving("b", 0.24)))
    assert found.systems == ("a", "b")
    assert found.near == ("a",)


def test_what_could_not_be_measured_counts_nowhere() -> None:
    """Neither as near nor as far, neither as held nor as missed."""
    found = Validation((saving("a", math.nan), saving("b", 0.20)))
    assert found.systems == found.near == ("b",)
    assert found.errors() == {"load": (0.0, 1)}


def test_errors_are_root_mean_squares_by_kind() -> None:
    """3 and 4 points: the root of 12.5."""
    savings = (saving("a", 0.23), saving("b", 0.16), saving("c", 0.20, "stages"))
    found = Validation(()).with_savings(savings).errors()
    assert found["load"][0] == pytest.approx(math.sqrt(12.5) / 100)
    assert {kind: savings for kind, (_, savings) in found.items()} == {"load": 2, "stages": 1}


def test_the_half_width_is_the_median_of_those_known() -> None:
    """And undefined of none."""
    assert Validation((saving("a", 0.2),)).half_width == pytest.approx(0.02)
    assert math.isnan(Validation(()).half_width)
