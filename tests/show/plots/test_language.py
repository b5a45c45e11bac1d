"""One meaning for each colour and marker."""

import re
from importlib.resources import files
from itertools import chain
from typing import Literal

import matplotlib.pyplot as plt
import pytest
from matplotlib import style
from matplotlib.colors import to_hex

from hhperf.show.plots import language as lang
from hhperf.show.plots.style import STYLE
from tests.show.report.test_css import contrast

PAGES = ("#ffffff", "#111111", "#0d1117")
"""White, JupyterLab in the dark, and a code host in the dark."""

COLOURS = [
    *lang.COLOURS.values(),
    *dict.fromkeys(lang.VERDICT_COLOURS.values()),
    lang.PREDICTED,
    *(colour for colour, _ in lang.STATISTICS),
]
Written = Literal["text.color", "axes.labelcolor", "xtick.labelcolor", "ytick.labelcolor"]
WRITTEN: tuple[Written, ...] = (
    "text.color",
    "axes.labelcolor",
    "xtick.labelcolor",
    "ytick.labelcolor",
)


def test_no_colour_means_two_things() -> None:
    """But that both kinds of verdict that settle nothing are grey."""
    assert len(set(COLOURS)) == len(COLOURS)


def test_no_marker_means_two_things() -> None:
    """Not an arm here and a verdict there."""
    markers = [
        *chain(lang.MARKERS.values(), lang.VERDICT_MARKERS.values()),
        lang.PREDICTED_MARKER,
    ]
    assert len(set(markers)) == len(markers)


@pytest.mark.parametrize("page", PAGES)
def test_every_mark_stands_out_from_every_page(page: str) -> None:
    """3 to 1, as WCAG 2 wants of what is drawn."""
    assert [colour for colour in COLOURS if contrast(colour, page) < 3] == []


@pytest.mark.parametrize("page", PAGES)
def test_all_that_is_written_can_be_read_on_every_page(page: str) -> None:
    """3.9 to 1 or more; no grey has more than 4.35 to white and to the black of JupyterLab."""
    with style.context(STYLE):
        written = [to_hex(plt.rcParams[what]) for what in WRITTEN]
    assert [colour for colour in written if contrast(colour, page) < 3.85] == []


def test_the_explorer_has_the_same_marks_and_colours() -> None:
    """Its style and its script are read as text: no other language can import this one."""
    look = files("hhperf.show.look")
    css, script = ((look / name).read_text() for name in ("explorer.css", "drawing.js"))
    for verdict, colour in lang.VERDICT_COLOURS.items():
        assert re.search(rf"\.saved\.{verdict}\b[^}}]*{colour}", css)
        assert f"  {verdict}: " in script
    assert f".saved.predicted{{color:{lang.PREDICTED}}}" in css
