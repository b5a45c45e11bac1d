"""Where the parts of a large run are kept: on this machine's disk, or by the workers of a cluster.

Either way a pass takes the parts in the same order, so that it finds the same numbers.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future as AnyFuture
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from hhperf.analysis.passes import Part, Passes
from hhperf.errors import RunError
from hhperf.verdict.part_facts import Columns, PartFacts

if TYPE_CHECKING:
    from distributed import Client, Future

T = TypeVar("T")
Opening = Callable[..., tuple[PartFacts, Columns]]

THREADS = min(cpu_count() or 1, 4)
"""Parts that are worked on at once; each takes some 100 MB while it is read."""


class Parts(Passes, Protocol):
    """Parts that can be opened and added to."""

    def open(self, function: Opening, given: Iterable[Sequence[Any]]) -> Iterator[PartFacts]:
        """Make a part of each, and keep its columns.

        Args:
            function: gives the facts and the columns of a part.
            given: the function's arguments for each part.
        """

    def add(self, columns: Columns) -> None:
        """Keep one more part, which was made here."""

    def renew(self, function: Callable[..., Columns], given: Sequence[Any]) -> None:
        """Put further columns to each part.

        Args:
            function: of a part and what is given for it.
            given: for each part.
        """


class Stored(Mapping[str, NDArray[Any]]):
    """Columns in files, read anew each time they are asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __getitem__(self, name: str) -> NDArray[Any]:
        try:
            found: NDArray[Any] = np.load(self.folder / f"{name}.npy")
        except FileNotFoundError:
            raise KeyError(name) from None
        return found

    def __iter__(self) -> Iterator[str]:
        return (path.stem for path in sorted(self.folder.glob("*.npy")))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def put(self, columns: Columns) -> None:
        """Write further columns.

        Raises:
            RunError: there is no room for them.
        """
        try:
            self.folder.mkdir(exist_ok=True)
            for name, values in columns.items():
                np.save(self.folder / f"{name}.npy", values)
        except OSError as error:
            raise RunError(
                f"{self.folder}: cannot be written ({error}); a large run needs 60 bytes a pair of"
                " room for temporary files: set TMPDIR to a folder with more"
            ) from error


class LocalParts:
    """Parts in files of this machine.

    Args:
        folder: an empty one, for the files.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._parts: list[Stored] = []

    def open(self, function: Opening, given: Iterable[Sequence[Any]]) -> Iterator[PartFacts]:
        """Make a part of each, and keep its columns."""
        for facts, columns in _ahead(lambda arguments: function(*arguments), given):
            self.add(columns)
            yield facts

    def add(self, columns: Columns) -> None:
        """Keep one more part; one without pairs is an empty mapping."""
        part = Stored(self._folder / f"{len(self._parts):06}")
        part.put(columns)
        self._parts.append(part)

    def renew(self, function: Callable[..., Columns], given: Sequence[Any]) -> None:
        """Put further columns to each part."""
        for part, mine in zip(self._parts, given, strict=True):
            if len(part):
                part.put(function(part, mine))

    def each(self, function: Callable[..., T], *arguments: Any) -> Iterator[T]:
        """What a function gives for each part, in order."""
        whole = (part for part in self._parts if len(part))
        return _ahead(lambda part: function(part, *arguments), whole)


class DaskParts:
    """Parts in the memory of a Dask cluster's workers.

    Args:
        client: connected, not an asynchronous one.
    """

    def __init__(self, client: "Client") -> None:
        self._client = client
        self._parts: list[Future[Any]] = []
        self._empty: set[int] = set()

    def open(self, function: Opening, given: Iterable[Sequence[Any]]) -> Iterator[PartFacts]:
        """Make a part of each at its worker, and keep its columns there."""
        opened = [self._submit(function, *arguments) for arguments in given]
        facts = [self._submit(_first, each) for each in opened]
        self._parts += [self._submit(_second, each) for each in opened]
        sizes = [self._submit(len, each) for each in self._parts]
        del opened
        self._empty = {n for n, size in enumerate(self._results(sizes)) if not size}
        yield from self._results(facts)

    def add(self, columns: Columns) -> None:
        """Send one more part to a worker."""
        if not columns:
            self._empty.add(len(self._parts))
        self._parts.append(self._scattered(columns))

    def renew(self, function: Callable[..., Columns], given: Sequence[Any]) -> None:
        """Put further columns to each part."""
        self._parts = [
            part if number in self._empty else self._submit(_with, part, function, mine)
            for number, (part, mine) in enumerate(zip(self._parts, given, strict=True))
        ]

    def each(self, function: Callable[..., T], *arguments: Any) -> Iterator[T]:
        """What a function gives for each part, in order."""
        sent = self._scattered(arguments, broadcast=True)
        parts = [part for n, part in enumerate(self._parts) if n not in self._empty]
        return self._results([self._submit(_applied, part, function, sent) for part in parts])

    def _scattered(self, data: Any, *, broadcast: bool = False) -> "Future[Any]":
        # In a list: what is scattered as it is may be taken apart.
        (sent,) = self._client.scatter([data], broadcast=broadcast, hash=False)  # type: ignore[no-untyped-call]
        found: Future[Any] = sent
        return found

    def _submit(self, function: Callable[..., Any], *arguments: Any) -> "Future[Any]":
        return self._client.submit(function, *arguments, pure=False)

    def _results(self, futures: Sequence["Future[Any]"]) -> Iterator[Any]:
        """In order, each forgotten once it is taken."""
        waiting = list(reversed(futures))
        del futures
        while waiting:
            try:
                yield waiting.pop().result()
            except RunError:
                raise
            except Exception as error:
                raise RunError(f"a Dask worker could not go on: {error}") from error


def _ahead(function: Callable[[Any], T], given: Iterable[Any]) -> Iterator[T]:
    """The results in order, some of them made while others are being taken."""
    waiting: deque[AnyFuture[T]] = deque()
    with ThreadPoolExecutor(THREADS) as pool:
        for each in given:
            if len(waiting) == THREADS:
                yield waiting.popleft().result()
            waiting.append(pool.submit(function, each))
        while waiting:
            yield waiting.popleft().result()


def _first(both: tuple[PartFacts, Columns]) -> PartFacts:
    return both[0]


def _second(both: tuple[PartFacts, Columns]) -> Columns:
    return both[1]


def _with(part: Part, function: Callable[..., Columns], given: Any) -> Columns:
    return {**part, **function(part, given)}


def _applied(part: Part, function: Callable[..., T], arguments: Sequence[Any]) -> T:
    return function(part, *arguments)
