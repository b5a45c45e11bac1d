"""Order statistics of values in parts."""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import numpy as np
import pytest
from numpy.typing import NDArray

from hhperf.analysis.passes import CODES, Part
from hhperf.analysis.selection import Place, Selection

T = TypeVar("T")


class InMemory:
    """Parts as they are."""

    def __init__(self, *parts: Part) -> None:
        self.parts = parts

    def each(self, function: Callable[..., T], *arguments: Any) -> Iterator[T]:
        """What the function gives for each."""
        return (function(part, *arguments) for part in self.parts)


def in_parts(**columns: NDArray[Any]) -> InMemory:
    """Columns cut into seven parts."""
    pieces = {name: np.array_split(values, 7) for name, values in columns.items()}
    return InMemory(*({name: each[n] for name, each in pieces.items()} for n in range(7)))


VALUES: dict[str, Callable[[np.random.Generator], NDArray[np.float64]]] = {
    "spread": lambda rng: rng.lognormal(0, 3, 5_000),
    "close": lambda rng: 1 + 1e-9 * rng.random(5_000),
    "tied": lambda rng: np.round(rng.lognormal(0, 1, 5_000), 1) + 0.1,
    "alike": lambda _: np.full(5_000, 0.25),
    "failed": lambda rng: np.where(rng.random(5_000) < 0.5, np.inf, rng.random(5_000) + 1e-9),
    "tiny": lambda rng: rng.random(5_000) * 1e-300,
}


@pytest.mark.parametrize("kind", VALUES)
def test_values_at_ranks_are_those_of_sorting(rng: np.random.Generator, kind: str) -> None:
    """Spread over orders of magnitude, next to each other, tied or endless."""
    values = VALUES[kind](rng)
    selection = Selection(in_parts(x=values))
    ranks = [0, 1, 17, 2_499, 4_750, 4_999]
    found = selection.values([Place((("x", 1.0),), rank, rank + 1) for rank in ranks])
    assert found == np.sort(values)[ranks].tolist()


def test_columns_are_ranked_together(rng: np.random.Generator) -> None:
    """One multiplied, one as it is."""
    x, y = rng.lognormal(0, 1, (2, 5_000))
    together = (("x", 0.8), ("y", 1.0))
    found = Selection(in_parts(x=x, y=y)).values([Place(together, 9_499, 9_500)])
    assert found == [np.sort(np.concatenate([0.8 * x, y]))[9_499]]


@pytest.mark.parametrize("kind", ["spread", "tied", "alike"])
def test_a_window_is_whole_and_knows_what_lies_below(rng: np.random.Generator, kind: str) -> None:
    """All of equal values are in it, each with its cluster."""
    values, codes = VALUES[kind](rng), rng.integers(0, 9, 5_000).astype(np.int32)
    passes = in_parts(x=values, **{CODES: codes})
    (window,) = Selection(passes, 9).windows([Place((("x", 1.0),), 1_000, 1_200)])
    low, high = np.sort(values)[[1_000, 1_199]]
    inside = (values >= low) & (values <= high)
    assert window.values.tolist() == np.sort(values[inside]).tolist()
    assert window.start == (values < low).sum()
    assert window.n == 5_000
    below, owned = (np.bincount(codes[each], minlength=9) for each in (values < low, inside))
    assert window.below.tolist() == below.tolist()
    assert np.bincount(window.owners, minlength=9).tolist() == owned.tolist()


def test_different_values_are_counted_up_to_enough(rng: np.random.Generator) -> None:
    """Those that differ by their last bits are told apart where there are few."""
    few = 1 + 1e-15 * rng.integers(0, 4, 500) * 2
    assert Selection(in_parts(x=few)).distinct(("x", 1.0), 50) == len(np.unique(few))
    assert Selection(in_parts(x=rng.random(500))).distinct(("x", 1.0), 50) == 50
