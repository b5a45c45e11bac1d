"""Conditions that cells allow."""

from itertools import product

from hhperf.analysis.decision import Verdict
from hhperf.forecast.map_cells import Place
from hhperf.forecast.map_rules import rules_of
from tests.forecast.made_cells import holds

PLACES = [
    Place(profile, False, "cold", rate, pool)
    for profile, (rate, pool) in product(
        ("cloud", "plan"), [(0.0, None), *product((5.0, 10.0, 20.0), (4, 20))]
    )
]


def said(where: list[bool]) -> list[str]:
    """The rules of cells where the claim holds."""
    cells = [holds(place, saved=saved) for place, saved in zip(PLACES, where, strict=True)]
    return [str(each) for each in rules_of(cells, Verdict.EXCEEDS)]


def test_a_box_is_one_rule_in_the_fewest_conditions() -> None:
    """A profile and the most load, whatever the pool."""
    where = [each.profile == "plan" and each.rate_hz <= 10 for each in PLACES]
    assert said(where) == ["under plan, at most 10 requests a second"]


def test_what_meets_no_other_counts_under_any_pool() -> None:
    """It waits for no connection."""
    where = [each.profile == "plan" and each.pool in (None, 20) for each in PLACES]
    assert said(where) == ["under plan, at least 20 connections"]


def test_two_boxes_are_two_rules() -> None:
    """The wider one first."""
    where = [each.profile == "plan" or (each.rate_hz == 20 and each.pool == 4) for each in PLACES]
    assert said(where)[0] == "under plan"
    assert said(where)[1] == "at least 20 requests a second, at most 4 connections"


def test_what_holds_everywhere_or_nowhere_needs_no_condition() -> None:
    """Always; never."""
    assert said([True] * len(PLACES)) == ["always"]
    assert said([False] * len(PLACES)) == []
