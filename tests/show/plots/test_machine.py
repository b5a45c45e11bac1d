"""The strip of a run's time, and its stalls."""

from collections.abc import Callable
from pathlib import Path

import pytest
from matplotlib.axes import Axes

from hhperf import plots
from hhperf.errors import FigureError
from hhperf.runs.run import Run, load_run
from hhperf.runs.writer import RunWriter
from tests.runs.conftest import METADATA, observe_pair


def test_the_strip_shows_each_core_and_pales_what_does_not_count(
    stalled_run: Callable[..., Run], ax: Axes
) -> None:
    """One of 20 ms is none for requests of 900."""
    plots.plot_stalls(stalled_run((0, 500, 4_000), (1, 100_000, 20)), ax=ax)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["core 0", "core 1"]
    drawn = [(each.get_alpha(), len(each.get_paths())) for each in ax.collections]
    assert drawn == [(0.25, 0), (1.0, 1), (0.25, 1), (1.0, 0)]
    assert ax.get_title(loc="left").startswith("Lost to others: 0.5%, at most 4,000 ms")


def test_a_run_without_a_stall_clock_has_no_strip(tmp_path: Path, ax: Axes) -> None:
    """Nobody looked."""
    with RunWriter(tmp_path, METADATA) as writer:
        writer.add(*observe_pair(0))
    run = load_run(tmp_path)
    with pytest.raises(FigureError, match="no stall clock ran"):
        plots.plot_stalls(run, ax=ax)
