"""What the generator itself takes: its floor, measured with a target that does nothing."""

import tempfile
from pathlib import Path

import numpy as np

from hhperf.harness.callables import CallableTarget
from hhperf.harness.http_target import HttpTarget
from hhperf.harness.load import replay_load
from hhperf.harness.load_plan import plan_load
from hhperf.harness.null_http import null_server
from hhperf.harness.plan import Log
from hhperf.harness.target import Reply, Request, Target
from hhperf.runs import Arm, Floor, Outcome, Run
from hhperf.workload.schedules import constant, evenly

_NOTHING = Reply()


async def calibrate(
    log: Log, rate_hz: float, *, seconds: float = 2.0, over_http: bool = False
) -> Floor:
    """Send a log at a rate to a target that does nothing.

    Args:
        log: the requests.
        rate_hz: the load that is to be measured.
        seconds: how long to send.
        over_http: whether the target is a null server on this machine, or in this process.

    Raises:
        PlanError: the rate and the time hold no request.
    """
    if not over_http:
        return await _floor(log, rate_hz, seconds, CallableTarget(do_nothing))
    with null_server() as url:
        return await _floor(log, rate_hz, seconds, HttpTarget(url))


async def do_nothing(_: Request) -> Reply:
    """Answer at once, always the same."""
    return _NOTHING


def floor_of(run: Run) -> Floor:
    """The floor that a run of a target that does nothing shows."""
    table = run.table(["outcome", "intended_start_ns", "start_ns", "end_ns"])
    answered = np.asarray(table["outcome"].to_pandas() == Outcome.OK.value)
    intended, start, end = (
        np.asarray(table[name])[answered] for name in ("intended_start_ns", "start_ns", "end_ns")
    )
    service_s, lag_s = (end - start) / 1e9, (start - intended) / 1e9
    return Floor(
        requests=len(service_s),
        service_p50_s=float(np.quantile(service_s, 0.5)),
        service_p99_s=float(np.quantile(service_s, 0.99)),
        lag_p99_s=float(np.quantile(lag_s, 0.99)),
    )


async def _floor(log: Log, rate_hz: float, seconds: float, target: Target) -> Floor:
    plan = plan_load(
        log,
        evenly(constant(rate_hz, seconds)),
        cache_state="natural",
        seed=0,
        rounds=1,
        arms=[Arm.CONTROL],
    )
    with tempfile.TemporaryDirectory() as folder:
        targets = {Arm.CONTROL: target}
        return floor_of(await replay_load(plan, targets, Path(folder) / "run", progress=False))
