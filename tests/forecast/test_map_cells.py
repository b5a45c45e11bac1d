"""Cells of a map: which to measure first, and what tells them apart."""

from dataclasses import replace

from hhperf.forecast.map_cells import ClaimMap, MapDesign, Place
from tests.forecast.made_cells import cell


def test_measuring_tells_most_near_the_claim_and_where_least_is_known() -> None:
    """A far and sure cell comes last, a measured one not at all."""
    near, unsure, far = cell(0.21, 0.02), cell(0.30, 0.20), cell(0.50, 0.02)
    known = cell(0.2, 0.1)
    found = ClaimMap(MapDesign(), (far, near, unsure, replace(known, measured=known.predicted)))
    assert found.worth_measuring() == (unsure, near, far)


def test_places_differ_in_seeds_and_folders() -> None:
    """Two that differ in the pool alone."""
    four, five = (Place("plan", True, "cold", 5.0, pool) for pool in (4, 5))
    assert four.seed(0) != five.seed(0)
    assert four.slug == "plan-rerank-on-cold-5-a-second-on-4"
