"""Cards of verdicts."""

import math

from hhperf.analysis.knees import LoadLevel
from hhperf.show.verdict_cards import level


def test_a_load_lies_between_those_measured() -> None:
    """With the best guess."""
    assert level(LoadLevel(15.0, 12.8, 22.6)) == ("15", "between 12.8 and 22.6")


def test_a_knee_at_the_highest_load_is_not_reached() -> None:
    """It may lie anywhere above the load before."""
    assert level(LoadLevel(22.6, 15.6, math.inf)) == ("not reached", "above 15.6")
