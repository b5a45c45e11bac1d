"""What one search uses: database connections, statements, bytes, processor time."""

from collections.abc import Awaitable, Coroutine, Generator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from time import perf_counter_ns, thread_time_ns
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")


class Drawn(NamedTuple):
    """What a connection has used; None for what is not known of it."""

    sent_bytes: int | None
    received_bytes: int | None
    parsing_ns: int
    database_ns: int | None


@dataclass(slots=True)
class Usage:
    """What a search has used so far; searches that share a fetch leave it to who asked first.

    Attributes:
        connections: database connections held at once, at most.
        connection_ns: for how long connections were held, each for itself.
        statement_ns: from asking the database to its answer, over all statements.
        sent_bytes: to the database; None where that is not known.
        received_bytes: from the database; None where that is not known.
        service_ns: processor time of this process in the search's own steps, and in reading what
            the database sent.
        database_ns: processor time of the database's processes that served the search; None where
            that is not known.
        cache_failures: how often the cache could not be asked or told.
    """

    connections: int = 0
    connection_ns: int = 0
    statement_ns: int = 0
    sent_bytes: int | None = 0
    received_bytes: int | None = 0
    service_ns: int = 0
    database_ns: int | None = 0
    cache_failures: int = 0
    _held: int = 0

    def take(self) -> None:
        """A connection is held from now on."""
        self._held += 1
        self.connections = max(self.connections, self._held)

    def give_back(self, held_ns: int, drawn: Drawn) -> None:
        """It was held so long, and used so much."""
        self._held -= 1
        self.connection_ns += held_ns
        self.sent_bytes = _sum(self.sent_bytes, drawn.sent_bytes)
        self.received_bytes = _sum(self.received_bytes, drawn.received_bytes)
        self.service_ns += drawn.parsing_ns
        self.database_ns = _sum(self.database_ns, drawn.database_ns)


def _sum(known: int | None, more: int | None) -> int | None:
    return None if known is None or more is None else known + more


_CURRENT: ContextVar[Usage | None] = ContextVar("usage", default=None)


def current_usage() -> Usage | None:
    """That of the search under way here; None outside of any."""
    return _CURRENT.get()


async def using(usage: Usage, work: Coroutine[Any, Any, T]) -> T:
    """Do the work of a search, and count what it uses, also in tasks made by `counted`."""
    before = _CURRENT.set(usage)
    try:
        return await _Steps(work, usage)
    finally:
        _CURRENT.reset(before)


def counted(work: Coroutine[Any, Any, T]) -> Coroutine[Any, Any, T]:
    """The same work for a task of its own, its processor time that of the search under way here."""
    usage = _CURRENT.get()
    return work if usage is None else _Steps(work, usage)


@contextmanager
def asking() -> Iterator[None]:
    """Within the block the search under way here waits for the database's answer."""
    usage, begun_ns = _CURRENT.get(), perf_counter_ns()
    try:
        yield
    finally:
        if usage is not None:
            usage.statement_ns += perf_counter_ns() - begun_ns


class _Steps(Coroutine[Any, Any, T], Awaitable[T]):
    """A coroutine of which each step, from one wait to the next, adds its processor time.

    The event loop has one thread, and what it does between two steps is not the search's: reading
    sockets, other searches. No step is within another: a task is driven by the loop alone.
    """

    __slots__ = ("_usage", "_work")

    def __init__(self, work: Coroutine[Any, Any, T], usage: Usage) -> None:
        self._work = work
        self._usage = usage

    def send(self, value: Any) -> Any:
        begun_ns = thread_time_ns()
        try:
            return self._work.send(value)
        finally:
            self._usage.service_ns += thread_time_ns() - begun_ns

    def throw(self, *raised: Any) -> Any:
        begun_ns = thread_time_ns()
        try:
            return self._work.throw(*raised)
        finally:
            self._usage.service_ns += thread_time_ns() - begun_ns

    def close(self) -> None:
        self._work.close()

    def __await__(self) -> Generator[Any, Any, T]:
        return self  # to await, an iterator with `throw` is enough

    def __iter__(self) -> "_Steps[T]":
        return self

    def __next__(self) -> Any:
        return self.send(None)
