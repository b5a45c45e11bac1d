"""Values of a varied field."""

import pytest

from hhperf.errors import SettingsError
from hhperf.harness.variation import Variation, check_field
from tests.harness.conftest import make_log

ONE, OTHER = make_log(2)


def test_no_two_requests_of_any_arm_or_run_share_a_value() -> None:
    """A run made again meets nothing that the one before has left."""
    arms = [Variation("jdHash", "control") for _ in range(2)]
    values = [arm.value(request) for arm in arms for request in (ONE, ONE, OTHER)]
    assert len(set(values)) == 6


def test_equal_requests_repeat_in_every_process_of_an_arm() -> None:
    """What one process has put into the cache another one finds."""
    here, there = (Variation("jdHash", "control", repeats=True) for _ in range(2))
    assert here.value(ONE) == there.value(ONE) != here.value(OTHER)


def test_each_arm_has_values_of_its_own() -> None:
    """Neither measurement of the control finds what the other has left."""
    control, again = (Variation("jdHash", space, repeats=True) for space in ("a", "b"))
    assert control.value(ONE) != again.value(ONE)


def test_values_without_repeats_stand_in_the_same_place() -> None:
    """The request that is written once serves both."""
    repeating = Variation("jdHash", "control", repeats=True)
    other = repeating.without_repeats()
    assert other.placeholder == repeating.placeholder
    assert other.value(ONE) != other.value(ONE)
    assert repeating.value(ONE) == repeating.value(ONE)


@pytest.mark.parametrize("field", ["", "header:", "a b", "header:X: y", "query", "limit"])
def test_what_cannot_be_varied_is_said(field: str) -> None:
    """No name, or one that changes the answer."""
    with pytest.raises(SettingsError, match="vary"):
        check_field(field)
