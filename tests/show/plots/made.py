"""Data to draw: the shipped run, a sweep from formulas, and a service that stops, all seeded."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np

from hhperf.analysis.comparison import Comparison, Failures, StatisticResult
from hhperf.analysis.decision import Verdict, decide
from hhperf.analysis.estimate import Estimate
from hhperf.analysis.knees import crossover, knee, saturation
from hhperf.runs.observation import Arm, Observation, Outcome
from hhperf.runs.run import Run, load_run
from hhperf.runs.writer import RunWriter
from hhperf.verdict.history import Moment
from hhperf.verdict.sweeps import ArmAtLoad, LoadPoint, Sweep
from hhperf.workload.shipped import data_dir
from tests.runs.conftest import METADATA

LOADS = (5.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0)
CAPACITY = {Arm.CONTROL: 55.0, Arm.TREATMENT: 46.0}
ALONE_S = {Arm.CONTROL: 0.400, Arm.TREATMENT: 0.290}
"""The treatment is faster but wears out earlier."""

COMPARED = (Arm.CONTROL, Arm.TREATMENT)
TRUTH = 0.20


@cache
def shipped_run() -> Run:
    """A thousand pairs under the profile `plan`."""
    return load_run(data_dir() / "runs" / "plan-rerank-off")


@cache
def stalled_run() -> Run:
    """The same while a fifth of the time was lost."""
    return load_run(data_dir() / "runs" / "plan-stalled")


def make_sweep(*, pool_waits: bool = True, seed: int = 3) -> Sweep:
    """Response times that grow as 1/(1 - load/capacity), with some noise, and savings of them."""
    rng = np.random.default_rng(seed)
    points = tuple(_point(hz, rng, pool_waits=pool_waits) for hz in LOADS)
    answered = {arm: [point.arms[arm].answered_hz for point in points] for arm in COMPARED}
    means = {arm: [point.arms[arm].mean_s for point in points] for arm in COMPARED}
    savings = {
        name: [point.comparison[name].estimate for point in points] for name in ("p50", "p95")
    }
    return Sweep(
        points=points,
        knees={arm: knee(LOADS, answered[arm], means[arm]) for arm in COMPARED},
        saturations={arm: saturation(LOADS, answered[arm]) for arm in COMPARED},
        crossovers={name: crossover(LOADS, each) for name, each in savings.items()},
        labels={"pool": "20"},
    )


def make_intervals(count: int = 60, seed: int = 5) -> list[Estimate]:
    """95% intervals around points that scatter about the truth as they should."""
    points = TRUTH + 0.02 * np.random.default_rng(seed).standard_normal(count)
    return [Estimate(each, each - 0.0392, each + 0.0392) for each in points.tolist()]


def write_freezing(folder: Path, *, closed: bool) -> Run:
    """A service of 5 ms that stops for 0.8 s; asked 50 times a second, or after each answer.

    The open loop has ten connections, so that some of what is due waits to be sent.
    """
    step, work, stop, thaw, until = 0.02, 0.005, 1.5, 2.3, 4.0
    free = [0.0] * (1 if closed else 10)
    with RunWriter(folder, METADATA, epoch_ns=0) as writer:
        due, pair = 0.0, 0
        while due < until:
            sent = max(due, min(free))
            end = (thaw if stop <= sent < thaw else sent) + work
            free[free.index(min(free))] = end
            writer.add(_observed(pair, due, sent, end))
            pair += 1
            due = end + step if closed else pair * step
    return load_run(folder)


def _observed(pair: int, due: float, sent: float, end: float) -> Observation:
    due_ns, sent_ns, end_ns = (round(each * 1e9) for each in (due, sent, end))
    return Observation(
        pair=pair, request_id=f"r{pair}", arm=Arm.CONTROL, arm_schedule="service", repetition=0,
        position=0, tenant="acme", session=None, text_key=pair, intended_start_ns=due_ns,
        dispatched_ns=sent_ns, start_ns=sent_ns, end_ns=end_ns, outcome=Outcome.OK,
    )  # fmt: skip


def _point(hz: float, rng: np.random.Generator, *, pool_waits: bool) -> LoadPoint:
    arms = {arm: _at_load(hz, arm, rng, pool_waits=pool_waits) for arm in COMPARED}
    control, treatment = arms[Arm.CONTROL], arms[Arm.TREATMENT]
    results = (
        _result("p50", 1 - treatment.p50_s / control.p50_s, 0.03),
        _result("p95", 1 - treatment.p95_s / control.p95_s, 0.08),
    )
    return LoadPoint(
        hz,
        arms,
        Comparison(TRUTH, 0.95, round(60 * hz), None, None, "p95", results, Failures(0, 0)),
    )


def _at_load(hz: float, arm: Arm, rng: np.random.Generator, *, pool_waits: bool) -> ArmAtLoad:
    busy = min(hz / CAPACITY[arm], 0.97)
    noise = float(rng.lognormal(0, 0.02))
    backlog = max(0.0, hz / CAPACITY[arm] - 0.97) * 8
    wait = (0.1 * busy**3 / (1 - busy) + backlog) * noise
    median = ALONE_S[arm] * noise + wait
    drowned = hz / CAPACITY[arm] > 1.2
    return ArmAtLoad(
        answered_hz=min(hz, 0.97 * CAPACITY[arm]),
        mean_s=1.1 * median,
        p50_s=median,
        p95_s=np.inf if drowned else 1.5 * median + 2 * wait,
        failed=0,
        pool_wait_p95_s=2 * wait if pool_waits else np.nan,
    )


def _result(name: str, saving: float, error: float) -> StatisticResult:
    if not np.isfinite(saving):
        return StatisticResult(name, Estimate(np.nan, np.nan, np.nan), Verdict.NOT_MEASURABLE)
    estimate = Estimate(saving, saving - error, saving + error)
    return StatisticResult(name, estimate, decide(estimate, TRUTH))


def make_moments() -> list[Moment]:
    """Twelve days, of which the last five save less."""
    rng = np.random.default_rng(6)
    return [
        Moment(
            name=f"day-{day}",
            at=datetime(2026, 3, 1 + day, tzinfo=UTC),
            logs=(float(np.log(0.70 if day < 7 else 0.78) + 0.012 * rng.standard_normal()),),
        )
        for day in range(12)
    ]
