"""Gates on the load generator itself, each by the cause of its delays.

What lies within a stall of the machine is left out: a stall hits all that is in flight, whoever
runs, and is the estimator's to handle.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from hhperf.analysis.decision import Gate, GateState
from hhperf.analysis.ranks import quantile, statistic_name
from hhperf.analysis.samples import BoolArray, FloatArray, flags, latencies
from hhperf.analysis.savings import MEAN
from hhperf.errors import SampleError

LAG_SHARE = 0.05
"""Of what is measured, what the 99th percentile of the generator's lags may take."""

BUSY = 0.90
"""Of a core, above which the generator may have been the bottleneck."""

STRETCHES = 10
"""Of a run; a generator that was too slow for one of them was too slow."""


def levels_of(
    control: ArrayLike, quantiles: Sequence[float], *, mean: bool = True
) -> dict[str, float]:
    """The control's own value at each statistic that has one, by name.

    Args:
        control: latencies, shape (n,); +inf for a failed request.
        quantiles: in 0..1.
        mean: whether the mean is compared; it is that of the answers.
    """
    values = latencies(control, "control")
    answers = values[np.isfinite(values)]
    found = {MEAN: float(answers.mean())} if mean and len(answers) else {}
    found |= {statistic_name(q): quantile(values, q) for q in quantiles}
    return {name: level for name, level in found.items() if math.isfinite(level)}


def loop_gate(
    lags: ArrayLike,
    levels: Mapping[str, float],
    *,
    stalled: ArrayLike | None = None,
    alone: bool = False,
) -> Gate:
    """The event loop's lag must be small against the control, at each statistic by itself.

    Args:
        lags: how late the loop woke, in ms, shape (m,).
        levels: the control's value at each statistic, in ms.
        stalled: true for the lags that lie within a stall of the machine, shape (m,).
        alone: whether one request was in flight at a time. Then what kept the loop busy was that
            request's own computing, which is part of its latency and holds up no other.

    Raises:
        SampleError: a lag is no number.
    """
    name, (values, note) = "event-loop lag, ms", _outside(lags, stalled, "event-loop lag")
    limit = f"p99 below {LAG_SHARE:.0%} of the control at each statistic"
    if not len(values):
        return _unseen(name, note, limit)
    if not levels:
        return Gate(name, GateState.FAILED, "the control has no answer", limit)
    tail, lowest = quantile(values, 0.99), min(levels, key=lambda each: levels[each])
    figure = f"p99 {tail:.3g}, {tail / levels[lowest]:.1%} of the control's {lowest}{note}"
    if alone:
        detail = (
            "with one request in flight the event loop's lag is the arm's own computing, rightly"
            " inside its latency"
        )
        return Gate(name, GateState.PASSED, figure, "none, one request in flight", detail, ())
    drowned = tuple(each for each, level in levels.items() if tail >= LAG_SHARE * level)
    detail = (
        "with several requests in flight what one computes holds up the answers of the others:"
        " take fewer in flight, or serve the arms from processes of their own"
    )
    state = GateState.of(not drowned)
    return Gate(name, state, figure, limit, detail, drowned or tuple(levels))


def dispatch_gate(lags: ArrayLike, control: ArrayLike, *, stalled: ArrayLike | None = None) -> Gate:
    """The schedule of a load must be kept: lag small against the control's median.

    Args:
        lags: how long after they were due requests were sent, in ms, shape (m,).
        control: the control's response times in ms, shape (n,).
        stalled: true for the requests that were waiting within a stall, shape (m,).

    Raises:
        SampleError: a lag is no number.
    """
    name, (values, note) = "dispatch lag, ms", _outside(lags, stalled, "dispatch lag")
    median = quantile(latencies(control, "control"), 0.5)
    limit = f"p99 below {LAG_SHARE:.0%} of the control's p50, {LAG_SHARE * median:.3g}"
    if not len(values):
        return _unseen(name, note, limit)
    tail = quantile(values, 0.99)
    relative = tail / median if math.isfinite(median) else math.nan
    return Gate(
        name,
        GateState.of(tail < LAG_SHARE * median and math.isfinite(median)),
        f"p99 {tail:.3g}, {relative:.1%} of the control's p50{note}",
        limit,
        "a load that is sent late is not the load that was asked for: take more workers",
    )


def clock_gate(within: ArrayLike, drift: float, control: ArrayLike) -> Gate:
    """Workers' clocks must be known well enough for their shares to make one schedule.

    Latencies are taken on one clock each and are not affected. When requests of several workers
    start, against each other, is: by what a clock's offset may be off by.

    Args:
        within: what each measured offset is off by at most, in ms, shape (m,), m >= 1.
        drift: of the clock that drifts most, in seconds a second.
        control: the control's response times in ms, shape (n,).
    """
    most, median = float(np.max(np.asarray(within))), quantile(latencies(control, "control"), 0.5)
    return Gate(
        "workers' clocks, ms",
        GateState.of(math.isfinite(median) and most < LAG_SHARE * median),
        f"known to {most:.3g}, drift at most {abs(drift) * 1e6:.3g} ppm",
        f"below {LAG_SHARE:.0%} of the control's p50, {LAG_SHARE * median:.3g}",
        "workers whose clocks are not known send no common schedule: take machines nearer to the"
        " coordinator, or fewer of them",
    )


def cpu_gate(utilisation: float) -> Gate:
    """The load generator must have had processor time to spare.

    Args:
        utilisation: its processor time per core over elapsed time, 0 or more.
    """
    return Gate(
        "generator CPU",
        GateState.of(utilisation < BUSY),
        f"{utilisation:.0%} of a core",
        f"below {BUSY:.0%}",
        "a generator without time to spare measures itself: take more workers, or serve the arms"
        " from processes of their own",
    )


def busiest(used: ArrayLike, elapsed: ArrayLike, stalled: ArrayLike | None = None) -> float:
    """The highest share of a core that one generator used over a tenth of the time.

    Args:
        used: processor time between looks, in the order of time, shape (m,).
        elapsed: time between looks in the same unit, shape (m,).
        stalled: true for the stretches that lie within a stall, where nobody used anything.
    """
    values, spans = np.asarray(used, dtype=np.float64), np.asarray(elapsed, dtype=np.float64)
    kept = np.ones(len(values), dtype=np.bool_) if stalled is None else ~np.asarray(stalled)
    parts = np.array_split(np.flatnonzero(kept), STRETCHES)
    return max(
        (float(values[each].sum() / spans[each].sum()) for each in parts if len(each)), default=0.0
    )


def _outside(lags: ArrayLike, stalled: ArrayLike | None, name: str) -> tuple[FloatArray, str]:
    """The lags outside stalls, and how many were left out, in words."""
    values = np.asarray(lags, dtype=np.float64)
    if values.ndim != 1 or values.size == 0 or np.isnan(values).any():
        raise SampleError(f"{name}: lags must be a row of numbers, none of them NaN")
    inside: BoolArray = (
        np.zeros(len(values), dtype=np.bool_) if stalled is None else flags(stalled, "stalled")
    )
    if len(inside) != len(values):
        raise SampleError(f"{name}: stalled has {len(inside):,} values for {len(values):,} lags")
    count = np.count_nonzero(inside)
    return values[~inside], f"; {count:,} within stalls left out" if count else ""


def _unseen(name: str, note: str, limit: str) -> Gate:
    return Gate(
        name,
        GateState.TOO_FEW,
        f"nothing was seen outside stalls{note}",
        limit,
        "the machine stalled at every look: measure on a quieter one",
    )
