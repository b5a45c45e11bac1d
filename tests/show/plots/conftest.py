"""Drawings without a window, each figure closed after its test."""

from collections.abc import Iterator, Mapping

import matplotlib.pyplot as plt
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tests.show.plots.drawings import Drawing, make_drawings


@pytest.fixture(autouse=True)
def _no_window() -> Iterator[None]:
    plt.switch_backend("Agg")
    yield
    plt.close("all")


@pytest.fixture
def ax() -> Axes:
    """Somewhere to draw."""
    return Figure().subplots()


@pytest.fixture(scope="session")
def drawings(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Drawing]:
    """Every drawing by name."""
    return make_drawings(tmp_path_factory.mktemp("drawings"))
