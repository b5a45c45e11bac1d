"""Where in a window each replicate's quantile falls, also when the window is long.

With large clusters that differ a window holds millions of values, and cumulating the weights of all
of them for each replicate takes minutes. A long window is cut into blocks whose weights are matrix
products; then only the block that a replicate's quantile falls into is gone through. Weights are
whole numbers, so the result is the same.
"""

from dataclasses import dataclass, replace

import numpy as np

from hhperf.analysis.draws import Cells
from hhperf.analysis.estimators import HarrellDavis, OrderStatistic, Window
from hhperf.analysis.samples import FloatArray, IntArray

Quantile = OrderStatistic | HarrellDavis

_BLOCK = 2_048
_MOST_BLOCKS = 256
_MOST_ELEMENTS = 4_000_000  # of the table of weights, blocks times cells


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """A window with the cell of each of its values.

    Attributes:
        window: the values.
        estimator: of the quantile.
        places: the cell of each value, shape (m,).
        edges: where each block begins, and where the last ends; None for a window that is not cut.
        upto: values of each cell up to the end of each block, shape (cells, blocks).
    """

    window: Window
    estimator: Quantile
    places: IntArray
    edges: IntArray | None = None
    upto: FloatArray | None = None

    def read(self, counts: FloatArray, total: FloatArray, below: FloatArray) -> FloatArray | None:
        """The quantile of each replicate; None when the window does not reach far enough.

        Args:
            counts: how often each cell was drawn, shape (rows, cells).
            total: weight of all values, shape (rows,).
            below: weight of those below the window, shape (rows,).
        """
        if (
            self.edges is None
            or self.upto is None
            or not isinstance(self.estimator, OrderStatistic)
        ):
            return self._whole(counts, total, below)
        cumulated = below[:, None] + counts @ self.upto
        need = self.estimator.needed(total)
        blocks = (cumulated < need[:, None]).sum(axis=1)
        if (need <= below).any() or blocks.max() == cumulated.shape[1]:
            return None
        found = np.empty(len(counts))
        for block in np.unique(blocks):
            rows = blocks == block
            before = cumulated[rows, block - 1] if block else below[rows]
            values = self._part(int(block))._whole(counts[rows], total[rows], before)
            if values is None:
                return None
            found[rows] = values
        return found

    def _whole(self, counts: FloatArray, total: FloatArray, below: FloatArray) -> FloatArray | None:
        cumulated = np.cumsum(np.take(counts, self.places, axis=1), axis=1)
        return self.estimator.read(self.window, cumulated, total, below)

    def _part(self, block: int) -> "Stretch":
        assert self.edges is not None
        part = slice(self.edges[block], self.edges[block + 1])
        window = replace(self.window, values=self.window.values[part])
        return Stretch(window, self.estimator, self.places[part])


def make_stretch(window: Window, estimator: Quantile, cells: Cells) -> Stretch:
    """Cut a window into blocks where that saves time.

    Args:
        window: the values.
        estimator: of the quantile; one that takes the mean of several values needs them all.
        cells: the clusters of the window, each in a cell of its own.
    """
    places = cells.cell_of[window.owners]
    blocks = min(len(places) // _BLOCK, _MOST_BLOCKS, _MOST_ELEMENTS // len(cells.members))
    if blocks < 2 or not isinstance(estimator, OrderStatistic):
        return Stretch(window, estimator, places)
    edges = np.linspace(0, len(places), blocks + 1).astype(np.intp)
    inside = np.empty((len(cells.members), blocks))
    for block in range(blocks):
        part = places[edges[block] : edges[block + 1]]
        inside[:, block] = np.bincount(part, minlength=len(cells.members))
    return Stretch(window, estimator, places, edges, np.cumsum(inside, axis=1))
