"""What the pairs of a large run are resampled by: tenants, sessions or texts of all its parts."""

import numpy as np

from hhperf.analysis.passes import CODES, Part
from hhperf.analysis.samples import IntArray
from hhperf.analysis.tallies import summed
from hhperf.verdict.numbering import Numbering, Numbers
from hhperf.verdict.part_facts import Columns, PartFacts
from hhperf.verdict.part_store import Parts

LEVELS = {"tenant": "tenant", "session": "session", "text": "text_key"}
"""What levels are called, and the columns that hold them."""


class Level:
    """Numbers the clusters of one level as parts come in.

    Args:
        name: of the level, one of `LEVELS`.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._column = LEVELS[name]
        self._numbering = Numbering()
        self._numbers: list[Numbers] = []

    def take(self, facts: PartFacts) -> None:
        """Take in the values of one more part."""
        self._numbers.append(self._numbering.add(facts.labels[self._column]))
        self._numbering.add_unknown(facts.unknown[self._column])

    def number(self, parts: Parts) -> IntArray:
        """Give each pair the number of its cluster, and say how many pairs have each."""
        without = self._numbering.of_unknown()
        parts.renew(
            _numbered,
            [
                (self._column, np.concatenate([mine, others]), len(mine))
                for mine, others in zip(self._numbers, without, strict=True)
            ],
        )
        count = min(self._numbering.count + sum(map(len, without)), self._numbering.most)
        return np.asarray(summed(parts.each(_sizes, self._column, count)), dtype=np.intp)

    def settle(self, parts: Parts, sizes: IntArray) -> IntArray:
        """Resample by this level: pairs in each cluster that has any, shape (n_clusters,)."""
        is_used = sizes > 0
        packed = (np.cumsum(is_used) - 1).astype(np.int32)
        parts.renew(_packed, [(self._column, packed)] * len(self._numbers))
        return sizes[is_used]

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was not done exactly, in words."""
        if not self._numbering.crowded:
            return ()
        most = self._numbering.most
        return (
            f"there are more than {most:,} clusters by {self.name}: those beyond are resampled in"
            " groups, drawn by chance, and their number is that of the groups",
        )


def _numbered(part: Part, given: tuple[str, Numbers, int]) -> Columns:
    """The number of each pair; those without a value are counted on, in order."""
    column, numbers, values = given
    codes = part[column].astype(np.intp)
    unknown = codes >= values
    codes[unknown] = values + np.arange(unknown.sum())
    return {_name(column): numbers[codes]}


def _sizes(part: Part, column: str, count: int) -> IntArray:
    return np.bincount(part[_name(column)], minlength=count)


def _packed(part: Part, given: tuple[str, Numbers]) -> Columns:
    column, packed = given
    return {CODES: packed[part[_name(column)]]}


def _name(column: str) -> str:
    return f"{column} number"
