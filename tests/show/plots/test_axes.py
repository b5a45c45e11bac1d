"""What every plot function keeps to."""

import re
from collections.abc import Mapping

import matplotlib.pyplot as plt
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tests.show.plots.drawings import Drawing
from tests.show.plots.test_images import NAMES

UNIT = re.compile(r"\((%|ms|s|count|number|requests/s)\)")


@pytest.mark.parametrize("name", NAMES)
def test_it_draws_where_it_is_told(drawings: Mapping[str, Drawing], name: str) -> None:
    """The Axes given are the Axes returned, no figure is opened, and no caption is put."""
    figure = Figure()
    ax = figure.subplots()
    assert drawings[name](ax=ax) is ax
    assert ax.has_data()
    assert not plt.get_fignums()
    assert figure.get_supxlabel() == ""


@pytest.mark.parametrize("name", NAMES)
def test_every_axis_has_its_unit(drawings: Mapping[str, Drawing], name: str) -> None:
    """In brackets in its label; an axis of names has none."""
    ax = drawings[name](ax=Figure().subplots())
    axes = [ax.xaxis] if _names_stand_at(ax) else [ax.xaxis, ax.yaxis]
    for axis in axes:
        assert UNIT.search(axis.get_label_text()), axis.get_label_text()


@pytest.mark.parametrize("name", [name for name in NAMES if name != "shift"])
def test_a_figure_of_its_own_says_how_many_or_what_is_modelled(
    drawings: Mapping[str, Drawing], name: str
) -> None:
    """Below the picture; a shift function alone knows neither, a forest says what it claims."""
    figure = drawings[name]().get_figure(root=True)
    assert figure is not None
    assert re.match(r"n = \d|Own time of each stage: |That any of these", figure.get_supxlabel())


@pytest.mark.parametrize("name", ["savings", "timeline"])
def test_a_new_figure_is_white_and_a_column_wide(
    drawings: Mapping[str, Drawing], name: str
) -> None:
    """Under a dark theme as well, and 9 points at 4.5 inches are 7 at 90 mm."""
    with plt.style.context("dark_background"):
        figure = drawings[name]().get_figure(root=True)
    assert figure is not None
    assert figure.get_facecolor() == (1, 1, 1, 1)
    assert figure.axes[0].get_facecolor() == (1, 1, 1, 1)
    assert figure.get_figwidth() == 4.5


def _names_stand_at(ax: Axes) -> bool:
    return any(tick.get_text()[:1].isalpha() for tick in ax.get_yticklabels())
