"""What the model errs by."""

import math

import pytest

from hhperf.forecast.model_error import ERRORS, UNKNOWN, error_of, unproven


def test_errors_of_several_changes_add_as_independent_ones_do() -> None:
    """By squares; one that was never measured counts two points."""
    both = math.hypot(ERRORS["schedule"].sd, UNKNOWN.sd)
    assert error_of(["schedule", "round_trip_s"]) == pytest.approx(both)
    assert error_of([]) == 0.0
    assert unproven(["schedule", "stages", "round_trip_s"]) == ("round_trip_s",)


def test_every_error_was_measured_on_a_day() -> None:
    """From so many savings."""
    assert all(each.compared > 0 and each.on for each in ERRORS.values())
