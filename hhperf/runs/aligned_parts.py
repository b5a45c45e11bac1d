"""A finished run in parts: the pairs of each brought together, without ever holding them all.

The observations of a pair lie close to each other in a paired run, since they were measured one
after the other. So a part is some row groups of the file, and only what is cut off at its ends is
brought together afterwards.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from hhperf.errors import RunError
from hhperf.runs.arrays import Flags, Integers
from hhperf.runs.columns import CACHE_COLUMNS, CATEGORIES, OBSERVATIONS
from hhperf.runs.observation import Arm
from hhperf.runs.pairs import COLUMNS, RecordedPairs, Statistic, align
from hhperf.runs.tables import Groups, read_groups
from hhperf.runs.told_times import EXCESS_COLUMNS

ROWS = 300_000
"""About so many observations make a part."""

MOST_APART = 2_000_000
"""Observations that may be left over in all, whose pairs lie across the ends of parts."""

LEVELS = ("tenant", "session", "text_key")
READ = tuple(dict.fromkeys((*COLUMNS, *CACHE_COLUMNS, *EXCESS_COLUMNS, "cache_failures")))


@dataclass(frozen=True, slots=True, eq=False)
class AlignedPart:
    """Some observations of a run.

    Attributes:
        pairs: those that are whole; None where there is none.
        table: all observations that were looked at, of the columns `READ` as far as they are new.
        rest: those whose pairs are not whole, of the columns `COLUMNS`.
        labels: the different values of each level, in the order of their appearance; a pair's
            cluster is the place of its value, or beyond all places where it has none.
    """

    pairs: RecordedPairs | None
    table: pa.Table
    rest: pa.Table
    labels: dict[str, pa.Array]


def parts_of(groups: Groups, rows: int | None = None) -> Iterator[tuple[int, ...]]:
    """Row groups that make a part each, in order."""
    waiting: list[int] = []
    count = 0
    for number, held in zip(groups.numbers, groups.rows, strict=True):
        waiting.append(number)
        count += held
        if count >= (rows or ROWS):
            yield tuple(waiting)
            waiting, count = [], 0
    if waiting:
        yield tuple(waiting)


def align_groups(path: Path, numbers: Sequence[int], statistic: Statistic) -> AlignedPart:
    """Read some row groups, and bring together what pairs are whole in them.

    Raises:
        RunError: the file is not readable.
    """
    table = read_groups(path, numbers, READ, CATEGORIES, schema=OBSERVATIONS)
    return align_part(table, statistic)


def align_rest(rests: Sequence[pa.Table], statistic: Statistic) -> AlignedPart:
    """Bring together what was left over at the ends of parts.

    Raises:
        RunError: the pairs' observations lie too far apart.
    """
    table = pa.concat_tables(rests)
    if len(table) > MOST_APART:
        raise RunError(
            f"{len(table):,} observations lie too far from the others of their pairs to be brought"
            " together in parts; compare it with more memory"
        )
    return align_part(table, statistic)


def align_part(table: pa.Table, statistic: Statistic) -> AlignedPart:
    """Bring together the pairs that are whole in some observations."""
    encoded = _encoded(table)
    whole = are_whole(np.asarray(table["pair"]))
    rest = _plain(table.select(COLUMNS).filter(pa.array(~whole)))
    pairs = align(encoded.filter(pa.array(whole)), statistic) if whole.any() else None
    labels = {name: _dictionary(encoded[name]) for name in LEVELS}
    return AlignedPart(pairs, table, rest, labels)


def are_whole(pair: Integers) -> Flags:
    """Of which observations every arm is there.

    Args:
        pair: of each observation; shape (rows,).
    """
    _, places, counts = np.unique(pair, return_inverse=True, return_counts=True)
    return np.asarray((counts == len(Arm))[places])


def _encoded(table: pa.Table) -> pa.Table:
    """With one dictionary for each level, of all observations, whole or not."""
    encoded = table.select(COLUMNS).combine_chunks()
    for name in LEVELS:
        if not pa.types.is_dictionary(encoded[name].type):
            place = encoded.column_names.index(name)
            encoded = encoded.set_column(place, name, encoded[name].dictionary_encode())
    return encoded


def _dictionary(column: pa.ChunkedArray) -> pa.Array:
    if column.num_chunks:
        return column.chunk(0).dictionary
    return pa.array([], column.type.value_type)


def _plain(table: pa.Table) -> pa.Table:
    """Without dictionaries, which may be far longer than what is left over."""
    return table.cast(pa.schema([(name, OBSERVATIONS.field(name).type) for name in COLUMNS]))
