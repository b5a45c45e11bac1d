"""A map as a picture."""

from dataclasses import replace

from matplotlib.patches import Rectangle

from hhperf.forecast.map_cells import ClaimMap, MapDesign, Place
from hhperf.show.plots.claim_map_plot import plot_claim_map
from hhperf.show.plots.language import OPEN
from tests.forecast.made_cells import cell


def test_measured_and_open_cells_are_told_from_the_others() -> None:
    """A frame and a dot; dots all over."""
    places = [Place("plan", False, "cold", 5.0, pool) for pool in (4, 8, 20)]
    sure, measured, open_ = (
        cell(point, half, place)
        for point, half, place in zip((0.3, 0.4, 0.2), (0.01, 0.01, 0.1), places, strict=True)
    )
    found = ClaimMap(MapDesign(), (sure, replace(measured, measured=measured.predicted), open_))
    ax = plot_claim_map(found)
    drawn = [each for each in ax.patches if isinstance(each, Rectangle)]
    assert len(drawn) == 4
    assert [each.get_hatch() for each in drawn if each.get_fill()] == ["", "", OPEN]
    assert len(ax.lines) == 1
    assert [each.get_text() for each in ax.texts] == ["30", "40", "20"]
