"""Every legal order, once."""

import pytest

from hhperf.forecast.legal_orders import legal_orders, neighbours
from hhperf.search.arms import TWO_STATEMENTS
from hhperf.search.schedule import Schedule

INPUTS = {name: stage.inputs for name, stage in TWO_STATEMENTS.items()}
MOVABLE = ("embedding", "specialty", "vector", "text")


def test_the_search_has_sixty_six_orders() -> None:
    """Of its two lookups and two searches, with the embedding before the vector search."""
    names = [each.name for each in legal_orders(INPUTS, MOVABLE)]
    assert len(names) == len(set(names)) == 66
    assert {"sequential", "parallel", "eager", "vector, text < specialty"} - set(names) == {
        "vector, text < specialty"
    }
    assert Schedule.parse("vector, text < specialty").name in names


@pytest.mark.parametrize(("n", "orders"), [(0, 1), (1, 1), (2, 3), (3, 19), (4, 219)])
def test_stages_that_take_nothing_of_each_other_have_all_orders(n: int, orders: int) -> None:
    """As many as there are partial orders of labelled things (OEIS A001035)."""
    own = dict.fromkeys("abcd"[:n], ())
    assert len({each.name for each in legal_orders(own, list(own))}) == orders


def test_neighbours_differ_in_one_wait() -> None:
    """From no wait beyond the inputs every single one can be reached."""
    own = {"a": (), "b": (), "c": ("a",)}
    found = {each.name for each in neighbours(Schedule.parse("eager", own), "abc")}
    assert found == {"b < a", "a < b", "b < c", "c < b"}


def test_neighbours_lead_back() -> None:
    """A wait that was added can be taken away."""
    own = {"a": (), "b": ()}
    found = {each.name for each in neighbours(Schedule.parse("b < a", own), "ab")}
    assert found == {"eager"}
