"""Faults planted in real runs: is each caught, and its cause named?

Run `python -m tests.benchmarks.machine.planted`, as root, on a quiet machine. The treatment saves
30% in every run; what is asked is whether the run says what is wrong. A row a fault: the verdict,
and whether its cause was named.
"""

import asyncio
import multiprocessing
import os
import random
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.synchronize import Semaphore
from pathlib import Path

from hhperf.analysis.comparison import Comparison
from hhperf.analysis.decision import GateState
from hhperf.experiment.replay import replay_sync
from hhperf.harness.load_plan import LoadPlan, plan_load
from hhperf.harness.paired_plan import PairedPlan, plan_pairs
from hhperf.harness.target import CallableTarget, Request, Target
from hhperf.runs.observation import Arm
from hhperf.verdict.compare import compare
from hhperf.workload.schedules import constant, poisson
from tests.benchmarks.harness.tools import say
from tests.benchmarks.machine.neighbour import PRIORITY
from tests.harness.conftest import make_log

CONTROL_S, SAVED = 0.06, 0.30
BURST_S = 0.08
STALLED_SHARE = 1 / 12

Plan = PairedPlan | LoadPlan


@dataclass(slots=True)
class Arms:
    """Two arms whose times are drawn; a fault changes what one of them does."""

    rng: random.Random = field(default_factory=lambda: random.Random(7))
    last: dict[str, Arm] = field(default_factory=dict)

    async def serve(self, arm: Arm, factor: float = 1.0) -> None:
        """Take as long as the arm does, spread by a quarter."""
        saved = SAVED if arm is Arm.TREATMENT else 0.0
        await asyncio.sleep(CONTROL_S * (1 - saved) * factor * self.rng.lognormvariate(0.0, 0.25))

    def before(self, arm: Arm, request: Request) -> Arm | None:
        """Which arm had the request last; None for the first of its pair."""
        found = self.last.get(request.request_id)
        self.last[request.request_id] = arm
        return found


Serve = Callable[[Arms, Arm, Request], Awaitable[None]]


async def honest(arms: Arms, arm: Arm, request: Request) -> None:
    """No fault."""
    await arms.serve(arm)


async def slow_in_first_place(arms: Arms, arm: Arm, request: Request) -> None:
    """The first place is slow for the treatment alone."""
    slow = arms.before(arm, request) is None and arm is Arm.TREATMENT
    await arms.serve(arm, 1.5 if slow else 1.0)


async def left_warm(arms: Arms, arm: Arm, request: Request) -> None:
    """Who follows the treatment finds what it had to fetch."""
    warm = arms.before(arm, request) is Arm.TREATMENT
    await arms.serve(arm, 0.7 if warm else 1.0)


async def computing(arms: Arms, arm: Arm, request: Request) -> None:
    """The treatment computes in the event loop while others wait for their answers."""
    if arm is Arm.TREATMENT:
        _compute(0.02)
    await arms.serve(arm)


async def always_computing(arms: Arms, arm: Arm, request: Request) -> None:
    """Every request computes, so much that the generator has no time to spare."""
    _compute(0.038)
    await arms.serve(arm)


def _compute(seconds: float) -> None:
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        pass


class Stalls:
    """The machine stands still, once in twelve requests to the treatment."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("fork")
        self._asked = {core: context.Semaphore(0) for core in sorted(os.sched_getaffinity(0))}
        self._noise = [
            context.Process(target=_burst, args=(core, asked), daemon=True)
            for core, asked in self._asked.items()
        ]
        for each in self._noise:
            each.start()

    async def __call__(self, arms: Arms, arm: Arm, request: Request) -> None:
        """Serve, and let the machine stall meanwhile."""
        if arm is Arm.TREATMENT and arms.rng.random() < STALLED_SHARE:
            await asyncio.sleep(arms.rng.uniform(0.0, 0.02))
            for each in self._asked.values():
                each.release()
        await arms.serve(arm)

    def end(self) -> None:
        """No more noise."""
        for each in self._noise:
            each.kill()


def _burst(core: int, asked: Semaphore) -> None:
    os.sched_setaffinity(0, {core})
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(PRIORITY))
    while True:
        asked.acquire()
        _compute(BURST_S)


def main() -> None:
    """A row a fault."""
    log = make_log(700)
    paired = partial(plan_pairs, log, cache_state="natural", seed=1, warm_up=20)
    load = plan_load(
        log, poisson(constant(25, 20), seed=1), cache_state="natural", seed=1, warm_up=20
    )
    stalls = Stalls()
    rows: Sequence[tuple[str, Serve, Plan, str]] = (
        ("no fault", honest, paired(in_flight=4), ""),
        ("stalls while the treatment runs", stalls, paired(in_flight=4), "stalled more while"),
        ("first place slow for one arm", slow_in_first_place, paired(in_flight=4), "arm by place"),
        ("an arm leaves the next one warm", left_warm, paired(in_flight=4), "carry-over"),
        ("one arm's computing holds others up", computing, paired(in_flight=4), "event-loop lag"),
        ("a generator without time to spare", always_computing, load, "generator CPU"),
    )
    try:
        for name, serve, plan, cause in rows:
            _report(name, _compared(serve, plan), cause)
    finally:
        stalls.end()


def _compared(serve: Serve, plan: Plan) -> Comparison:
    arms = Arms()
    targets: dict[Arm, Target] = {
        arm: CallableTarget(partial(serve, arms, arm), name=str(arm)) for arm in Arm
    }
    with tempfile.TemporaryDirectory() as folder:
        return compare(replay_sync(plan, targets, Path(folder) / "run", progress=False))


def _report(name: str, comparison: Comparison, cause: str) -> None:
    failed = [gate.text for gate in comparison.gates if gate.state is GateState.FAILED]
    result = comparison[comparison.primary]
    said = [*failed, *result.estimate.warnings]
    caught = any(cause in each for each in said) if cause else not failed
    how = f"by {cause!r}" if cause else "nothing to catch"
    say(f"{name:<40}{comparison.verdict:<16}{'caught' if caught else 'MISSED'} {how}")
    if not caught:
        say(*(f"    {each}" for each in said))


if __name__ == "__main__":
    main()
