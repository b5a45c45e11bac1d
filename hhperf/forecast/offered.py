"""Latencies of requests that come at a rate, again and again: what a run under load would show."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from hhperf.errors import ForecastError
from hhperf.forecast.queueing import Network, simulate
from hhperf.forecast.taken_apart import Floats, Integers, Requests

APART_S = 1e4
"""Between requests that meet no other."""


@dataclass(frozen=True, slots=True)
class Load:
    """An open loop: Poisson arrivals in blocks that begin with nothing under way.

    Attributes:
        rate_hz: requests a second.
        seconds: how long a block lasts.
        rounds: blocks of each arm, together one run.
        burst: so many equal requests come at once, as they were recorded; 1 for none.
    """

    rate_hz: float
    seconds: float = 20.0
    rounds: int = 2
    burst: int = 1

    def __post_init__(self) -> None:
        if not (0 < self.rate_hz < np.inf and 0 < self.seconds < np.inf and self.rounds >= 1):
            raise ForecastError(f"{self}: rate, seconds and rounds must be above 0")
        if self.requests > MOST_REQUESTS:
            raise ForecastError(
                f"{self}: {self.requests:,.0f} requests a run are more than {MOST_REQUESTS:,}; take"
                " shorter blocks"
            )

    @property
    def requests(self) -> float:
        """How many a run has on the average."""
        return self.rate_hz * self.seconds * self.rounds

    def __str__(self) -> str:
        bursts = f" in bursts of {self.burst}" if self.burst > 1 else ""
        return f"{self.rate_hz:g}/s{bursts} for {self.seconds:g} s, {self.rounds} times"


MOST_REQUESTS = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One arm to be simulated."""

    network: Network
    pool: int
    coalesced: bool

    @classmethod
    def of(cls, requests: Requests, pool: int, *, coalesced: bool = False) -> "Side":
        """Of requests as they would be."""
        return cls(Network.of(requests, coalesced=coalesced), pool, coalesced)

    def alone(self) -> Floats:
        """Each request's latency when it meets no other, in seconds."""
        n = self.network.size
        arrivals = np.arange(n, dtype=np.float64) * APART_S
        return simulate(self.network, arrivals, self.pool) - arrivals

    def latencies(self, block: "Block", texts: Integers) -> Floats:
        """From when each request of a block was due to its answer, in seconds."""
        network = self.network.of_requests(block.requests)
        shared = texts[block.requests] if self.coalesced else None
        return simulate(network, block.arrivals, self.pool, shared) - block.arrivals


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Which requests come when; all arms of a comparison meet the same."""

    requests: Integers
    arrivals: Floats


def runs_of(
    sides: Sequence[Side],
    load: Load,
    texts: Integers,
    *,
    replicates: int,
    seed: int,
    as_logged: bool = False,
) -> Iterator[tuple[Floats, ...]]:
    """Latencies of each side in one run after another, shape (requests,), seconds.

    Each run draws its recorded requests anew by whole texts, and its arrivals: so runs differ by
    what sampling the recorded run and what offering the load again would change.

    Args:
        sides: what is compared.
        load: what is offered.
        texts: of the recorded requests, by which they are drawn.
        replicates: how many runs.
        seed: of the generator.
        as_logged: whether requests come in the order in which they were recorded, from a place that
            is drawn; else they are drawn one by one.
    """
    rng = np.random.default_rng(seed)
    members = np.split(np.argsort(texts, kind="stable"), np.cumsum(np.bincount(texts))[:-1])
    for _ in range(replicates):
        pool = np.concatenate(
            [members[each] for each in rng.integers(0, len(members), len(members))]
        )
        blocks = [
            _bursts(texts, load, rng)
            if load.burst > 1
            else _block(pool, len(texts), load, rng, as_logged=as_logged)
            for _ in range(load.rounds)
        ]
        blocks = [each for each in blocks if len(each.arrivals)]
        if blocks:
            yield tuple(
                np.concatenate([side.latencies(block, texts) for block in blocks]) for side in sides
            )


def _block(
    pool: Integers, n: int, load: Load, rng: np.random.Generator, *, as_logged: bool
) -> Block:
    count = rng.poisson(load.rate_hz * load.seconds)
    arrivals = np.sort(rng.uniform(0, load.seconds, count))
    if as_logged:
        return Block((rng.integers(n) + np.arange(count)) % n, arrivals)
    return Block(pool[rng.integers(0, len(pool), count)], arrivals)


def _bursts(texts: Integers, load: Load, rng: np.random.Generator) -> Block:
    """Recorded bursts in their order, from a place that is drawn; each as large as offered."""
    first = np.flatnonzero(np.diff(texts, prepend=-1))
    sizes = np.diff(first, append=len(texts))
    count = rng.poisson(load.rate_hz * load.seconds / load.burst)
    moments = np.sort(rng.uniform(0, load.seconds, count))
    chosen = (rng.integers(len(first)) + np.arange(count)) % len(first)
    within = np.arange(load.burst) % sizes[chosen][:, None]
    requests = (first[chosen][:, None] + within).ravel()
    return Block(requests, np.repeat(moments, load.burst))
