"""What a fault cost a run, as the run on disk has it: lost time, pairs, and what nobody told."""

from collections.abc import Mapping, Sequence
from typing import Any

from hhperf.runs.observation import Outcome
from hhperf.runs.run import Run

Row = tuple[int, str, str, int]
"""Pair, request, arm and place."""


def lost_s(run: Run, at_ns: int, kind: str) -> float:
    """How much was lost by a fault.

    Args:
        run: as the fault left it.
        at_ns: when the fault came, on the wall clock.
        kind: of a generator, from the last that is on disk to the fault, or from when it went on;
            of anything else, for how long requests are recorded as lost.
    """
    table = run.table(["end_ns", "intended_start_ns", "outcome"]).to_pylist()
    if kind != "generator":
        due = [int(row["intended_start_ns"]) for row in table if row["outcome"] == Outcome.LOST]
        return (max(due) - min(due)) / 1e9 if due else 0.0
    began, anchor = [gap.until_ns for gap in run.metadata.gaps], run.metadata.anchor
    assert anchor is not None
    known = max(0, *began, *(int(row["end_ns"]) for row in table), 0)
    return (at_ns - anchor.wall_ns - known) / 1e9


def rows_of(run: Run) -> set[Row]:
    """Which requests were measured, where; by arm."""
    rows = run.table(["pair", "request_id", "arm", "position", "outcome"]).to_pylist()
    return {
        (row["pair"], row["request_id"], row["arm"], row["position"])
        for row in rows
        if row["outcome"] != Outcome.CANCELLED
    }


def damage_in(rows: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """What is wrong with a run's observations in silence, and what they tell; in words."""
    counted = [row for row in rows if row["outcome"] != Outcome.CANCELLED]
    ok = [row for row in rows if row["outcome"] == Outcome.OK]
    found = {
        "twice": len(counted) - len({(row["pair"], row["arm"]) for row in counted}),
        "impaired": sum(bool(row["missing"] or row["cache_failures"]) for row in ok),
    }
    outcomes = [row["outcome"] for row in rows if row["outcome"] != Outcome.OK]
    told = {each: outcomes.count(each) for each in sorted(set(outcomes))}
    silent, said = (
        ", ".join(f"{count} {what}" for what, count in each.items() if count)
        for each in (found, told)
    )
    return silent, said
