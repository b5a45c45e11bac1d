"""Drawing clusters with replacement, those that look alike as one.

A statistic that only asks how many pairs lie below a few points cannot tell two clusters apart
that have as many pairs below each of them. Such clusters share a cell, and the number of draws that
fall into a cell is binomial, so that millions of clusters cost no more than the few that matter.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from hhperf.analysis.samples import BoolArray, FloatArray, IntArray

_ELEMENTS = 50_000  # per work array: it stays in the processor's cache, whatever the data's size
_MIN_ROWS = 16  # the matrix product over the cells reads them all for each block of rows
_WORTH_GROUPING = 5_000


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Clusters drawn one by one, then groups of clusters drawn as one.

    Attributes:
        members: one cluster of each cell: the single ones first, then one for each group.
        cell_of: cell of each single cluster, -1 for those in groups; shape (n_clusters,).
        singles: how many cells hold a single cluster.
        group_sizes: clusters in each group.
    """

    members: IntArray
    cell_of: IntArray
    singles: int
    group_sizes: IntArray

    def draw(self, replicates: int, width: int, seed: int) -> Iterator[FloatArray]:
        """Yield how often each cell was drawn, (rows, cells), a bounded number of rows at a time.

        Args:
            replicates: rows in all.
            width: columns of the caller's own work array, which the bound has to allow for.
            seed: of the generator.
        """
        rng = np.random.default_rng(seed)
        rows = max(_MIN_ROWS, _ELEMENTS // max(len(self.members), width))
        fill = self._fill if len(self.group_sizes) else self._fill_singles
        for start in range(0, replicates, rows):
            counts = np.empty((min(rows, replicates - start), len(self.members)))
            fill(counts, rng)
            yield counts

    def _fill_singles(self, counts: FloatArray, rng: np.random.Generator) -> None:
        drawn = rng.integers(0, self.singles, counts.shape)
        for row, clusters in zip(counts, drawn, strict=True):
            row[:] = np.bincount(clusters, minlength=self.singles)

    def _fill(self, counts: FloatArray, rng: np.random.Generator) -> None:
        grouped = int(self.group_sizes.sum())
        total = self.singles + grouped
        into_groups = rng.binomial(total, grouped / total, len(counts))
        for row, count in zip(counts, into_groups, strict=True):
            drawn = rng.integers(0, max(self.singles, 1), total - count)
            row[: self.singles] = np.bincount(drawn, minlength=self.singles)[: self.singles]
            row[self.singles :] = rng.multinomial(count, self.group_sizes / grouped)


def make_cells(single: BoolArray, traits: Sequence[IntArray]) -> Cells:
    """Group the clusters that need not be drawn one by one.

    Args:
        single: true for clusters that must stay apart, shape (n_clusters,).
        traits: what the statistic asks of a whole cluster, each of shape (n_clusters,); clusters
            that agree in all of them are grouped.
    """
    rest = np.flatnonzero(~single)
    first, sizes = _groups(rest, traits)
    # Drawing into groups costs more than drawing their clusters when there are few of those.
    if len(rest) < _WORTH_GROUPING or 8 * len(first) > len(rest):
        single = np.ones_like(single)
        first, sizes = rest[:0], sizes[:0]
    alone = np.flatnonzero(single)
    cell_of = np.full(len(single), -1, dtype=np.intp)
    cell_of[alone] = np.arange(len(alone))
    return Cells(np.concatenate([alone, first]), cell_of, len(alone), sizes)


def _groups(rest: IntArray, traits: Sequence[IntArray]) -> tuple[IntArray, IntArray]:
    # One 64-bit sum per cluster stands for all its traits; two that differ share a sum with
    # probability 2**-64.
    keys = np.zeros(len(rest), dtype=np.uint64)
    factors = np.random.default_rng(0).integers(1, 2**63, len(traits), dtype=np.uint64)
    for trait, factor in zip(traits, factors, strict=True):
        keys += trait[rest].astype(np.uint64) * factor
    _, first, sizes = np.unique(keys, return_index=True, return_counts=True)
    return rest[first], sizes.astype(np.intp)
