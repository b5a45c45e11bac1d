"""A long load: does anything grow that should not?

Run `python -m tests.benchmarks.harness.soak MINUTES [RATE]`: an open loop on one arm with cold
caches, at half the knee: at half of what eight clients in a closed loop get answered, where no rate
is given. Prints what generator and servers hold, ten times, and by how much each has grown
after the first five minutes (of a shorter soak: after half of it); below 5% is wanted.

Memory is what a process has written, and its share of what it shares so. The pages of programs and
libraries are left out: they come as code is used for the first time, and the kernel takes them back
when it needs them. Half of Valkey's resident memory is its program.
"""

import asyncio
import re
import sys
import tempfile
import time
from dataclasses import dataclass, field, fields
from pathlib import Path
from statistics import median

import psutil
import redis

from hhperf.experiment.prepared import prepare_arms
from hhperf.experiment.replay import replay_sync
from hhperf.harness.alarm import new_fast_loop
from hhperf.harness.load_plan import plan_load
from hhperf.harness.load_replay import replay_load
from hhperf.long_work import run_sync
from hhperf.runs.observation import Arm
from hhperf.runs.run import Run
from hhperf.stack.stack import Stack
from hhperf.workload.query_log import QueryLog
from hhperf.workload.reader import load_query_log
from hhperf.workload.schedules import closed_loop, constant, poisson
from hhperf.workload.shipped import data_file
from tests.benchmarks.harness.tools import say

EVERY_S = 5.0
SETTLED_S = 300.0
ROWS = 10
CLIENTS = 8
WANTED = 0.05


def _shown(unit: str, *, grows: bool = True) -> float:
    """A column; one that is not to be judged only tells."""
    return field(metadata={"unit": unit, "judged": grows})  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class Look:
    """What is held at one moment."""

    at_s: float
    generator_mb: float = _shown("MB")
    postgres_mb: float = _shown("MB")
    providers_mb: float = _shown("MB")
    valkey_mb: float = _shown("MB")
    valkey_data_mb: float = _shown("MB")
    valkey_keys: float = _shown("", grows=False)
    valkey_evicted: float = _shown("", grows=False)
    backends: float = _shown("")
    connections: float = _shown("")
    files: float = _shown("")
    tasks: float = _shown("", grows=False)


def look(stack: Stack, begun_s: float, tasks: int) -> Look:
    """Now."""
    me, running = psutil.Process(), stack.embedded.running if stack.embedded else None
    valkey, providers = (running.valkey, running.providers) if running else (None, None)
    postgres = _postgres(stack)
    with redis.Redis(**stack.endpoints.redis) as client:
        memory, stats, keys = client.info("memory"), client.info("stats"), client.dbsize()
    return Look(
        at_s=time.monotonic() - begun_s,
        generator_mb=_megabytes([me]),
        postgres_mb=_megabytes(postgres),
        providers_mb=_megabytes([providers] if providers else []),
        valkey_mb=_megabytes([valkey] if valkey else []),
        valkey_data_mb=memory["used_memory"] / 1e6,
        valkey_keys=keys,
        valkey_evicted=stats["evicted_keys"],
        backends=len(postgres),
        connections=len(me.net_connections("all")),
        files=me.num_fds(),
        tasks=tasks,
    )


def _postgres(stack: Stack) -> list[psutil.Process]:
    server = stack.embedded.postgres.server if stack.embedded else None
    return [server, *server.children()] if server else []


def _megabytes(processes: list[psutil.Process]) -> float:
    return sum(map(_written_bytes, processes)) / 1e6


def _written_bytes(process: psutil.Process) -> int:
    """Of a process that has gone, none."""
    try:
        told = Path(f"/proc/{process.pid}/smaps_rollup").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    found = dict(re.findall(r"^(Pss_Anon|Pss_Shmem): +([0-9]+) kB$", told, re.MULTILINE))
    return 1024 * (int(found["Pss_Anon"]) + int(found["Pss_Shmem"]))


async def soak(stack: Stack, log: QueryLog, minutes: float, rate_hz: float) -> list[Look]:
    """Send, and look every five seconds."""
    plan = plan_load(
        log, poisson(constant(rate_hz, 60 * minutes), seed=0), cache_state="cold", seed=0, rounds=1,
        arms=[Arm.CONTROL], extra_time_s=0,
    )  # fmt: skip
    arms = prepare_arms(stack, "parallel", "parallel", profile="local")
    looks: list[Look] = []
    looking = asyncio.create_task(_look_often(stack, looks))
    try:
        with tempfile.TemporaryDirectory() as folder:
            run = await replay_load(plan, arms.make_targets, Path(folder) / "run")
            looking.cancel()  # reading the run takes memory of its own
            say(_told(run))
    finally:
        looking.cancel()
    return looks


async def _look_often(stack: Stack, looks: list[Look]) -> None:
    begun_s = time.monotonic()
    while True:
        await asyncio.sleep(EVERY_S)
        looks.append(await asyncio.to_thread(look, stack, begun_s, len(asyncio.all_tasks())))


def _told(run: Run) -> str:
    frame = run.frame()
    latency_ms = (frame["end_ns"] - frame["intended_start_ns"]) / 1e6
    counts = {str(kind): count for kind, count in run.counts()[Arm.CONTROL].items() if count}
    quantiles = ", ".join(f"p{100 * q:g} {latency_ms.quantile(q):.1f} ms" for q in (0.5, 0.95))
    return f"{run.status}: {counts}; response time {quantiles}"


def half_the_knee_hz(stack: Stack, log: QueryLog) -> float:
    """Half of what so many clients get answered."""
    plan = plan_load(
        log, closed_loop(CLIENTS, 400), cache_state="cold", seed=0, rounds=1, arms=[Arm.CONTROL]
    )
    arms = prepare_arms(stack, "parallel", "parallel", profile="local")
    with tempfile.TemporaryDirectory() as folder:
        frame = replay_sync(plan, arms.make_targets, Path(folder) / "run").frame()
    took_s = (frame["end_ns"].max() - frame["start_ns"].min()) / 1e9
    return float(len(frame) / took_s / 2)


def show(looks: list[Look]) -> None:
    """A row for each tenth of the time, and the growth of each column."""
    names = [each.name for each in fields(Look)]
    say("  ".join(f"{name:>14}" for name in names))
    for number in range(ROWS):
        row = looks[(number + 1) * len(looks) // ROWS - 1]
        say("  ".join(f"{getattr(row, name):>14,.1f}" for name in names))
    settled_s = min(SETTLED_S, looks[-1].at_s / 2)
    after = [each for each in looks if each.at_s >= settled_s]
    few = max(1, len(after) // 5)
    say(f"Growth after {settled_s:.0f} s, the median of the last fifth beside that of the first:")
    for column in fields(Look)[1:]:
        values = [float(getattr(each, column.name)) for each in after]
        first, last = median(values[:few]), median(values[-few:])
        share = last / first - 1 if first else 0.0
        wanted = "" if not column.metadata["judged"] else "ok" if share < WANTED else "GROWS"
        unit = column.metadata["unit"]
        say(
            f"{column.name:>16} {first:>10,.1f} -> {last:>10,.1f} {unit:<3}{share:>+8.1%}  {wanted}"
        )


def main(minutes: float, rate_hz: float | None) -> None:
    """The table."""
    log = load_query_log(data_file("queries.jsonl"))
    with Stack() as stack:
        rate = rate_hz or half_the_knee_hz(stack, log)
        say(f"{minutes:g} minutes at {rate:.1f} requests a second")
        show(run_sync(soak(stack, log, minutes, rate), new_fast_loop))


if __name__ == "__main__":
    main(
        float(sys.argv[1]) if len(sys.argv) > 1 else 2.0,
        float(sys.argv[2]) if len(sys.argv) > 2 else None,
    )
