"""Requests per second, every one recorded: hhperf beside Locust, and two workers beside one.

Run `python -m tests.benchmarks.harness.throughput [seconds]`. One core is the generator's, another
the null server's. Locust is a requirement of this benchmark alone (`pip install locust==2.47.0`,
best in an environment of its own: `LOCUST=/path/to/locust`), left out where it is missing.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from hhperf.experiment.replay import replay_sync
from hhperf.harness.calibration import do_nothing, null_server
from hhperf.harness.http_target import HttpTarget
from hhperf.harness.load_plan import plan_load
from hhperf.harness.preparation import Targets
from hhperf.harness.target import CallableTarget
from hhperf.runs.observation import Arm
from hhperf.workload.schedules import closed_loop
from tests.benchmarks.harness.tools import (
    GENERATOR_CORE,
    installed,
    keep_to,
    measure,
    say,
    server_core,
    wrk,
)
from tests.harness.conftest import make_log

CLIENTS = 50
LOCUSTFILE = """
import json
from locust import FastHttpUser, constant, task

BODY = json.dumps({"query": "engenheiro 1"}).encode()
HEADERS = {"Content-Type": "application/json", "X-Tenant-ID": "acme", "X-Request-ID": "r1"}

class User(FastHttpUser):
    wait_time = constant(0)

    @task
    def search(self):
        self.client.post("/v1/search/hybrid", data=BODY, headers=HEADERS)
"""


def main() -> None:
    """Prints one rate a line."""
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    everywhere = os.sched_getaffinity(0)
    keep_to(GENERATOR_CORE)
    _row("hhperf, null target in process", _in_process())
    with null_server(server_core()) as url:
        own = _over_http(url, seconds)
        _row("hhperf over HTTP", own)
        locust = _locust(url, seconds)
        if locust:
            _row("Locust FastHttpUser", locust)
            say(f"{'hhperf / Locust':<36}{own / locust:>12.2f} times")
        if installed("wrk"):
            _row("wrk", wrk(url, connections=CLIENTS, seconds=seconds)[0])
    os.sched_setaffinity(0, everywhere)
    for workers in (1, 2):
        _row(f"hhperf in process, {workers} worker{'s' * (workers > 1)}", _shared(workers))
    say(f"cores: {len(everywhere)}")


def _row(name: str, rate_hz: float) -> None:
    say(f"{name:<36}{rate_hz:>12,.0f} requests/s{1e6 / rate_hz:>10.1f} us each")


def _in_process() -> float:
    return measure(CallableTarget(do_nothing), closed_loop(CLIENTS, 200_000)).rate_hz


def _over_http(url: str, seconds: int) -> float:
    target = partial(HttpTarget, url, connections=CLIENTS)
    first = measure(target(), closed_loop(CLIENTS, 10_000)).rate_hz
    return measure(target(), closed_loop(CLIENTS, round(first * seconds))).rate_hz


def _locust(url: str, seconds: int) -> float | None:
    """The rate after everyone has begun."""
    locust = os.environ.get("LOCUST") or shutil.which("locust")
    if not locust:
        say(f"{'Locust FastHttpUser':<36} skipped: not installed")
        return None
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "locustfile.py"
        file.write_text(LOCUSTFILE, encoding="utf-8")
        done = subprocess.run(
            [locust, "-f", file, "--headless", "-u", str(CLIENTS), "-r", str(CLIENTS * 10),
             "-t", f"{seconds + 1}s", "--reset-stats", "--host", url, "--only-summary"],
            check=False, capture_output=True, text=True,
        )  # fmt: skip
    said = done.stdout + done.stderr
    rates = re.findall(r"Aggregated\s.*\|\s+([0-9.]+)\s+[0-9.]+\s*$", said, re.MULTILINE)
    return float(rates[0]) if rates else None


def make_targets() -> Targets:
    """One that does nothing."""
    return {Arm.CONTROL: CallableTarget(do_nothing)}


def _shared(workers: int) -> float:
    plan = plan_load(
        make_log(500), closed_loop(CLIENTS, 200_000), cache_state="natural", seed=0, rounds=1,
        arms=[Arm.CONTROL], warm_up=0,
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        run = replay_sync(plan, make_targets, Path(folder) / "run", workers=workers, progress=False)
        frame = run.table(["intended_start_ns", "end_ns"]).to_pandas()
        return float(
            len(frame) / ((frame["end_ns"].max() - frame["intended_start_ns"].min()) / 1e9)
        )


if __name__ == "__main__":
    main()
