"""Figures as files, and side by side."""

from pathlib import Path
from xml.etree import ElementTree

import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hhperf import plots
from hhperf.errors import FigureError
from tests.show.plots.made import make_sweep, shipped_run

SVG_TEXT = "{http://www.w3.org/2000/svg}text"


@pytest.fixture
def ax() -> Axes:
    """The waits of a sweep."""
    return plots.plot_pool_wait(make_sweep())


def test_a_figure_becomes_a_png(ax: Axes, tmp_path: Path) -> None:
    """By its suffix in any case."""
    assert plots.save_figure(ax, tmp_path / "a.PNG").read_bytes().startswith(b"\x89PNG")


def test_an_svg_keeps_text_as_text(ax: Axes, tmp_path: Path) -> None:
    """So that it can be searched and read aloud."""
    tree = ElementTree.parse(plots.save_figure(ax, str(tmp_path / "a.svg")))
    words = {"".join(each.itertext()).strip() for each in tree.iter(SVG_TEXT)}
    assert {"Waiting for the pool", "offered load (requests/s)", "control"} <= words


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_equal_figures_are_equal_files(tmp_path: Path, suffix: str) -> None:
    """No date and no chance in them."""
    files = [
        plots.save_figure(plots.plot_pool_wait(make_sweep()), tmp_path / f"{n}.{suffix}")
        for n in range(2)
    ]
    one, other = (file.read_bytes() for file in files)
    assert one == other
    assert b"date" not in one


@pytest.mark.parametrize("name", ["a.pdf", "a", "a.svgz"])
def test_another_suffix_is_refused(ax: Axes, tmp_path: Path, name: str) -> None:
    """With the ones there are."""
    with pytest.raises(FigureError, match=r"is written as \.png or \.svg"):
        plots.save_figure(ax, tmp_path / name)


def test_a_missing_folder_is_named(ax: Axes, tmp_path: Path) -> None:
    """As an error of this kit's, with the path."""
    with pytest.raises(FigureError, match=r"nowhere/a\.png: cannot be written"):
        plots.save_figure(ax, tmp_path / "nowhere" / "a.png")


def test_removed_axes_are_on_no_figure(tmp_path: Path) -> None:
    """There is nothing to write."""
    ax = Figure().subplots()
    ax.remove()
    with pytest.raises(FigureError, match="have been removed"):
        plots.save_figure(ax, tmp_path / "a.png")


def test_pictures_stand_side_by_side(tmp_path: Path) -> None:
    """Each as wide as one alone, under one caption."""
    figure, axes = plots.subplots(1, 2, caption="n = 1.")
    plots.plot_distributions(shipped_run(), ax=axes[0])
    assert figure.get_size_inches().tolist() == pytest.approx([9, 3.1])
    assert figure.get_supxlabel() == "n = 1."


def test_ticks_keep_their_size_outside_of_the_style() -> None:
    """A notebook draws when the style is over."""
    _, ax = plots.subplots()
    ax.figure.draw_without_rendering()
    assert {label.get_fontsize() for label in ax.get_xticklabels()} == {8.5}
