"""What a page says of pairs of steps."""

from typing import Any

import pytest

from hhperf.errors import FigureError
from hhperf.show.look.ticks import Ticks
from hhperf.traces.declared import Declared

SAID = Declared(frozenset({frozenset("ab")}), frozenset({frozenset("bc")}), rest_depends=True)


def test_what_is_declared_goes_to_a_page_and_back() -> None:
    """With all that the file of steps can say."""
    ticks = Ticks.of("shop GET", SAID, 0.3)
    assert Ticks.read(ticks.plain()) == ticks
    assert ticks.declared == SAID


def test_a_pair_that_is_ticked_does_not_depend() -> None:
    """Whatever the file said before."""
    ticks = Ticks(operation="shop GET", independent=(("a", "b"),), dependent=(("b", "a"),))
    assert ticks.declared.dependent == frozenset()


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("independent", 3, "independent: 3 is no list of pairs"),
        ("independent", [["a", "b", "c"]], "no pair of steps"),
        ("threshold", "much", "threshold: 'much' is no number"),
        ("ticked", [], "no field 'ticked'"),
    ],
)
def test_a_bad_field_is_named(field: str, value: Any, said: str) -> None:
    """With what it is."""
    with pytest.raises(FigureError, match=said):
        Ticks.read({"operation": "shop GET", field: value})
