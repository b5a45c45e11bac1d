"""Seeded draws that come out the same on every machine and Python version.

Everything is built on `random.Random.random()`, the one method whose sequence Python promises to
keep for a given seed.
"""

import random
from bisect import bisect_right
from collections.abc import Sequence
from functools import cache
from itertools import accumulate
from typing import TypeVar

T = TypeVar("T")

Cumulative = Sequence[float]


def cumulative(weights: Sequence[float]) -> tuple[float, ...]:
    """The running shares of `weights`, ending at 1: what `Draw.weighted` takes."""
    total = sum(weights)
    return (*(running / total for running in accumulate(weights[:-1])), 1.0)


@cache
def zipf(count: int, exponent: float = 1.0) -> tuple[float, ...]:
    """Running shares of `count` ranks, rank r having weight r ** -exponent (Zipf's law)."""
    return cumulative([rank**-exponent for rank in range(1, count + 1)])


class Draw:
    """One stream of draws, named by a key: equal keys give equal streams."""

    __slots__ = ("uniform",)

    def __init__(self, *key: object) -> None:
        self.uniform = random.Random("/".join(map(str, key))).random

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self.uniform() < probability

    def integer(self, low: int, high: int) -> int:
        """A whole number from low to high, both possible."""
        return low + int(self.uniform() * (high - low + 1))

    def pick(self, items: Sequence[T]) -> T:
        """One of the items, all equally likely."""
        return items[int(self.uniform() * len(items))]

    def weighted(self, items: Sequence[T], shares: Cumulative) -> T:
        """One of the items, by running shares of the same length."""
        return items[bisect_right(shares, self.uniform())]

    def sample(self, items: Sequence[T], count: int, shares: Cumulative) -> list[T]:
        """`count` different items (all of them when there are fewer), likely ones first."""
        chosen: dict[T, None] = {}
        wanted = min(count, len(items))
        while len(chosen) < wanted:
            chosen[self.weighted(items, shares)] = None
        return list(chosen)
