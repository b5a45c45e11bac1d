"""Reads back what a drawing shows."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D


def labelled(ax: Axes, label: str) -> Line2D:
    """The line that the legend calls so."""
    return next(line for line in ax.lines if line.get_label() == label)


def xs(line: Line2D) -> list[float]:
    """Where its points stand."""
    return [float(each) for each in np.atleast_1d(np.asarray(line.get_xdata()))]


def ys(line: Line2D) -> list[float]:
    """How high its points stand."""
    return [float(each) for each in np.atleast_1d(np.asarray(line.get_ydata()))]


def legend(ax: Axes) -> list[str]:
    """The words of the legend."""
    found = ax.get_legend()
    assert found is not None
    return [text.get_text() for text in found.get_texts()]
