"""What comes from a page is read, or refused with its field."""

from typing import Any

import pytest

from hhperf.errors import FigureError
from hhperf.runs.observation import Arm
from hhperf.show.look.wish import Brush, What, Wish


def test_a_wish_is_read_as_it_was_sent() -> None:
    """The page and the kernel speak of the same controls."""
    wish = Wish(
        run=1,
        against=Arm.CONTROL_AGAIN,
        threshold=0.3,
        tenant="acme",
        brush=Brush("time", 1.0, 2.0),
        pair=7,
        what=What(schedule="eager", factors={"vector": 0.5}, cached=("embedding",), rate_hz=10.0),
    )
    assert Wish.read(wish.plain()) == wish


def test_a_brush_may_be_drawn_from_right_to_left() -> None:
    """Its ends are put in order."""
    assert Brush.read({"kind": "latency", "low": 5, "high": 2}) == Brush("latency", 2.0, 5.0)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"statistik": "p95"}, "no field 'statistik'"),
        ({"threshold": "much"}, "threshold: 'much' is no number"),
        ({"threshold": float("nan")}, "threshold: nan is no number"),
        ({"against": "nobody"}, "against: 'nobody'"),
        ({"brush": {"kind": "colour", "low": 1, "high": 2}}, "brush: no kind 'colour'"),
        ({"brush": {"kind": "time", "low": 1}}, "brush.high: None is no number"),
        ({"brush": [1, 2]}, "has no kind, low and high"),
        ({"what": {"factors": [1]}}, "what.factors"),
        ({"what": 3}, "what: 3 has no fields"),
    ],
)
def test_what_nobody_can_mean_is_refused(said: dict[str, Any], told: str) -> None:
    """The message names the field."""
    with pytest.raises(FigureError, match=told):
        Wish.read(said)
