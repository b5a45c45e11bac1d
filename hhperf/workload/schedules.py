"""When requests are due: absolute, drift-free, pure and seeded.

Every due time is computed from its own index, never from the one before it, so nothing adds up over
a long schedule. Rates are made of phases, and a phase changes its rate linearly; due times follow
by inverting the cumulative rate L(t): evenly spaced ones are at L(t) = 0, 1, 2, ..., and those of a
Poisson process at L(t) = sorted uniform draws (Çinlar, Introduction to Stochastic Processes, 1975).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hhperf.errors import PlanError

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


MOST_REQUESTS = 10_000_000
"""Of a schedule: beyond it a plan alone takes gigabytes."""

LONGEST_S = 1e9
"""Of a phase: clocks count nanoseconds in 64 bits."""

LONGEST_PAUSE_S = 86_400


@dataclass(frozen=True, slots=True, eq=False)
class Schedule:
    """When each request of an open loop is due.

    Attributes:
        at_ns: ascending nanoseconds after the beginning, 0 or more; shape (n,).
        span_ns: how long the schedule lasts; no due time is later.
        label: what it is, in words.
    """

    at_ns: Integers
    span_ns: int
    label: str

    def __len__(self) -> int:
        return len(self.at_ns)

    @property
    def rate_hz(self) -> float:
        """Requests per second over the whole span."""
        return len(self) / (self.span_ns / 1e9)


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of time over which the rate goes linearly from one value to another.

    Attributes:
        duration_s: how long it lasts, above 0.
        from_hz: requests per second at its beginning, 0 or more.
        to_hz: requests per second at its end, 0 or more.
    """

    duration_s: float
    from_hz: float
    to_hz: float

    def __post_init__(self) -> None:
        _check("duration_s", self.duration_s, above=0, most=LONGEST_S)
        _check("from_hz", self.from_hz, least=0)
        _check("to_hz", self.to_hz, least=0)

    @property
    def expected(self) -> float:
        """How many requests it holds on average."""
        return self.duration_s * (self.from_hz + self.to_hz) / 2

    def when(self, counts: Floats) -> Floats:
        """Seconds into the phase at which so many requests have come, each from 0 to `expected`."""
        slope = (self.to_hz - self.from_hz) / self.duration_s
        inner = np.maximum(self.from_hz**2 + 2 * slope * counts, 0.0)
        speed = self.from_hz + np.sqrt(inner)  # the root that stays stable as the slope goes to 0
        seconds = np.divide(2 * counts, speed, out=np.zeros_like(counts), where=speed > 0)
        return np.minimum(seconds, self.duration_s)

    def __str__(self) -> str:
        rate = f"{self.from_hz:g}"
        if self.to_hz != self.from_hz:
            rate += f" to {self.to_hz:g}"
        return f"{rate}/s for {self.duration_s:g} s"


Phases = Sequence[Phase]


def constant(rate_hz: float, duration_s: float) -> tuple[Phase, ...]:
    """One rate all the time."""
    return (Phase(duration_s, rate_hz, rate_hz),)


def ramp(from_hz: float, to_hz: float, duration_s: float) -> tuple[Phase, ...]:
    """A rate that goes up or down linearly."""
    return (Phase(duration_s, from_hz, to_hz),)


def steps(rates_hz: Sequence[float], each_s: float) -> tuple[Phase, ...]:
    """One rate after the other, each as long."""
    return tuple(Phase(each_s, rate, rate) for rate in rates_hz)


def evenly(phases: Phases) -> Schedule:
    """Requests spaced by the rate alone, the first one at once.

    Raises:
        PlanError: the phases hold less than one request.
    """
    expected = _expected(phases)
    counts = np.arange(math.ceil(round(expected, 9)), dtype=np.float64)
    return _inverted(phases, counts, "evenly")


def poisson(phases: Phases, *, seed: int) -> Schedule:
    """Requests that come independently of one another, as those of many users do.

    Their number is random too, with the phases' rate as its mean.

    Raises:
        PlanError: the phases hold less than one request, or the draw came out empty.
    """
    rng = np.random.default_rng(seed)
    expected = _expected(phases)
    counts = np.sort(rng.uniform(0.0, expected, size=rng.poisson(expected)))
    if not len(counts):
        raise PlanError("no request was drawn: take a longer schedule or a higher rate")
    return _inverted(phases, counts, "Poisson")


def as_logged(
    offsets_s: Sequence[float], *, speed: float = 1.0, longest_gap_s: float | None = None
) -> Schedule:
    """Requests as they came, faster or slower, without the long silences if so wished.

    Args:
        offsets_s: when each came, in any order; counted from the earliest.
        speed: 2 sends in half the time.
        longest_gap_s: a longer gap of the log is shortened to this before the speed counts.

    Raises:
        PlanError: there are no offsets, or an argument is out of bounds.
    """
    _check("speed", speed, above=0)
    logged = np.sort(np.asarray(offsets_s, dtype=np.float64))
    if not len(logged) or not np.isfinite(logged).all():
        raise PlanError("offsets_s needs at least one number, all of them finite")
    label = f"as logged, speed {speed:g}"
    if longest_gap_s is None:
        seconds = logged - logged[0]
    else:
        _check("longest_gap_s", longest_gap_s, least=0)
        gaps = np.diff(logged, prepend=logged[0])
        seconds = np.cumsum(np.minimum(gaps, longest_gap_s))
        label += f", gaps up to {longest_gap_s:g} s"
    _check("the log's time at this speed", float(seconds[-1] / speed), most=LONGEST_S)
    at_ns = _nanoseconds(seconds / speed)
    last = int(at_ns[-1])
    # A log ends with a request: the mean gap after it makes the rate that of the log.
    return Schedule(at_ns, last + max(last // max(len(at_ns) - 1, 1), 1), label)


def in_bursts(schedule: Schedule, size: int) -> Schedule:
    """So many requests at the same moment in place of each, as many users ask at once.

    With `QueryLog.in_bursts` of the same size those of a burst ask the same.

    Raises:
        PlanError: the size is below 1, or there would be too many requests.
    """
    _check("size", size, least=1, most=MOST_REQUESTS / len(schedule))
    return Schedule(
        np.repeat(schedule.at_ns, size), schedule.span_ns, f"{schedule.label}, in bursts of {size}"
    )


@dataclass(frozen=True, slots=True, eq=False)
class ClosedLoop:
    """Clients of which each waits for its answer, thinks, and sends again.

    Its load falls when the service gets slow, which hides the slowness: use it to find a capacity,
    and an open loop to find a latency.

    Attributes:
        clients: requests under way at most.
        think_ns: the pause before each request, shape (n,); the first of each client has none.
        label: what it is, in words.
    """

    clients: int
    think_ns: Integers
    label: str

    def __len__(self) -> int:
        return len(self.think_ns)


def closed_loop(
    clients: int,
    requests: int,
    *,
    think_time_s: float = 0.0,
    exponential: bool = False,
    seed: int = 0,
) -> ClosedLoop:
    """So many clients sending so many requests between them.

    Args:
        clients: from 1 to the number of requests.
        requests: at least 1.
        think_time_s: the mean pause between an answer and the next request.
        exponential: whether pauses are drawn, or all the same.
        seed: of the draw.

    Raises:
        PlanError: an argument is out of bounds.
    """
    _check("requests", requests, least=1, most=MOST_REQUESTS)
    _check("clients", clients, least=1, most=requests)
    _check("think_time_s", think_time_s, least=0, most=LONGEST_PAUSE_S)
    pauses = np.full(requests, think_time_s)
    if exponential:
        pauses = np.random.default_rng(seed).exponential(think_time_s, requests)
    pauses[:clients] = 0.0
    kind = "exponential" if exponential else "constant"
    thinking = f", {kind} think time {think_time_s:g} s" if think_time_s else ""
    return ClosedLoop(
        clients, _nanoseconds(pauses), f"{clients} client{'s' * (clients > 1)}{thinking}"
    )


def _expected(phases: Phases) -> float:
    expected = sum(phase.expected for phase in phases)
    if not expected >= 1:
        raise PlanError(f"these phases hold {expected:g} requests; they need at least one")
    if expected > MOST_REQUESTS:
        raise PlanError(f"these phases hold {expected:g} requests; {MOST_REQUESTS:,} is the most")
    return expected


def _inverted(phases: Phases, counts: Floats, how: str) -> Schedule:
    """Due times at which the cumulative rate reaches each count; `counts` are ascending."""
    seconds = np.empty_like(counts)
    begun_s, begun = 0.0, 0.0
    for phase in phases:
        here = counts >= begun
        seconds[here] = begun_s + phase.when(np.minimum(counts[here] - begun, phase.expected))
        begun_s, begun = begun_s + phase.duration_s, begun + phase.expected
    label = f"{how}, {', then '.join(map(str, phases))}"
    return Schedule(_nanoseconds(seconds), round(begun_s * 1e9), label)


def _nanoseconds(seconds: Floats) -> Integers:
    return np.rint(seconds * 1e9).astype(np.int64)


def _check(
    name: str,
    value: float,
    *,
    least: float = -math.inf,
    above: float = -math.inf,
    most: float = math.inf,
) -> None:
    if not (math.isfinite(value) and most >= value >= least and value > above):
        bound = f"above {above:g}" if above > -math.inf else f"at least {least:g}"
        limit = f" and at most {most:,}" if most < math.inf else ""
        raise PlanError(f"{name} is {value}, must be a number {bound}{limit}")
