"""What Redis holds under a cold load, with and without removing what ended requests wrote.

Run `python -m tests.benchmarks.harness.cold_keys [SECONDS] [RATE]`: blocks of so many seconds in
turns, both controls removing and the treatment not. Prints what Redis holds at the beginning and
the end of blocks, then both compared: removing should change neither latencies nor costs.
"""

import asyncio
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import redis

from hhperf.experiment.arm_target import ArmTarget
from hhperf.experiment.latency_profiles import load_profile
from hhperf.harness.alarm import new_fast_loop
from hhperf.harness.load_plan import LoadPlan, plan_load
from hhperf.harness.load_replay import replay_load
from hhperf.harness.replay_plan import CacheState
from hhperf.harness.target import Reply, Request
from hhperf.long_work import run_sync
from hhperf.runs.observation import Arm
from hhperf.runs.run import Run
from hhperf.stack.stack import Stack
from hhperf.verdict.compare import compare
from hhperf.verdict.price import price_of
from hhperf.workload.reader import load_query_log
from hhperf.workload.schedules import constant, poisson
from hhperf.workload.shipped import data_file
from tests.benchmarks.harness.tools import say

ROUNDS = 2
EVERY_S = 1.0

MANY = 1_000
"""Keys that go at once when the arm that keeps them is closed."""


class Held(NamedTuple):
    """What a Redis holds, by its own account."""

    megabytes: float
    keys: int
    evicted: int


def held(stack: Stack) -> Held:
    """Now."""
    with redis.Redis(**stack.endpoints.redis) as client:
        memory, stats = client.info("memory"), client.info("stats")
        return Held(memory["used_memory"] / 1e6, client.dbsize(), stats["evicted_keys"])


class Told(ArmTarget):
    """An arm that tells when it is sent to."""

    tell: Callable[[], None]

    async def send(self, request: Request) -> Reply:
        """Answer."""
        self.tell()
        return await super().send(request)


class Keeping(Told):
    """Leaves everything where it is."""

    async def tidy(self) -> None:
        """Nothing."""


def main(seconds: float, rate_hz: float) -> None:
    """A row a block, then both arms' figures."""
    loads = [poisson(constant(rate_hz, seconds), seed=seed) for seed in range(ROUNDS)]
    plan = plan_load(
        load_query_log(data_file("queries.jsonl")), loads, cache_state="cold", seed=0,
        extra_time_s=0,
    )  # fmt: skip
    with Stack() as stack, tempfile.TemporaryDirectory() as folder:
        run = run_sync(_measured(plan, stack, Path(folder) / "run"), new_fast_loop)
        _compare(run)


async def _measured(plan: LoadPlan, stack: Stack, folder: Path) -> Run:
    now: list[Arm] = []
    targets = {}
    for arm in Arm:
        kind = Keeping if arm is Arm.TREATMENT else Told
        where, profile = stack.endpoints, load_profile("local")
        target = kind("sequential", stack.settings, where, profile, CacheState.COLD)
        target.tell = partial(_note, now, arm)
        targets[arm] = target
    looking = asyncio.create_task(_look(stack, now))
    try:
        return await replay_load(plan, targets, folder)
    finally:
        looking.cancel()


def _note(now: list[Arm], arm: Arm) -> None:
    if now[-1:] != [arm]:
        now.append(arm)


async def _look(stack: Stack, now: list[Arm]) -> None:
    """Say what Redis holds whenever another arm has its turn, and when the last is closed."""
    blocks, last = 0, await asyncio.to_thread(held, stack)
    say(f"{'':<12}{'MB':>8}{'keys':>8}{'evicted':>9}")
    say(f"{'before':<12}{last.megabytes:>8.1f}{last.keys:>8}{last.evicted:>9}")
    while True:
        await asyncio.sleep(EVERY_S)
        seen = await asyncio.to_thread(held, stack)
        if len(now) > blocks or seen.keys < last.keys - MANY:
            name = "opened"
            if blocks:
                name = "keeping" if now[blocks - 1] is Arm.TREATMENT else "removing"
            say(f"{name:<12}{last.megabytes:>8.1f}{last.keys:>8}{last.evicted:>9}")
            blocks = len(now)
        last = seen


def _compare(run: Run) -> None:
    say(str(compare(run)))
    say(str(price_of(run)))
    frame = run.frame()
    for arm in Arm:
        mine = frame[frame["arm"] == arm.value]
        latency_ms = (mine["end_ns"] - mine["start_ns"]) / 1e6
        cpu_ms = mine["cost_service_ns"] / 1e6
        say(
            f"{arm.value:<15}service time p50 {latency_ms.median():.2f} ms,"
            f" p95 {latency_ms.quantile(0.95):.2f} ms; processor of service {cpu_ms.mean():.3f} ms"
        )


if __name__ == "__main__":
    main(
        float(sys.argv[1]) if len(sys.argv) > 1 else 60.0,
        float(sys.argv[2]) if len(sys.argv) > 2 else 18.0,
    )
