"""Latencies of requests that come at a rate, again and again: what a run under load would show."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from hhperf.errors import ForecastError
from hhperf.forecast.queueing import Network, simulate
from hhperf.forecast.taken_apart import Floats, Integers, Requests

Arrivals = Sequence[Sequence[float] | Floats]
"""When requests come in each block, in seconds from its beginning, ascending."""

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
        arrivals: of each block, in seconds from its beginning, where they are known; else they are
            drawn anew for each run.
    """

    rate_hz: float
    seconds: float = 20.0
    rounds: int = 2
    burst: int = 1
    arrivals: tuple[tuple[float, ...], ...] | None = None

    def __post_init__(self) -> None:
        if not (0 < self.rate_hz < np.inf and 0 < self.seconds < np.inf and self.rounds >= 1):
            raise ForecastError(f"{self}: rate, seconds and rounds must be above 0")
        if self.requests > MOST_REQUESTS:
            raise ForecastError(
                f"{self}: {self.requests:,.0f} requests a run are more than {MOST_REQUESTS:,}; take"
                " shorter blocks"
            )

    @classmethod
    def of_arrivals(cls, arrivals: Arrivals) -> "Load":
        """Of a plan whose requests come at known times.

        Args:
            arrivals: of each block, in seconds from its beginning.

        Raises:
            ForecastError: a block has none, or its times do not ascend from 0.
        """
        blocks = tuple(tuple(map(float, block)) for block in arrivals)
        if not blocks or not all(block and _ascends(block) for block in blocks):
            raise ForecastError("arrivals: give each block's times in s, ascending from 0")
        seconds = max(block[-1] for block in blocks)
        rate_hz = sum(map(len, blocks)) / sum(block[-1] for block in blocks)
        return cls(rate_hz, seconds, len(blocks), arrivals=blocks)

    @property
    def requests(self) -> float:
        """How many a run has on the average."""
        if self.arrivals is not None:
            return float(sum(map(len, self.arrivals)))
        return self.rate_hz * self.seconds * self.rounds

    def __str__(self) -> str:
        bursts = f" in bursts of {self.burst}" if self.burst > 1 else ""
        planned = " as planned" if self.arrivals else ""
        return (
            f"{self.rate_hz:.4g}/s{bursts}{planned} for {self.seconds:.3g} s, {self.rounds} times"
        )


def _ascends(block: tuple[float, ...]) -> bool:
    return block[0] >= 0 and all(one <= other < np.inf for one, other in pairwise(block))


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
            else _block(pool, len(texts), _arrivals(load, place, rng), rng, as_logged=as_logged)
            for place in range(load.rounds)
        ]
        blocks = [each for each in blocks if len(each.arrivals)]
        if blocks:
            yield tuple(
                np.concatenate([side.latencies(block, texts) for block in blocks]) for side in sides
            )


def _arrivals(load: Load, place: int, rng: np.random.Generator) -> Floats:
    """Those of the block in that place, or a draw of their number and times."""
    if load.arrivals is not None:
        return np.array(load.arrivals[place])
    return np.sort(rng.uniform(0, load.seconds, rng.poisson(load.rate_hz * load.seconds)))


def _block(
    pool: Integers, n: int, arrivals: Floats, rng: np.random.Generator, *, as_logged: bool
) -> Block:
    count = len(arrivals)
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
