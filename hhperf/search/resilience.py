"""Retries and the circuit breaker of a remote provider."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from math import inf
from time import monotonic
from typing import TypeVar

from hhperf.errors import HhperfError

T = TypeVar("T")


class ProviderError(HhperfError):
    """A provider did not answer, or answered what cannot be used.

    Attributes:
        passing: whether the provider is at fault, so that the same call may succeed later; not
            when it is well and refuses what it was asked.
    """

    def __init__(self, message: str, *, passing: bool) -> None:
        super().__init__(message)
        self.passing = passing


@dataclass(slots=True)
class CircuitBreaker:
    """Opens after consecutive failures; while open, calls fail at once instead of piling up.

    After `open_s` one call goes through: its success closes the circuit, its failure opens it
    again. What the provider refuses counts as an answer, or a few odd texts would shut out all.
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
        self._open_until = inf  # if it was open, this call is the one that tries
        try:
            result = await attempt()
        except ProviderError as error:
            self._failures = self._failures + 1 if error.passing else 0
            self._open_until = self.clock() + self.open_s
            raise
        except BaseException:
            self._open_until = self.clock()  # cancelled: nothing was learnt, the next one tries
            raise
        self._failures = 0
        return result


async def with_retries(
    attempt: Callable[[], Awaitable[T]],
    *,
    retries: int,
    wait_s: float = 0.2,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
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
        await sleep(wait_s * made)
    return await attempt()
