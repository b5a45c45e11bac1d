"""What is different on each side of an experiment."""

import pytest

from hhperf.errors import ScheduleError, SettingsError
from hhperf.experiment.prepared import check_arms
from hhperf.experiment.variants import side_of, variants_of
from hhperf.runs.observation import Arm
from hhperf.search.virtual_clock import Speedup


def test_a_stage_is_sped_up_in_the_treatment_alone() -> None:
    """The control is what it is compared with."""
    sides = variants_of("eager", {"text": 0.5}, [])
    assert sides["treatment"].speedup == Speedup("text", 0.5)
    assert sides["control"].speedup is None


def test_both_measurements_of_the_control_are_alike() -> None:
    """Its double is on its side."""
    sides = variants_of("eager", None, ["control"])
    shares = {arm: sides[side_of(arm)].coalescing for arm in Arm}
    assert shares == {Arm.CONTROL: False, Arm.TREATMENT: True, Arm.CONTROL_AGAIN: False}


def test_an_unknown_side_is_refused() -> None:
    """With those there are."""
    with pytest.raises(SettingsError, match="treatment"):
        variants_of("eager", None, ["treatmnt"])


def test_a_stage_of_another_arm_is_refused() -> None:
    """One statement holds both searches."""
    with pytest.raises(ScheduleError, match="statement"):
        variants_of("single_statement", {"text": 0.5}, [])


def test_what_is_different_is_not_said_by_a_name() -> None:
    """It would be called so, and not be so."""
    with pytest.raises(ScheduleError, match="virtual_speedup"):
        check_arms(["eager [text × 0.5 modelled]"])
