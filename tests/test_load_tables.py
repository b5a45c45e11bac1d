"""Tables and sentences of loads and sweeps."""

import pytest

from hhperf.load_tables import (
    capacity_table,
    floor_sentence,
    load_table,
    sweep_sentences,
    sweep_table,
)
from hhperf.runs import Floor, Run
from hhperf.sweeping import Sweep
from tests.test_sweeping import found, runs

__all__ = ["found", "runs"]


def test_a_load_shows_what_was_not_answered(runs: tuple[Run, ...]) -> None:
    """Both kinds of time for each arm, and a column for each way of not being answered."""
    table = load_table(runs[0])
    assert table.columns[-4:] == ("error", "timeout", "dropped", "lost")
    assert [row[0].split(" (")[0] for row in table.rows] == [
        "control", "treatment", "control again",
    ]  # fmt: skip


def test_a_sweep_has_a_row_a_load(found: Sweep) -> None:
    """With the saving, its interval and the verdict."""
    rows = sweep_table(found).rows
    assert [float(row[0]) for row in rows] == pytest.approx(
        [point.offered_hz for point in found.points], rel=1e-3
    )
    assert rows[0][-1] == str(found.points[0].comparison.verdict)


def test_each_arm_has_its_capacity(found: Sweep) -> None:
    """A row for each arm at each load, with its wait for connections."""
    table = capacity_table(found)
    assert len(table.rows) == 2 * len(found.points)
    waits = [row[table.columns.index("pool wait p95")] for row in table.rows]
    assert "–" not in waits


def test_the_sentences_name_what_a_sweep_is_for(found: Sweep) -> None:
    """Knee, saturation and crossover."""
    said = " ".join(sweep_sentences(found))
    assert "The treatment's knee is at" in said
    assert "falls behind from" in said
    assert "The saving at p50 ends at" in said


def test_the_floor_is_said_in_milliseconds() -> None:
    """What the generator takes of what was measured."""
    said = floor_sentence(Floor(200, 0.00002, 0.0001, 0.002))
    assert "0.02 ms at p50" in said
    assert "2.00 ms late at p99" in said
