"""Exact order statistics of more values than fit into memory, in three passes.

The bits of positive floats are ordered as the floats are. A first pass counts values by their
highest bits, a second by further bits within the few bins that hold a wanted rank, and a third
keeps what is in the few finer bins: their share is some 1e-7 of the values that are nearby.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from hhperf.analysis.estimators import Window
from hhperf.analysis.passes import CODES, Column, Part, Passes, column
from hhperf.analysis.samples import FloatArray, IntArray

Counts = NDArray[np.int64]
Keys = NDArray[np.uint64]
Inside = tuple[FloatArray, NDArray[np.integer], Counts]
"""Values, the cluster of each, and how many of each cluster lie below them."""

_COARSE, _FINE = 44, 28
"""How many lowest bits of a value are left out of its bin, and of its finer bin."""
_COARSE_BINS, _FINE_BINS = 1 << 63 - _COARSE, 1 << _COARSE - _FINE


@dataclass(frozen=True, slots=True)
class Place:
    """Some ranks of the values of one or several columns together.

    Attributes:
        columns: whose values are ranked together.
        start: the first place, from 0.
        stop: one past the last.
    """

    columns: tuple[Column, ...]
    start: int
    stop: int


@dataclass(frozen=True, slots=True, eq=False)
class _Stretch:
    """Whole finer bins that hold some ranks.

    Attributes:
        columns: whose values are ranked together.
        low: key of the least value.
        high: one past the key of the greatest.
        below: how many values lie below.
    """

    columns: tuple[Column, ...]
    low: int
    high: int
    below: int


@dataclass(slots=True)
class Selection:
    """Finds values by their ranks.

    Attributes:
        passes: over the values.
        clusters: how many there are; None for single pairs.
    """

    passes: Passes
    clusters: int | None = None
    _coarse: dict[Column, Counts] = field(default_factory=dict)

    def values(self, places: Sequence[Place]) -> list[float]:
        """The value at the first rank of each place."""
        stretches = self._stretches(places)
        found = _put_together(self.passes.each(_distinct, stretches))
        return [
            float(values[np.searchsorted(each.below + np.cumsum(counts), place.start, "right")])
            for place, each, (values, counts) in zip(places, stretches, found, strict=True)
        ]

    def windows(self, places: Sequence[Place]) -> list[Window]:
        """The values at all ranks of each place, with what is equal to the first and the last.

        Args:
            places: each of one column.
        """
        stretches = self._stretches(places)
        inside: list[list[tuple[FloatArray, NDArray[np.integer]]]] = [[] for _ in places]
        below: list[Counts | int] = [0] * len(places)
        for part in self.passes.each(_inside, stretches, self.clusters):
            for number, (values, owners, under) in enumerate(part):
                inside[number].append((values, owners))
                below[number] = below[number] + under
        return [
            self._window(place, each, *_sorted(pieces), np.asarray(under))
            for place, each, pieces, under in zip(places, stretches, inside, below, strict=True)
        ]

    def distinct(self, wanted: Column, enough: int) -> int:
        """How many different values a column has, counted up to so many."""
        self._count([wanted])
        found = int(np.count_nonzero(self._coarse[wanted]))
        if found >= enough:
            return enough
        values = np.concatenate(list(self.passes.each(_least_distinct, wanted, enough)))
        return min(len(np.unique(values)), enough)

    def _window(
        self, place: Place, stretch: _Stretch, values: FloatArray, owners: IntArray, below: Counts
    ) -> Window:
        first, last = values[place.start - stretch.below], values[place.stop - 1 - stretch.below]
        start = int(np.searchsorted(values, first, "left"))
        stop = int(np.searchsorted(values, last, "right"))
        n = int(self._coarse[stretch.columns[0]].sum())
        if self.clusters is not None:
            below = below + np.bincount(owners[:start], minlength=self.clusters)
        return Window(
            values[start:stop],
            owners[start:stop].astype(np.intp),
            below.astype(np.intp),
            stretch.below + start,
            n,
        )

    def _stretches(self, places: Sequence[Place]) -> list[_Stretch]:
        self._count(list(chain.from_iterable(place.columns for place in places)))
        ends = [(place.columns, rank) for place in places for rank in (place.start, place.stop - 1)]
        coarse = [_bin_of(self._together(columns), rank) for columns, rank in ends]
        bins = [(columns, number) for (columns, _), (number, _) in zip(ends, coarse, strict=True)]
        wanted = list(dict.fromkeys(bins))
        fine = dict(zip(wanted, _summed(self.passes.each(_fine_counts, wanted)), strict=True))
        found = []
        for (columns, rank), each, (number, before) in zip(ends, bins, coarse, strict=True):
            finer, within = _bin_of(fine[each], rank - before)
            found.append((columns, (number * _FINE_BINS + finer) << _FINE, before + within))
        return [
            _Stretch(first[0], first[1], last[1] + (1 << _FINE), first[2])
            for first, last in zip(found[::2], found[1::2], strict=True)
        ]

    def _count(self, columns: Sequence[Column]) -> None:
        missing = [each for each in dict.fromkeys(columns) if each not in self._coarse]
        if missing:
            counts = _summed(self.passes.each(_coarse_counts, missing))
            self._coarse |= dict(zip(missing, counts, strict=True))

    def _together(self, columns: tuple[Column, ...]) -> Counts:
        counts: Counts = np.sum([self._coarse[each] for each in columns], axis=0)
        return counts


def _keys(values: FloatArray) -> Keys:
    return np.ascontiguousarray(values).view(np.uint64)


def _bin_of(counts: Counts, rank: int) -> tuple[int, int]:
    """The bin with the value of a rank from 0, and how many values lie in the bins before it."""
    upto = np.cumsum(counts)
    number = int(np.searchsorted(upto, rank, "right"))
    return number, int(upto[number - 1]) if number else 0


def _coarse_counts(part: Part, columns: Sequence[Column]) -> list[Counts]:
    return [
        np.bincount(
            (_keys(column(part, each)) >> np.uint64(_COARSE)).astype(np.int64),
            minlength=_COARSE_BINS,
        )
        for each in columns
    ]


def _fine_counts(part: Part, bins: Sequence[tuple[tuple[Column, ...], int]]) -> list[Counts]:
    """Values by finer bin, for each bin of some columns together."""
    found = np.zeros((len(bins), _FINE_BINS), dtype=np.int64)
    for each in dict.fromkeys(chain.from_iterable(columns for columns, _ in bins)):
        keys = _keys(column(part, each))
        coarse = (keys >> np.uint64(_COARSE)).astype(np.int64)
        for row, (columns, number) in enumerate(bins):
            if each in columns:
                inside = keys[coarse == number] >> np.uint64(_FINE)
                finer = (inside & np.uint64(_FINE_BINS - 1)).astype(np.int64)
                found[row] += np.bincount(finer, minlength=_FINE_BINS)
    return list(found)


def _least_distinct(part: Part, wanted: Column, most: int) -> FloatArray:
    return np.unique(column(part, wanted))[:most]


def _sorted(
    pieces: Sequence[tuple[FloatArray, NDArray[np.integer]]],
) -> tuple[FloatArray, IntArray]:
    values, owners = (np.concatenate([each[kind] for each in pieces]) for kind in (0, 1))
    if not len(owners):
        return np.sort(values), owners
    order = np.argsort(values)
    return values[order], owners[order]


def _within(values: FloatArray, stretch: _Stretch) -> NDArray[np.bool_]:
    keys = _keys(values)
    return (keys >= np.uint64(stretch.low)) & (keys < np.uint64(stretch.high))


def _distinct(part: Part, stretches: Sequence[_Stretch]) -> list[tuple[FloatArray, Counts]]:
    """The different values in each stretch, and how often each is there."""
    found = []
    for each in stretches:
        columns = [column(part, one) for one in each.columns]
        inside = np.concatenate([values[_within(values, each)] for values in columns])
        found.append(np.unique(inside, return_counts=True))
    return found


def _inside(part: Part, stretches: Sequence[_Stretch], clusters: int | None) -> list[Inside]:
    """The values in each stretch, the cluster of each, and how many of each lie below it."""
    codes = None if clusters is None else part[CODES]
    found: list[Inside] = []
    for each in stretches:
        values = column(part, each.columns[0])
        inside = _within(values, each)
        if codes is None or clusters is None:
            none = np.empty(0, dtype=np.int32)
            found.append((values[inside], none, none.astype(np.int64)))
        else:
            under = codes[_keys(values) < np.uint64(each.low)]
            below = np.bincount(under, minlength=clusters)
            found.append((values[inside], codes[inside], below))
    return found


def _summed(parts: Iterable[Sequence[Counts]]) -> list[Counts]:
    total: list[Counts] = []
    for part in parts:
        total = [a + b for a, b in zip(total, part, strict=True)] if total else list(part)
    return total


def _put_together(
    parts: Iterable[Sequence[tuple[FloatArray, Counts]]],
) -> list[tuple[FloatArray, Counts]]:
    """Different values of all parts in order, each with how often it is there."""
    found = []
    for pieces in zip(*parts, strict=True):
        values, places = np.unique(
            np.concatenate([each[0] for each in pieces]), return_inverse=True
        )
        counts = np.zeros(len(values), dtype=np.int64)
        np.add.at(counts, places, np.concatenate([each[1] for each in pieces]))
        found.append((values, counts))
    return found
