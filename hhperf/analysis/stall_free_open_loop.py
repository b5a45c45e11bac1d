"""Response times under an offered load, as a machine without stalls would show them.

A stall leaves a queue behind, and whoever arrives before it is worked off waits for the stall. So
arrivals within a stall and in the recovery after it, until no more are in flight than when it
began, are left out: a choice by time, never by latency. All others are censored at the first stall
after they were due. Simulated for queues of one and four servers, 50% and 70% busy, with 2% and 6%
lost in pieces of 60 and 400 ms (300,000 arrivals each, work standing still in a stall): while at
most an eighth is left out, p50 to p95 are within 1% of the stall-free ones, where all data are up
to twice as long; beyond an eighth a queue of one server that is 70% busy is 2 to 3% too slow, so
there nothing is said.
"""

import math
from dataclasses import dataclass

import numpy as np

from hhperf.analysis.product_limit import (
    Tries,
    make_tries,
    product_limit_quantile,
    tries_worth,
    weighted_quantiles,
)
from hhperf.analysis.ranks import statistic_name
from hhperf.analysis.relief import Relief
from hhperf.analysis.samples import BoolArray, FloatArray, IntArray, flags
from hhperf.analysis.stall_free import too_hidden
from hhperf.analysis.stationary import block_length, draw_counts, places_before
from hhperf.errors import SampleError

MOST_LEFT_OUT = 1 / 8
"""Share of arrivals in stalls and recoveries beyond which nothing is said of the rest."""

UNDER_LOAD = Relief(in_flight=False)


@dataclass(frozen=True, slots=True, eq=False)
class ArrivalCensoring:
    """What stalls did to the arrivals of one arm.

    Attributes:
        clean: time from when each request was due to the first stall after it, shape (n,); +inf
            when none came.
        left_out: due within a stall or in the recovery after it, shape (n,).
        relief: what would give the statistics that stalls hide.
    """

    clean: FloatArray
    left_out: BoolArray
    relief: Relief = UNDER_LOAD


@dataclass(frozen=True, slots=True, eq=False)
class StallFreeSeries:
    """One arm in the order of time, and its kept requests in the order of size.

    Attributes:
        name: of the arm.
        n: how many arrivals there were.
        tries: the kept ones, cut at their stalls.
        places: of the tries in the order of time.
        clean: time from when each kept request was due to the first stall after it.
        relief: what would help where stalls hid too much.
    """

    name: str
    n: int
    tries: Tries
    places: IntArray
    clean: FloatArray
    relief: Relief

    def point(self, q: float) -> float:
        """The product limit's quantile."""
        return product_limit_quantile(self.tries, q)

    def obstacle(self, q: float) -> str | None:
        """Why there is none: stalls hid too much, or it falls among failures."""
        if reason := too_hidden(self.name, self.tries, self.clean, q, self.relief):
            return reason
        if math.isfinite(self.point(q)):
            return None
        return (
            f"{statistic_name(q)} is undefined: it falls among failed requests of the {self.name}"
        )

    def memory(self, q: float) -> float:
        """Block length of the series "seen, and below the quantile"."""
        below = (self.tries.times <= self.point(q)) & self.tries.seen
        return block_length(below[np.argsort(self.places)].astype(np.float64))

    def resampled(self, q: float, length: float, replicates: int, seed: int) -> FloatArray:
        """The product limit of series made of blocks, shape (replicates,)."""
        found, position, rng = np.empty(replicates), 0, np.random.default_rng(seed)
        everywhere = places_before(np.ones(self.n, dtype=np.bool_))
        for _, counts in draw_counts(everywhere, length, replicates, rng):
            rows = slice(position, position + len(counts))
            weights = counts[:, self.places].astype(np.float64)
            found[rows] = weighted_quantiles(self.tries, weights, np.array([q]))[0]
            position = rows.stop
        return found

    def worth(self, q: float) -> int:
        """How many arrivals without any stall would know the quantile as well."""
        return round(tries_worth(self.tries, q))


def stall_free_series(
    latency: FloatArray, censoring: ArrivalCensoring, name: str
) -> StallFreeSeries:
    """Leave out what stalls held up, and cut the rest at its stalls.

    Raises:
        SampleError: the censoring does not belong to the arm.
    """
    left_out = flags(censoring.left_out, f"{name}.left_out")
    if not len(latency) == len(left_out) == len(censoring.clean):
        raise SampleError(f"{name}: {len(latency):,} response times, and censoring of another size")
    kept = np.flatnonzero(~left_out).astype(np.intp)
    clean = np.asarray(censoring.clean, dtype=np.float64)[kept]
    tries = make_tries(latency[kept], clean)
    return StallFreeSeries(name, len(latency), tries, kept[tries.order], clean, censoring.relief)


def mostly_left_out(censoring: tuple[ArrivalCensoring, ArrivalCensoring]) -> str | None:
    """Why too little is left to be said of an arm, or None."""
    for name, arm in zip(("control", "treatment"), censoring, strict=True):
        share = float(np.mean(arm.left_out))
        if share > MOST_LEFT_OUT:
            return (
                f"not measurable: {share:.0%} of the {name}'s requests were due in a stall or "
                f"while its queue was worked off ({MOST_LEFT_OUT:.0%} at the most); a lower load, "
                f"or a machine that loses less time would do"
            )
    return None
