"""Latencies that do not fit into memory: parts, and passes over them.

A statistic that needs no more than counts and sums is taken in passes: something small of each
part, put together in the order of the parts. So it is the same wherever the parts are.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol, TypeVar

from numpy.typing import NDArray

from hhperf.analysis.samples import FloatArray

T = TypeVar("T")

Part = Mapping[str, NDArray[Any]]
"""Columns of some pairs by name, each of one length; read anew each time they are asked for."""

CODES = "codes"
"""The column with the cluster of each pair, where pairs are resampled in clusters."""

Column = tuple[str, float]
"""The name of a column of latencies, and what they are multiplied by."""


class Passes(Protocol):
    """Parts, wherever they are."""

    def each(self, function: Callable[..., T], *arguments: Any) -> Iterator[T]:
        """What a function gives for each part, in the order of the parts.

        Args:
            function: of a part and the arguments; found by its name wherever the parts are.
            arguments: alike for all parts.
        """


def column(part: Part, wanted: Column) -> FloatArray:
    """The latencies of a column, multiplied."""
    name, factor = wanted
    values: FloatArray = part[name]
    return values if factor == 1 else factor * values
