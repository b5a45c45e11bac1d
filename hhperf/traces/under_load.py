"""What calls save under a load: as they come, queueing for pools of connections."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import hypot

import numpy as np

from hhperf.analysis.estimate import Estimate
from hhperf.forecast.queueing import Network, simulate
from hhperf.traces.arrivals import Arrivals, arrivals_of
from hhperf.traces.calls import Calls, Floats
from hhperf.traces.max_plus import Change
from hhperf.traces.offered_calls import OfferedCalls
from hhperf.traces.own_error import LOAD_SD, SCHEDULE_SD, with_own_error
from hhperf.traces.pools import Pool
from hhperf.traces.queued_calls import network_of
from hhperf.traces.trace_set import TraceSet
from hhperf.traces.waiting import Holding, holding_of
from hhperf.traces.weighing import Weighing


def offered_savings(
    traces: TraceSet,
    calls: Calls,
    changes: Sequence[tuple[Change, bool]],
    pools: Sequence[Pool],
    weighing: Weighing,
    rate: float | str | None = None,
) -> tuple[OfferedCalls, list[Mapping[str, Estimate]]]:
    """Simulate calls as they are and with each change, all with the same arrivals.

    Savings are those of the model's changed calls against the model's unchanged ones. Windows of
    time are resampled as a whole, since calls that meet wait for each other.

    Args:
        traces: that the calls are of.
        calls: of the operation.
        changes: each with whether it is read pessimistically.
        pools: named.
        weighing: threshold and seed.
        rate: as `arrivals_of` has it.

    Raises:
        NotLoadedError: the traces say too little of arrivals or of waits.
        TraceError: a pool names a step that there is not, or the rate is none.
    """
    stands_for = traces.traces["weight"][calls.trace]
    arrivals = arrivals_of(calls, stands_for, rate, seed=weighing.seed)
    holding = holding_of(traces, calls, pools, stands_for, arrivals.recorded_hz)

    def latencies(change: Change, *, in_line: bool = False) -> Floats:
        return _latencies(
            network_of(calls, holding, pools, change, in_line=in_line), arrivals, pools
        )

    now = latencies(Change.none(len(calls.names)))
    failed = ~np.isfinite(calls.total[arrivals.call])
    by_window = replace(weighing, weights=None, clusters=arrivals.window)
    sd = hypot(SCHEDULE_SD, LOAD_SD)
    readings: list[Mapping[str, Estimate]] = [
        {name: with_own_error(each, sd) for name, each in found.items()}
        for change, in_line in changes
        for then in [latencies(change, in_line=in_line)]
        for found in [
            by_window.savings(np.where(failed, np.inf, now), np.where(failed, np.inf, then))
        ]
    ]
    return _offered(calls, holding, pools, arrivals, now), readings


def _latencies(network: Network, arrivals: Arrivals, pools: Sequence[Pool]) -> Floats:
    """Of each call as it comes, seconds; processes and what lies between pauses by themselves."""
    sizes = {pool.name: pool.size for pool in pools}
    found = np.empty(len(arrivals.call))
    order = np.argsort(arrivals.stretch, kind="stable")
    bounds = np.flatnonzero(np.diff(arrivals.stretch[order])) + 1
    for mine in np.split(order, bounds):
        at_s = arrivals.at_s[mine]
        found[mine] = simulate(network.of_requests(arrivals.call[mine]), at_s, sizes) - at_s
    return found


def _offered(
    calls: Calls, holding: Holding, pools: Sequence[Pool], arrivals: Arrivals, now: Floats
) -> OfferedCalls:
    chosen = arrivals.call
    held = [
        float(np.where(holding.pool == place, holding.held, 0.0).sum(axis=1)[chosen].mean())
        for place in range(len(pools))
    ]
    each_hz = arrivals.rate_hz / arrivals.processes
    answered = np.isfinite(calls.total[chosen])
    return OfferedCalls(
        rate_hz=arrivals.rate_hz,
        recorded_hz=arrivals.recorded_hz,
        processes=arrivals.processes,
        pools=tuple(pools),
        in_use=tuple(each_hz * s / pool.size for s, pool in zip(held, pools, strict=True)),
        waits=holding.told,
        waited_s=float(holding.waited.sum(axis=1)[chosen].mean()),
        window_s=arrivals.window_s,
        median_s=float(np.median(calls.total[chosen][answered])) if answered.any() else np.nan,
        simulated_s=float(np.median(now[answered])) if answered.any() else np.nan,
    )
