"""The parts that targets stand on, as supervision knows them: by name, and whether they answer."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol, runtime_checkable


class Asker(Protocol):
    """Asks one part whether it is there, by a way of its own: none that requests take."""

    async def ask(self) -> None:
        """Ends when the part answers; whatever is raised says why it does not."""

    async def close(self) -> None:
        """Let go of everything."""


MakeAsker = Callable[[], Asker]


@runtime_checkable
class NeedsParts(Protocol):
    """A target that can tell which parts it stands on."""

    def needs(self) -> Mapping[str, MakeAsker]:
        """By name, such as `PostgreSQL`; of targets that stand on the same the names are equal."""


def needs_of(targets: Iterable[object]) -> dict[str, Asker]:
    """What asks each part that any of the targets stands on, once."""
    makers: dict[str, MakeAsker] = {}
    for target in targets:
        if isinstance(target, NeedsParts):
            makers |= target.needs()
    return {name: make() for name, make in makers.items()}


class PortAsker:
    """Whether anybody takes connections at a port: all that can be asked of any deployment."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port

    async def ask(self) -> None:
        """Connect, and hang up.

        Raises:
            OSError: nobody is there.
        """
        _, writer = await asyncio.open_connection(self._host, self._port)
        writer.close()

    async def close(self) -> None:
        """Nothing is held."""
