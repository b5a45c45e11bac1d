"""Figures that are told from one another, and shown at their size."""

from dataclasses import replace
from io import BytesIO

import numpy as np
from matplotlib.axes import Axes
from PIL import Image

from hhperf import plots
from hhperf.analysis.estimate import Estimate
from hhperf.show.plots.canvas import Canvas, sharp_png


def drawn(*ends: tuple[float, float], truth: float = 0.2) -> Axes:
    """Intervals in a figure of their own."""
    return plots.plot_coverage([Estimate(0.2, *each) for each in ends], truth)


def told(ax: Axes) -> str:
    """The text form of the figure."""
    return repr(ax.get_figure(root=True))


def test_equal_figures_have_equal_words() -> None:
    """And say what they show."""
    one, other = told(drawn((0.1, 0.3))), told(drawn((0.1, 0.3)))
    assert one == other
    assert one.startswith("Figure('1 of 1 intervals hold the truth', ")


def test_another_number_is_another_figure() -> None:
    """Of the third digit."""
    assert told(drawn((0.1, 0.3))) != told(drawn((0.1, 0.301)))


def test_the_last_bit_of_a_number_does_not_count() -> None:
    """Processors differ in it."""
    assert told(drawn((0.1, 0.3))) == told(drawn((0.1, float(np.nextafter(0.3, 1)))))


def test_another_word_is_another_figure() -> None:
    """Of an axis, here."""
    ax = drawn((0.1, 0.3))
    before = told(ax)
    ax.set_xlabel("another (number)")
    assert told(ax) != before


def test_what_has_no_end_is_a_figure_too() -> None:
    """Infinities and what is undefined are told apart."""
    nothing = Estimate(0.2, -np.inf, 0.3)
    ax = plots.plot_coverage([nothing, replace(nothing, lower=np.nan)], 0.2)
    assert told(ax) != told(plots.plot_coverage([nothing, nothing], 0.2))


def test_a_notebook_shows_it_at_its_width_in_more_pixels() -> None:
    """450 of the page for 4.5 inches."""
    figure = drawn((0.1, 0.3)).get_figure(root=True)
    assert isinstance(figure, Canvas)
    picture, how = sharp_png(figure)
    assert how == {"width": 450}
    assert Image.open(BytesIO(picture)).width == 720
