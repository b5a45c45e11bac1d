"""What is said of a sweep."""

import math

import pytest

from hhperf.analysis.knees import LoadLevel
from hhperf.show.sweep_findings import crossing_sentence

CROSSINGS = [
    (None, "does not end within the loads measured."),
    (
        (15, 12.8, 22.6),
        "beyond about 15/s (up to 12.8/s it surely saves, from 22.6/s it surely loses)",
    ),
    ((15, 12.8, math.inf), "(up to 12.8/s it surely saves, no load measured surely loses)"),
    ((15, 0.0, math.inf), "(no load measured surely saves, no load measured surely loses)"),
]


@pytest.mark.parametrize(("found", "said"), CROSSINGS)
def test_where_a_saving_ends_is_said_as_surely_as_it_is_known(
    found: tuple[float, float, float] | None, said: str
) -> None:
    """Loads that surely save and surely lose, or that there is none."""
    assert said in crossing_sentence("p50", None if found is None else LoadLevel(*found))
