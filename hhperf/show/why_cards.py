"""Cards and tables of where the time goes."""

from math import isnan

from hhperf.show.card import Card, Table, card_of
from hhperf.shown import milliseconds, percent
from hhperf.why.arm_time import (
    ArmTime,
    Breakdown,
    CachedTime,
    Expectation,
    StageTime,
    ToldTime,
)


@card_of.register
def breakdown_card(found: Breakdown) -> Card:
    """Each stage, and each schedule against its critical path."""
    return Card(
        title=f"Where the time of {found.treatment.schedule} and {found.control.schedule} goes",
        facts=() if found.expectation is None else _expectation_facts(found.expectation),
        tables=breakdown_tables(found),
        warnings=found.warnings,
    )


def breakdown_tables(found: Breakdown) -> tuple[Table, ...]:
    """The stages, and what they explain: of schedules that are known, or of what services tell."""
    if _is_told(found):
        return stages_table(found), answers_table(found)
    return stages_table(found), schedule_table(found)


def stages_table(breakdown: Breakdown) -> Table:
    """Each stage's own time under both arms, and what kind of time it is."""
    control, treatment = breakdown.control, breakdown.treatment
    columns = ("stage", control.schedule, treatment.schedule, f"p95, {treatment.schedule}")
    kinds = () if _is_told(breakdown) else ("time", "can overlap")
    rows = tuple(
        (
            stage,
            _median(control, stage),
            _median(treatment, stage),
            _p95(treatment, stage),
            *(_kind(_either(breakdown, stage)) if kinds else ()),
        )
        for stage in breakdown.stages
    )
    return Table("Stages: own time in ms, median", (*columns, *kinds), rows)


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


def answers_table(breakdown: Breakdown) -> Table:
    """What services tell of themselves against how long they took, searched for or cached."""
    columns = ("arm", "answers", "n", "latency", "its own total", "stages", "of total", "remainder")
    rows = []
    for arm in (breakdown.control, breakdown.treatment):
        if arm.told is not None and arm.told.answers:
            rows.append(_searched_row(arm, arm.told))
        if arm.told is not None and arm.told.cached is not None:
            rows.append(_cached_row(arm, arm.told.cached))
    return Table("Answers: median time in ms", columns, tuple(rows))


def _searched_row(arm: ArmTime, told: ToldTime) -> tuple[str, ...]:
    is_told = not isnan(told.service_s)
    return (
        arm.schedule,
        "searched",
        f"{told.answers:,}",
        milliseconds(arm.total_s),
        milliseconds(told.service_s) if is_told else "–",
        milliseconds(told.together_s),
        percent(told.share) if is_told else "–",
        milliseconds(told.remainder_s),
    )


def _cached_row(arm: ArmTime, cached: CachedTime) -> tuple[str, ...]:
    return (
        arm.schedule,
        "from the cache",
        f"{cached.answers:,}",
        milliseconds(cached.total_s),
        "–",
        milliseconds(cached.cache_s),
        "–",
        milliseconds(cached.remainder_s),
    )


def _expectation_facts(expected: Expectation) -> tuple[tuple[str, str], ...]:
    return (
        ("saving by the modelled medians", percent(expected.budget)),
        ("by the delays as drawn", percent(expected.drawn)),
        ("measured, at the median", percent(expected.measured)),
    )


def _is_told(found: Breakdown) -> bool:
    """Whether its stages are what services tell of themselves."""
    return any(arm.told is not None for arm in (found.control, found.treatment))


def _kind(stage: StageTime) -> tuple[str, str]:
    """What kind of time it is, and whether it can overlap."""
    return (
        "modelled" if stage.is_modelled else "measured",
        "no" if stage.is_alone else "yes",
    )


def _median(arm: ArmTime, stage: str) -> str:
    return milliseconds(arm.stages[stage].median_s) if stage in arm.stages else "–"


def _p95(arm: ArmTime, stage: str) -> str:
    return milliseconds(arm.stages[stage].p95_s) if stage in arm.stages else "–"


def _either(breakdown: Breakdown, stage: str) -> StageTime:
    return breakdown.treatment.stages.get(stage) or breakdown.control.stages[stage]
