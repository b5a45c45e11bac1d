"""What the model errs by."""

import math

import pytest

from hhperf.analysis.estimate import Estimate, undefined
from hhperf.forecast.model_error import ERRORS, UNKNOWN, error_of, unproven, widened


def test_errors_of_several_changes_add_as_independent_ones_do() -> None:
    """By squares; one that was never measured counts two points."""
    both = math.hypot(ERRORS["schedule"].sd, UNKNOWN.sd)
    assert error_of(["schedule", "stages"]) == pytest.approx(both)
    assert error_of([]) == 0.0
    assert unproven(["schedule", "stages"]) == ("stages",)


def test_an_interval_gets_wider_and_keeps_its_point() -> None:
    """And never reaches beyond everything."""
    found = widened(Estimate(0.98, 0.95, 0.99), 0.02)
    assert found.point == 0.98
    assert found.lower == pytest.approx(0.98 - math.hypot(0.03, 1.96 * 0.02))
    assert found.upper == 1.0


def test_what_is_undefined_stays_so() -> None:
    """No error makes a number of it."""
    nothing = undefined("too few", confidence=0.95, method="")
    assert widened(nothing, 0.02) is nothing


def test_every_error_was_measured_on_a_day() -> None:
    """From so many savings."""
    assert all(each.compared > 0 and each.on for each in ERRORS.values())
