"""Cards and tables of where the time goes."""

from hhperf.show.card import Card, Table, card_of
from hhperf.shown import milliseconds, percent
from hhperf.why.breakdown import ArmTime, Breakdown, Expectation, StageTime


@card_of.register
def breakdown_card(found: Breakdown) -> Card:
    """Each stage, and each schedule against its critical path."""
    return Card(
        title=f"Where the time of {found.treatment.schedule} and {found.control.schedule} goes",
        facts=() if found.expectation is None else _expectation_facts(found.expectation),
        tables=(stages_table(found), schedule_table(found)),
    )


def stages_table(breakdown: Breakdown) -> Table:
    """Each stage's own time under both arms, and what kind of time it is."""
    control, treatment = breakdown.control, breakdown.treatment
    columns = ("stage", control.schedule, treatment.schedule, "p95", "time", "can overlap")
    rows = tuple(
        (
            stage,
            _median(control, stage),
            _median(treatment, stage),
            _p95(treatment, stage),
            "modelled" if _either(breakdown, stage).is_modelled else "measured",
            "no" if _either(breakdown, stage).is_alone else "yes",
        )
        for stage in dict.fromkeys([*control.stages, *treatment.stages])
    )
    return Table("Stages: own time in ms, median", columns, rows)


def schedule_table(breakdown: Breakdown) -> Table:
    """Each arm's total against the critical path of its stages and the least possible."""
    columns = ("arm", "total", "critical path", "ratio", "least possible", "ratio")
    rows = tuple(
        (
            arm.schedule,
            milliseconds(arm.total_s),
            milliseconds(arm.path_s),
            f"{arm.total_s / arm.path_s:.3f}",
            milliseconds(arm.bound_s),
            f"{arm.total_s / arm.bound_s:.3f}",
        )
        for arm in (breakdown.control, breakdown.treatment)
    )
    return Table("Schedules: median time in ms", columns, rows)


def _expectation_facts(expected: Expectation) -> tuple[tuple[str, str], ...]:
    return (
        ("saving by the modelled medians", percent(expected.budget)),
        ("by the delays as drawn", percent(expected.drawn)),
        ("measured, at the median", percent(expected.measured)),
    )


def _median(arm: ArmTime, stage: str) -> str:
    return milliseconds(arm.stages[stage].median_s) if stage in arm.stages else "–"


def _p95(arm: ArmTime, stage: str) -> str:
    return milliseconds(arm.stages[stage].p95_s) if stage in arm.stages else "–"


def _either(breakdown: Breakdown, stage: str) -> StageTime:
    return breakdown.treatment.stages.get(stage) or breakdown.control.stages[stage]
