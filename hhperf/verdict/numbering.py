"""Numbers for what pairs are resampled by, over parts that each have numbers of their own."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

MOST = 1 << 20
"""Clusters that get a number of their own; further ones are put into as many groups.

A group of whole clusters is a cluster: its parts are as independent of other groups as they are.
"""

Numbers = NDArray[np.int32]


class Numbering:
    """Numbers from 0 by first appearance, the same as in memory.

    Attributes:
        most: numbers there are.
        crowded: whether there were more values than numbers, so that some share one.
    """

    def __init__(self, most: int | None = None) -> None:
        self.most = most or MOST
        self.crowded = False
        self._unknown: list[NDArray[np.int64]] | None = []
        self._lengths: list[int] = []
        self._known: pa.Array | None = None

    @property
    def count(self) -> int:
        """How many values have a number of their own."""
        return 0 if self._known is None else len(self._known)

    def add(self, labels: pa.Array) -> Numbers:
        """The numbers of a part's values.

        Args:
            labels: different values, none of them null.
        """
        if self._known is None:
            self._known = labels.slice(0, 0)
        found = pc.index_in(labels, value_set=self._known)
        new = labels.filter(found.is_null())
        taken = new.slice(0, self.most - len(self._known))
        if len(taken):
            self._known = pa.concat_arrays([self._known, taken])
            found = pc.index_in(labels, value_set=self._known)
        numbers = np.asarray(found.fill_null(-1), dtype=np.int32)
        if len(taken) < len(new):
            self.crowded = True
            crowd = numbers < 0
            numbers = np.where(crowd, self._shared(labels), numbers).astype(np.int32)
        return numbers

    def add_unknown(self, pairs: NDArray[np.int64]) -> None:
        """Take in the pairs of a part that have no value, each a cluster of its own."""
        self._lengths.append(len(pairs))
        if self._unknown is not None:
            self._unknown.append(pairs)
        if sum(self._lengths) > self.most:
            self._unknown = None  # they will be in groups, and need not be kept

    def of_unknown(self) -> list[Numbers]:
        """Numbers for the pairs without a value, part by part: after all values, by pair."""
        total = self.count + sum(self._lengths)
        if self._unknown is None or total > self.most:
            self.crowded = True
            places = np.arange(self.count, total, dtype=np.int64) % self.most
        else:
            pairs = np.concatenate(self._unknown)
            places = self.count + np.searchsorted(np.sort(pairs), pairs)
        return np.split(places.astype(np.int32), np.cumsum(self._lengths)[:-1])

    def _shared(self, labels: pa.Array) -> NDArray[np.int64]:
        values = labels.to_numpy(zero_copy_only=False)
        hashed = np.asarray(pd.util.hash_array(values), dtype=np.uint64)
        return (hashed % np.uint64(self.most)).astype(np.int64)
