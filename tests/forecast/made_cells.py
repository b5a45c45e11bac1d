"""Cells of a map that are made up."""

from hhperf.analysis.decision import Verdict, decide
from hhperf.analysis.estimate import Estimate
from hhperf.forecast.map_cells import Cell, Place


def cell(point: float, half: float = 0.01, place: Place | None = None) -> Cell:
    """One with a predicted saving and half the length of its interval."""
    saving = Estimate(point, point - half, point + half)
    where = place or Place("plan", False, "cold", point, 4)
    return Cell(where, "parallel", 0.3, saving, decide(saving, 0.2))


def holds(place: Place, *, saved: bool) -> Cell:
    """One where the claim holds, or where it fails."""
    found = cell(0.3 if saved else 0.1, place=place)
    assert found.verdict is (Verdict.EXCEEDS if saved else Verdict.BELOW)
    return found
