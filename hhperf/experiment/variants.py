"""How the arms of an experiment differ from those of their names: checked, and by side."""

from collections.abc import Mapping, Sequence

from hhperf.errors import ScheduleError, SettingsError, unknown
from hhperf.runs.observation import Arm
from hhperf.search.schedule import order_of
from hhperf.search.variant import Variant
from hhperf.search.virtual_clock import Speedup

SIDES = (str(Arm.CONTROL), str(Arm.TREATMENT))
"""The control's double is on the control's side."""


def variants_of(
    treatment: str, virtual_speedup: Mapping[str, float] | None, uncoalesced: Sequence[str]
) -> Mapping[str, Variant]:
    """What is different on each side.

    Args:
        treatment: the arm's name.
        virtual_speedup: one of its stages with a factor of its time, 0 to 1.
        uncoalesced: the sides that make each lookup although an equal one is under way.

    Raises:
        ScheduleError: the treatment has no such stage, or several are asked for.
        SettingsError: there is no such side.
    """
    for each in uncoalesced:
        if each not in SIDES:
            raise SettingsError(f"uncoalesced: no side {each!r}: {unknown(each, SIDES)}")
    control, treated = SIDES
    return {
        control: Variant(coalescing=control not in uncoalesced),
        treated: Variant(speedup_of(virtual_speedup, treatment), treated not in uncoalesced),
    }


def side_of(arm: Arm) -> str:
    """The side that an arm is on."""
    return str(Arm.TREATMENT if arm is Arm.TREATMENT else Arm.CONTROL)


def speedup_of(asked: Mapping[str, float] | None, arm: str) -> Speedup | None:
    """The stage of an arm that is to seem quicker; None where none is asked for.

    Raises:
        ScheduleError: the arm has no such stage, the factor cannot be one, or several are asked.
    """
    if not asked:
        return None
    if len(asked) > 1:
        raise ScheduleError(f"virtual speedup: {', '.join(asked)}: one stage at a time")
    ((stage, factor),) = asked.items()
    stages = order_of(arm).inputs
    if stage not in stages:
        raise ScheduleError(f"virtual speedup: no stage {stage!r}: {unknown(stage, stages)}")
    return Speedup(stage, factor)
