"""What every replay is planned by: a log, which of its requests, and what the caches hold."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import numpy as np

from hhperf.harness.target import Request, asks_for
from hhperf.runs.arrays import Integers
from hhperf.runs.metadata import LogFacts
from hhperf.runs.observation import Arm
from hhperf.shown import Displayed


class Log(Protocol):
    """A query log, as far as a plan needs it."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> Request: ...

    @property
    def source(self) -> str:
        """Where it came from."""

    @property
    def sha256(self) -> str:
        """The hash of its requests."""


class CacheState(StrEnum):
    """What the caches hold when a request is measured.

    Example:
        >>> [str(state) for state in hhperf.CacheState]
        ['cold', 'warm', 'natural']
    """

    COLD = "cold"
    """Nothing: no request profits from one before it."""

    WARM = "warm"
    """Everything: each distinct request has been sent through every arm before."""

    NATURAL = "natural"
    """What the requests before it have left, as in production."""


class Order(StrEnum):
    """How requests are taken from the log."""

    LOG = "log"
    """As logged."""

    DRAW = "draw"
    """Drawn with replacement."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ReplayPlan(Displayed, ABC):
    """What every replay is planned by.

    Attributes:
        log: the query log.
        picks: which of its requests to measure, in order; shape (n,).
        warm_up: which requests to send and discard first.
        order: how requests were taken from the log.
        cache_state: what the caches hold when measuring begins.
        timeout_s: when a request is given up.
        seed: what the draws came from.
    """

    log: Log
    picks: Integers
    warm_up: Integers
    order: Order
    cache_state: CacheState
    timeout_s: float
    seed: int

    @property
    @abstractmethod
    def arms(self) -> tuple[Arm, ...]:
        """The arms that are measured, in their usual order."""

    def distinct_requests(self) -> list[Request]:
        """The measured requests, each kind once: what a warm cache has seen."""
        requests = (self.log[int(index)] for index in np.unique(self.picks))
        return list({asks_for(request): request for request in requests}.values())

    def log_facts(self) -> LogFacts:
        """What the run's metadata say of the log."""
        return LogFacts(Path(self.log.source).name, self.log.sha256, len(self.log))


def draws_and_orders(
    seed: int, purpose: str = ""
) -> tuple[np.random.Generator, np.random.Generator]:
    """What requests are drawn by, and the orders of the arms: neither changes the other.

    Args:
        seed: of both.
        purpose: draws for another one are others.
    """
    draws, orders = np.random.SeedSequence([seed, *purpose.encode()]).spawn(2)
    return np.random.default_rng(draws), np.random.default_rng(orders)
