"""When a claim holds, in as few conditions as the cells of a map allow."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from hhperf.analysis.decision import Verdict
from hhperf.forecast.map_cells import Cell, Place

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Rule:
    """Conditions that together hold in cells of one verdict alone.

    Attributes:
        conditions: in words; none where all cells have the verdict.
        cells: how many they hold in.
    """

    conditions: tuple[str, ...]
    cells: int

    def __str__(self) -> str:
        return ", ".join(self.conditions) or "always"


@dataclass(frozen=True, slots=True, eq=False)
class _Condition:
    words: str
    holds: Mask


def rules_of(cells: Sequence[Cell], verdict: Verdict) -> tuple[Rule, ...]:
    """Rules that cover all cells with a verdict and no other, the widest first.

    A rule fixes axes: a profile, the reranker, the caches, the most or least load, pool and
    candidates. Of all rules that hold in no other cell, the one that covers most of what is not
    covered yet is taken, then the next (the greedy set cover of Chvátal, 1979). They speak of the
    cells' own values and of nothing between or beyond them.
    """
    wanted = np.array([each.verdict is verdict for each in cells], dtype=np.bool_)
    pure = [
        each for each in _conjunctions([cell.place for cell in cells]) if _is_pure(each, wanted)
    ]
    found, left = [], wanted.copy()
    while left.any():
        best = max(pure, key=lambda each: (int((_mask(each) & left).sum()), -len(_said(each))))
        found.append(Rule(_said(best), int(_mask(best).sum())))
        left &= ~_mask(best)
    return tuple(found)


Conjunction = tuple[_Condition, ...]


def _conjunctions(places: Sequence[Place]) -> list[Conjunction]:
    return list(product(*_axes(places)))


def _is_pure(conjunction: Conjunction, wanted: Mask) -> bool:
    mask = _mask(conjunction)
    return bool(mask.any()) and not bool((mask & ~wanted).any())


def _mask(conjunction: Conjunction) -> Mask:
    found: Mask = np.logical_and.reduce([each.holds for each in conjunction])
    return found


def _said(conjunction: Conjunction) -> tuple[str, ...]:
    return tuple(each.words for each in conjunction if each.words)


def _axes(places: Sequence[Place]) -> Iterator[list[_Condition]]:
    anywhere = _Condition("", np.ones(len(places), dtype=np.bool_))

    def of(words: str, holds: Callable[[Place], bool]) -> _Condition:
        return _Condition(words, np.array([holds(each) for each in places], dtype=np.bool_))

    profiles = sorted({each.profile for each in places})
    yield [anywhere, *(of(f"under {name}", _is("profile", name)) for name in profiles)]
    if len({each.rerank for each in places}) > 1:
        words = ((True, "with a reranker"), (False, "without a reranker"))
        yield [anywhere, *(of(said, _is("rerank", on)) for on, said in words)]
    if len({each.cache for each in places}) > 1:
        words_of = {"cold": "with cold caches", "warm": "with warm lookups"}
        yield [anywhere, *(of(said, _is("cache", name)) for name, said in words_of.items())]
    for name, unit in (
        ("rate_hz", "requests a second"), ("pool", "connections"), ("candidates", "candidates")
    ):  # fmt: skip
        values = sorted({getattr(each, name) for each in places} - {None})
        if len(values) > 1:
            yield [anywhere, *_bounds(of, name, values, unit)]


def _bounds(
    of: Callable[[str, Callable[[Place], bool]], _Condition],
    name: str,
    values: Sequence[float],
    unit: str,
) -> Iterator[_Condition]:
    for low in range(len(values)):
        for high in range(low, len(values)):
            if (low, high) != (0, len(values) - 1):
                at = values[low], values[high]
                yield of(_range(at, values, unit), _within(name, *at))


def _range(at: tuple[float, float], values: Sequence[float], unit: str) -> str:
    low, high = (f"{each:,.10g}" for each in at)
    if at[1] == 0:
        return "without other requests"
    if at[0] == at[1] and at[0] not in (values[0], values[-1]):
        return f"at {low} {unit}"
    if at[0] == values[0]:
        return f"at most {high} {unit}"
    return f"at least {low} {unit}" if at[1] == values[-1] else f"{low} to {high} {unit}"


def _is(name: str, value: object) -> Callable[[Place], bool]:
    return lambda place: getattr(place, name) == value


def _within(name: str, low: float, high: float) -> Callable[[Place], bool]:
    """Requests that meet no other do not know the size of the pool: it may be any."""

    def holds(place: Place) -> bool:
        value = getattr(place, name)
        return value is None or low <= value <= high

    return holds
