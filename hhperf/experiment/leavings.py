"""The keys that requests with a prefix of their own have written, until they are removed."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count


class Leavings:
    """Knows which keys no request will read any more.

    Args:
        prefix: what the prefixes of single requests begin with; nobody else uses it.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = f"{prefix}:"
        self._numbers = count()
        self._under_way: dict[str, list[str]] = {}
        self._ended: list[str] = []

    @contextmanager
    def request(self) -> Iterator[str]:
        """A prefix for one request; what is written under it is left behind when it ends."""
        number = str(next(self._numbers))
        self._under_way[number] = []
        try:
            yield self._prefix + number
        finally:
            self._ended += self._under_way.pop(number)

    def note(self, key: str) -> None:
        """Take note of a key that is written; what others read as well is let pass."""
        if key.startswith(self._prefix):
            number = key[len(self._prefix) :].partition(":")[0]
            # What is written for a request that has ended already is left behind at once.
            self._under_way.get(number, self._ended).append(key)

    def take(self) -> list[str]:
        """The keys that were left behind since this was asked."""
        taken, self._ended = self._ended, []
        return taken
