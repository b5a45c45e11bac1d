"""Retries and the circuit breaker of a remote provider."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import monotonic
from typing import TypeVar

from hhperf.errors import HhperfError

T = TypeVar("T")


class ProviderError(HhperfError):
    """A provider did not answer, or answered what cannot be used.

    Attributes:
        passing: whether the same call may succeed when made again.
    """

    def __init__(self, message: str, *, passing: bool) -> None:
        super().__init__(message)
        self.passing = passing


@dataclass(slots=True)
class CircuitBreaker:
    """Opens after consecutive failures; while open, calls fail at once instead of piling up.

    After `open_s` the next call goes through: its success closes the circuit, its failure opens it
    again.
    """

    failures_to_open: int = 3
    open_s: float = 30.0
    clock: Callable[[], float] = monotonic
    _failures: int = 0
    _open_until: float = 0.0

    @property
    def is_open(self) -> bool:
        """Whether calls are refused just now."""
        return self._failures >= self.failures_to_open and self.clock() < self._open_until

    async def call(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Make the call unless the circuit is open.

        Raises:
            ProviderError: the circuit is open, or what the call raised.
        """
        if self.is_open:
            raise ProviderError("circuit open after repeated failures", passing=False)
        try:
            result = await attempt()
        except ProviderError:
            self._failures += 1
            self._open_until = self.clock() + self.open_s
            raise
        self._failures = 0
        return result


async def with_retries(
    attempt: Callable[[], Awaitable[T]], *, retries: int, wait_s: float = 0.2
) -> T:
    """Try again after `wait_s` × the number of attempts made, as long as the failure may pass.

    Raises:
        ProviderError: the last attempt's failure.
    """
    for made in range(1, retries + 1):
        try:
            return await attempt()
        except ProviderError as error:
            if not error.passing:
                raise
        await asyncio.sleep(wait_s * made)
    return await attempt()
