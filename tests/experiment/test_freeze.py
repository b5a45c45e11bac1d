"""A service that stops for a while: what every request felt must be reported.

At a constant rate r, a stop of F seconds delays the r F requests that come due in it by what is
left of it: over N requests the response time's p-quantile is F − (1 − p) N / r while (1 − p) N is
below r F. A load generator that waits for answers sends nothing in that time and sees one slow
request. Time is a tenth of that of the benchmark.
"""

import asyncio
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest

from hhperf.experiment.replay import replay_sync
from hhperf.harness.load_plan import plan_load
from hhperf.harness.target import CallableTarget, Reply, Request
from hhperf.runs.observation import Arm
from hhperf.runs.run import Run
from hhperf.workload.schedules import ClosedLoop, Schedule, closed_loop, constant, evenly
from tests.harness.conftest import make_log

RATE_HZ = 200.0
SPAN_S, FREEZE_AFTER_S, FREEZE_S = 4.0, 1.5, 0.8
SERVICE_S = 0.001


class Freezing:
    """Takes a millisecond, but for a while in which nothing is answered until it is over."""

    def __init__(self) -> None:
        self._began: float | None = None

    async def answer(self, request: Request) -> Reply:
        """Answer when the service runs."""
        now = perf_counter()
        self._began = self._began or now
        thaw = self._began + FREEZE_AFTER_S + FREEZE_S
        frozen = self._began + FREEZE_AFTER_S <= now < thaw
        await asyncio.sleep((thaw - now if frozen else 0) + SERVICE_S)
        return Reply()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Four seconds at 200 requests a second, of which 0.8 s are frozen."""
    return frozen_run(evenly(constant(RATE_HZ, SPAN_S)), tmp_path_factory.mktemp("freeze"))


def frozen_run(load: Schedule | ClosedLoop, out: Path) -> Run:
    plan = plan_load(
        make_log(9),
        load,
        cache_state="natural",
        seed=0,
        rounds=1,
        arms=[Arm.CONTROL],
        warm_up=0,
        extra_time_s=0,
    )
    target = CallableTarget(Freezing().answer)
    return replay_sync(plan, {Arm.CONTROL: target}, out / "run", progress=False)


@pytest.mark.parametrize("q", [0.85, 0.9, 0.95, 0.99])
def test_response_times_are_the_analytic_ones(run: Run, q: float) -> None:
    """Each quantile that lies in the freeze, within 5%."""
    frame = run.frame()
    analytic_s = FREEZE_S - (1 - q) * len(frame) / RATE_HZ + SERVICE_S
    measured_s = float(np.quantile(frame["response_time_s"], q, method="inverted_cdf"))
    assert measured_s == pytest.approx(analytic_s, rel=0.05, abs=0.01)


def test_the_longest_response_is_the_whole_freeze(run: Run) -> None:
    """Within 5%."""
    assert run.frame()["response_time_s"].max() == pytest.approx(FREEZE_S + SERVICE_S, rel=0.05)


def test_later_requests_are_served_as_before(run: Run) -> None:
    """Service times after the freeze are those before it."""
    frame = run.frame()
    due_s = frame["intended_start_ns"] / 1e9 - frame["intended_start_ns"].min() / 1e9
    before = frame[due_s < FREEZE_AFTER_S]["service_time_s"].median()
    after = frame[due_s > FREEZE_AFTER_S + FREEZE_S + 0.05]["service_time_s"].median()
    assert after == pytest.approx(before, rel=1.0)
    assert after < FREEZE_S / 20


def test_a_closed_loop_hides_the_freeze(tmp_path: Path) -> None:
    """The anti-example: of one client's requests a single one is slow, and p99 looks fine."""
    run = frozen_run(closed_loop(1, 500, think_time_s=1 / RATE_HZ), tmp_path)
    response_s = run.frame()["response_time_s"]
    assert response_s.quantile(0.99) < FREEZE_S / 4
    assert (response_s > FREEZE_S / 2).sum() == 1
