"""Each drawing against its baseline, letters aside.

After a wanted change run `python -m tests.show.plots.baselines`, look at them, and commit them.
"""

from collections.abc import Mapping
from pathlib import Path

import pytest
from matplotlib import style
from matplotlib.figure import Figure
from matplotlib.testing.compare import compare_images

from tests.show.plots.drawings import BASELINES, Drawing, save_without_text

NAMES = sorted(path.stem for path in BASELINES.glob("*.png"))
TOLERANCE = 0.5
"""Root mean square of the pixels' differences, of 255; a mark left out makes 1 and more."""


def drawn(figure: Figure, name: str, folder: Path) -> str | None:
    """What is wrong with a picture of that name; None when it is as its baseline."""
    path = folder / f"{name}.png"
    save_without_text(figure, path)
    return compare_images(str(BASELINES / path.name), str(path), TOLERANCE)  # type: ignore[return-value]


def figure_of(draw: Drawing) -> Figure:
    """A new figure with the drawing."""
    figure = draw().get_figure(root=True)
    assert figure is not None
    return figure


def test_every_drawing_has_a_baseline(drawings: Mapping[str, Drawing]) -> None:
    """And every baseline is drawn."""
    assert sorted(drawings) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_drawing_looks_as_its_baseline(
    drawings: Mapping[str, Drawing], name: str, tmp_path: Path
) -> None:
    """Within a tolerance that no curve could hide in."""
    assert drawn(figure_of(drawings[name]), name, tmp_path) is None


@pytest.mark.parametrize("name", NAMES)
def test_a_drawing_that_lacks_something_is_told(
    drawings: Mapping[str, Drawing], name: str, tmp_path: Path
) -> None:
    """One curve, bar or band less, and the comparison fails."""
    figure = figure_of(drawings[name])
    ax = figure.axes[0]
    last = [*ax.collections, *ax.patches, *ax.lines][-1]
    last.set_visible(False)
    found = drawn(figure, name, tmp_path)
    assert found is not None
    assert "RMS" in found


def test_a_shade_is_told(drawings: Mapping[str, Drawing], tmp_path: Path) -> None:
    """The same curve in another colour is another picture."""
    figure = figure_of(drawings["distributions"])
    figure.axes[0].lines[-1].set_color("#009E73")
    assert drawn(figure, "distributions", tmp_path) is not None


def test_the_theme_of_a_notebook_does_not_show(
    drawings: Mapping[str, Drawing], tmp_path: Path
) -> None:
    """Under a dark theme a figure is as under any other."""
    with style.context("dark_background"):
        figure = figure_of(drawings["shift"])
        assert drawn(figure, "shift", tmp_path) is None


def test_baselines_are_small() -> None:
    """A picture of 40 kB would weigh on every clone."""
    assert max(path.stat().st_size for path in BASELINES.iterdir()) < 40_000
