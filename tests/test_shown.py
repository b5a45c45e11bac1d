"""Figures in words."""

import math

import pytest

from hhperf.shown import clipped, counted, duration, milliseconds, percent


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.0012345, "1.23"), (0.012345, "12.3"), (0.12345, "123"), (1.2345, "1,234"),
     (math.inf, "endless"), (math.nan, "undefined")],
)  # fmt: skip
def test_milliseconds(seconds: float, shown: str) -> None:
    """Three digits; a failed request is endless."""
    assert milliseconds(seconds) == shown


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0.2, "20.0%"), (-35.71, "-3,571%"), (-math.inf, "unbounded"), (math.nan, "undefined")],
)
def test_percent(share: float, shown: str) -> None:
    """Never more than four digits below 10,000%; infinity and NaN never reach the page."""
    assert percent(share) == shown


@pytest.mark.parametrize(("count", "shown"), [(0, "0 pairs"), (1, "1 pair"), (2400, "2,400 pairs")])
def test_counted(count: int, shown: str) -> None:
    """One takes no s."""
    assert counted(count, "pair") == shown


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0.0871, "87.1 ms"), (30.0, "30 s"), (306, "5.1 min"), (9000, "2.5 h")]
)
def test_duration(seconds: float, shown: str) -> None:
    """In the unit that a reader would take."""
    assert duration(seconds) == shown


def test_clipped_text_is_one_line_and_says_that_there_is_more() -> None:
    """Line ends become spaces, what is beyond an ellipsis."""
    assert clipped("a\nb  c") == "a b c"
    assert clipped("x" * 61) == "x" * 59 + "…"
