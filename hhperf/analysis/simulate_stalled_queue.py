"""Response times of a queue on a machine that stalls, and what they would be without."""

import heapq
from dataclasses import dataclass

import numpy as np

from hhperf.analysis.recovery import recovering
from hhperf.analysis.samples import FloatArray
from hhperf.analysis.simulate import SIGMA_X
from hhperf.analysis.simulate_stalls import Stalls, draw_stalls
from hhperf.analysis.stall_free_open_loop import ArrivalCensoring

SERVICE_S = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class StalledQueue:
    """One arm under load.

    Attributes:
        seen: response times as measured, in seconds, in the order of arrival.
        free: those of the same arrivals on a machine that did not stall.
        censoring: what stalls did.
    """

    seen: FloatArray
    free: FloatArray
    censoring: ArrivalCensoring


def stalled_queue(
    rng: np.random.Generator,
    n: int,
    *,
    share: float,
    burst_s: float,
    servers: int = 4,
    utilisation: float = 0.5,
    faster: float = 1.0,
) -> StalledQueue:
    """Poisson arrivals, lognormal service by several servers; in a stall all work stands still.

    Args:
        rng: the generator.
        n: arrivals.
        share: of the time that the machine stands still, in 0..1, exclusive.
        burst_s: mean length of a stall.
        servers: that take requests in the order they come.
        utilisation: share of time each is busy when ``faster`` is 1, stalls aside.
        faster: what the service times are multiplied by, at the same arrivals.
    """
    service = faster * SERVICE_S * np.exp(SIGMA_X * rng.standard_normal(n) - SIGMA_X**2 / 2)
    due = np.cumsum(rng.exponential(SERVICE_S / (servers * utilisation), n))
    stalls = draw_stalls(rng, float(due[-1]) + 60, share, burst_s)
    worked = _served(due - stalls.before(due), service, servers)
    ends = _on_the_clock(worked, stalls)
    onsets = np.append(stalls.starts, np.inf)
    clean = onsets[stalls.next_onset(due)] - due
    censoring = ArrivalCensoring(clean, recovering(due, ends, stalls.starts, stalls.ends))
    return StalledQueue(ends - due, _served(due, service, servers) - due, censoring)


def _served(due: FloatArray, service: FloatArray, servers: int) -> FloatArray:
    """When each request is done, first come first served."""
    free, ends = [0.0] * servers, np.empty(len(due))
    for place, (arrival, length) in enumerate(zip(due.tolist(), service.tolist(), strict=True)):
        ends[place] = max(free[0], arrival) + length
        heapq.heapreplace(free, float(ends[place]))
    return ends


def _on_the_clock(worked: FloatArray, stalls: Stalls) -> FloatArray:
    """Times on a clock that stands still in stalls, on one that does not."""
    lost = np.concatenate([[0.0], np.cumsum(stalls.ends - stalls.starts)])
    return np.asarray(worked + lost[np.searchsorted(stalls.starts - lost[:-1], worked)])
