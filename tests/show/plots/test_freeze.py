"""A stop, as an open and a closed loop see it."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from hhperf import plots
from tests.show.plots.made import write_freezing


def test_all_that_come_due_in_the_stop_wait(ax: Axes, tmp_path: Path) -> None:
    """By response time forty, by service time the ten that there were connections for."""
    plots.plot_freeze(write_freezing(tmp_path / "open", closed=False), ax=ax)
    response, service = (np.asarray(line.get_ydata()) for line in ax.lines)
    assert (response > 30).sum() == 40
    assert (service > 30).sum() == 10


def test_a_closed_loop_sees_one(ax: Axes, tmp_path: Path) -> None:
    """Named with how many requests it sent."""
    runs = [write_freezing(tmp_path / str(closed), closed=closed) for closed in (False, True)]
    plots.plot_freeze(*runs, ax=ax)
    closed = ax.lines[2]
    slow = np.asarray(closed.get_ydata()) > 30
    assert slow.sum() == 1
    assert closed.get_label() == f"closed loop, since sent (n = {len(slow)})"
