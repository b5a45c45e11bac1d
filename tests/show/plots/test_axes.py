"""What every plot function keeps to."""

import re
from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from tests.show.plots.drawings import Drawing
from tests.show.plots.test_images import NAMES

UNIT = re.compile(r"\((%|ms|s|count|number|requests/s)\)")


@pytest.mark.parametrize("name", NAMES)
def test_it_draws_where_it_is_told(drawings: Mapping[str, Drawing], name: str) -> None:
    """The Axes given are the Axes returned, no figure is opened, and no caption is put."""
    opened = plt.get_fignums()
    figure = Figure()
    ax = figure.subplots()
    assert drawings[name](ax=ax) is ax
    assert ax.has_data()
    assert plt.get_fignums() == opened
    assert figure.get_supxlabel() == ""


@pytest.mark.parametrize("name", NAMES)
def test_every_axis_has_its_unit(drawings: Mapping[str, Drawing], name: str) -> None:
    """In brackets in its label; an axis of names has none."""
    ax = drawings[name](ax=Figure().subplots())
    for axis in (each for each in (ax.xaxis, ax.yaxis) if not _names_stand_at(each)):
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
def test_a_new_figure_is_clear_and_a_column_wide(
    drawings: Mapping[str, Drawing], name: str
) -> None:
    """Whatever the theme, the page is behind it; 9 points at 4.5 inches are 7 at 90 mm."""
    with plt.style.context("dark_background"):
        figure = drawings[name]().get_figure(root=True)
    assert figure is not None
    assert to_rgba(figure.get_facecolor())[3] == 0
    assert to_rgba(figure.axes[0].get_facecolor())[3] == 0
    assert figure.get_figwidth() == 4.5


@pytest.mark.parametrize("name", NAMES)
def test_no_marker_is_cut_off(drawings: Mapping[str, Drawing], name: str) -> None:
    """One at the edge is drawn over it."""
    ax = drawings[name]()
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()
    assert [line.get_label() for line in ax.lines if _is_cut(ax, line, figure.dpi)] == []


def _is_cut(ax: Axes, line: Line2D, dpi: float) -> bool:
    """Whether the frame cuts a mark of a line that it clips."""
    if line.get_marker() in {"", "None", None} or not line.get_clip_on():
        return False
    at = line.get_transform().transform(np.asarray(line.get_xydata()))
    every = line.get_markevery()
    at = at if every is None else at[np.asarray(every, dtype=int)]
    half, frame = line.get_markersize() / 2 * dpi / 72, ax.get_window_extent()
    low, high = np.asarray(frame.min), np.asarray(frame.max)
    inside = (at >= low - 0.5).all(axis=1) & (at <= high + 0.5).all(axis=1)
    cut = (at < low + half).any(axis=1) | (at > high - half).any(axis=1)
    return bool((inside & cut).any())


def _names_stand_at(axis: Axis) -> bool:
    return any(tick.get_text()[:1].isalpha() for tick in axis.get_ticklabels())
