"""A figure as a notebook shows it: sharp, as large as the text around, and told from others."""

import sys
from collections.abc import Iterator
from hashlib import blake2s
from io import BytesIO
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.collections import Collection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text
from PIL import Image

PIXELS = 100
"""Of a page, to an inch: 9 points are as large as a notebook's own text, two figures as wide."""

SHARP = 1.6
"""Pixels of the picture for each of the page: many screens have more, and stored it is small."""

COLOURS = 128
"""Of a picture: a third of the size of one that may have any, and looks the same."""

DIGITS = 3
"""Significant ones, in which data must agree to be the same picture."""

METADATA = {"Software": None}
"""No version, so that equal figures are equal files."""


class Canvas(Figure):
    """A figure whose text form changes with what is drawn: a stored notebook can be held to it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _shown_sharp()

    def __repr__(self) -> str:
        """Its titles, how many shapes there are, and a digest of them and of all words."""
        titles = [ax.get_title(loc="left") for ax in self.axes]
        shapes = list(_shapes(self))
        words = [text.get_text() for text in self.findobj(Text)]
        digest = blake2s("\n".join(words).encode(), digest_size=4)
        for shape in shapes:
            digest.update(_rounded(shape).tobytes())
        return f"Figure({', '.join(titles)!r}, {len(shapes)} shapes, {digest.hexdigest()})"


def _shapes(figure: Figure) -> Iterator[np.ndarray]:
    """The data of each line, band, bar and mark that can be seen."""
    for ax in figure.axes:
        for artist in ax.get_children():
            if artist.get_visible() and artist is not ax.patch:
                yield from _data_of(artist)


def _data_of(artist: Artist) -> Iterator[np.ndarray]:
    if isinstance(artist, Line2D):
        yield np.asarray(artist.get_xydata(), dtype=float)
    elif isinstance(artist, Collection):
        yield from (np.asarray(path.vertices, dtype=float) for path in artist.get_paths())
    elif isinstance(artist, Patch):
        yield np.asarray(
            artist.get_patch_transform().transform(artist.get_path().vertices), dtype=float
        )


def _rounded(data: np.ndarray) -> np.ndarray:
    """To a few significant digits: the last ones differ from processor to processor."""
    known = np.nan_to_num(data, nan=-1e20, posinf=1e30, neginf=-1e30)
    size = np.floor(np.log10(np.abs(known), out=np.zeros_like(known), where=known != 0))
    unit = 10.0 ** (size - DIGITS + 1)
    return np.asarray(np.round(known / unit) * unit, dtype=np.float32) + np.float32(0)


def _shown_sharp() -> None:
    """Have the notebook that runs, if one does, draw these figures at their size."""
    found = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if found is not None:
        found.display_formatter.formatters["image/png"].for_type(Canvas, sharp_png)


def sharp_png(figure: Figure) -> tuple[bytes, dict[str, int]]:
    """The picture, finer than the page, and how wide it is to be shown: as large as the text."""
    drawn, written = BytesIO(), BytesIO()
    figure.savefig(drawn, format="png", dpi=SHARP * PIXELS)
    with Image.open(drawn) as picture:
        few = picture.quantize(COLOURS, method=Image.Quantize.FASTOCTREE)
    few.save(written, format="png", optimize=True)
    return written.getvalue(), {"width": round(PIXELS * figure.get_figwidth())}
