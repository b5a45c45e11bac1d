"""Callers that ask for the same thing at the same time share one fetch."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from hhperf.search.usage import counted

T = TypeVar("T")


@dataclass(slots=True)
class _Flight(Generic[T]):
    task: asyncio.Task[T]
    waiters: int = 0


class RequestCoalescer(Generic[T]):
    """Shares one fetch per key among all who ask while it is in flight.

    The key leaves with the fetch's end, so a later call fetches anew. A caller that is cancelled
    leaves the others waiting; when the last one has gone the fetch itself is cancelled and awaited.
    """

    def __init__(self) -> None:
        self._flights: dict[str, _Flight[T]] = {}

    @property
    def pending_count(self) -> int:
        """How many fetches are in flight."""
        return len(self._flights)

    async def get_or_fetch(self, key: str, fetcher: Callable[[], Awaitable[T]]) -> T:
        """The result of the fetch in flight for this key, started here if there is none.

        Raises:
            BaseException: whatever the fetcher raised, to every caller alike.
        """
        flight = self._flights.get(key)
        if flight is None:
            flight = self._start(key, fetcher)
        flight.waiters += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiters -= 1
            if flight.waiters == 0 and not flight.task.done():
                self._forget(key, flight)
                flight.task.cancel()
                await asyncio.wait([flight.task])

    def _start(self, key: str, fetcher: Callable[[], Awaitable[T]]) -> _Flight[T]:
        async def fetch() -> T:
            try:
                return await fetcher()  # inside the task: one that raises at once behaves like any
            finally:
                self._forget(key, flight)  # before a waiter wakes: who asks then fetches anew

        flight = _Flight(asyncio.create_task(counted(fetch())))
        self._flights[key] = flight
        flight.task.add_done_callback(_look_at)
        return flight

    def _forget(self, key: str, flight: _Flight[T]) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]


class Uncoalesced(RequestCoalescer[T]):
    """Shares nothing: every caller fetches for itself, to measure what sharing is worth."""

    async def get_or_fetch(
        self,
        key: str,  # noqa: ARG002  of those that share
        fetcher: Callable[[], Awaitable[T]],
    ) -> T:
        """The result of a fetch of one's own, whatever is in flight.

        Raises:
            BaseException: whatever the fetcher raised.
        """
        return await fetcher()


def _look_at(task: asyncio.Task[T]) -> None:
    """See the fetch's error: every waiter may have gone before it failed."""
    if not task.cancelled():
        task.exception()
