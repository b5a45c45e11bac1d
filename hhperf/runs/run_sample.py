"""Some pairs of a run that is larger than memory: for what is shown beside its savings."""

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from hhperf.errors import RunError
from hhperf.runs.aligned_parts import are_whole
from hhperf.runs.columns import CATEGORIES, OBSERVATIONS
from hhperf.runs.observation import Arm
from hhperf.runs.run import Run
from hhperf.runs.tables import Groups, categorised, read_groups

ROWS = 90_000
"""Observations of a sample: 30,000 pairs, of which 300 lie beyond p99."""

STRETCHES = 24
"""The sample comes from so many places, so that it has the whole length of the run in it."""


class RunSample(Run):
    """Whole pairs of a finished run, from stretches that are spread evenly over it.

    It reads as a run of these pairs. They are chosen by their place alone; the first stretch begins
    where the run does, and the last one ends with it. A pair that lies across the end of a row
    group is never among them.

    Args:
        run: finished and paired.
        rows: about how many observations to take; `ROWS` when None.

    Raises:
        RunError: the run is not finished, not readable, or damaged; or no pair is whole.
    """

    def __init__(self, run: Run, rows: int | None = None) -> None:
        super().__init__(run.path, run.metadata, undamaged_only=run.undamaged_only)
        groups = self.groups()
        if groups is None:
            raise RunError(f"{run.path}: is not finished; only a finished run is read in parts")
        self.of_pairs = sum(groups.rows) // len(Arm)
        table = pa.concat_tables(_stretches(groups, (rows or ROWS) // len(Arm)))
        if not len(table):
            raise RunError(f"{run.path}: has no pair whose observations lie together")
        self._sample = categorised(table.combine_chunks(), CATEGORIES)

    @property
    def sampled(self) -> str:
        """Of how many pairs it is a sample, in words."""
        return f"a sample of {self.of_pairs:,}"

    def table(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Some columns of the sample's observations, all of them when None."""
        return self._sample if columns is None else self._sample.select(columns)


def _stretches(groups: Groups, pairs: int) -> Iterator[pa.Table]:
    """Pairs that follow each other and are whole in a row group, from each of some."""
    last = len(groups.numbers) - 1
    places = np.unique(np.linspace(0, last, STRETCHES).round().astype(np.int64))
    for place in places.tolist():
        numbers = [groups.numbers[place]]
        table = read_groups(groups.path, numbers, OBSERVATIONS.names, schema=OBSERVATIONS)
        pair = np.asarray(table["pair"])
        whole = np.unique(pair[are_whole(pair)])
        count = min(len(whole), max(pairs // len(places), 1))
        first = (len(whole) - count) * place // max(last, 1)
        mine = np.isin(pair, whole[first : first + count])
        yield table.take(np.flatnonzero(mine))  # a slice would keep the whole group
