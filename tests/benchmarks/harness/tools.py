"""What several benchmarks need: a core of their own, other load generators, a measured run."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hhperf.experiment.replay import replay_sync
from hhperf.harness.load_plan import Load, plan_load
from hhperf.harness.target import Target
from hhperf.runs.observation import Arm, Outcome
from hhperf.runs.pairs import is_value
from tests.harness.conftest import make_log

GENERATOR_CORE = 0
SERVER_CORE = 1


@dataclass(frozen=True, slots=True)
class Measured:
    """One arm's run; times in seconds."""

    requests: int
    failed: int
    rate_hz: float
    service_s: np.ndarray
    response_s: np.ndarray
    lag_s: np.ndarray


def measure(target: Target, load: Load, **plan: object) -> Measured:
    """Put a load on one target and read the recorded run back."""
    usual = {"cache_state": "natural", "seed": 0, "rounds": 1, "warm_up": 50, "extra_time_s": 0}
    made = plan_load(
        make_log(500),
        load,
        arms=[Arm.CONTROL],
        **{**usual, "max_in_flight": 100_000, **plan},  # type: ignore[arg-type]
    )
    with tempfile.TemporaryDirectory() as folder:
        targets: Mapping[Arm, Target] = {Arm.CONTROL: target}
        run = replay_sync(made, targets, Path(folder) / "run", progress=False)
        table = run.observations
    intended, start, end = (
        np.asarray(table[name]) / 1e9 for name in ("intended_start_ns", "start_ns", "end_ns")
    )
    answered = is_value(table, "outcome", Outcome.OK)
    return Measured(
        requests=len(table),
        failed=int((~answered).sum()),
        rate_hz=len(table) / (end.max() - intended.min()),
        service_s=(end - start)[answered],
        response_s=(end - intended)[answered],
        lag_s=start - intended,
    )


def keep_to(core: int) -> None:
    """Keep this process to one core, where there are two or more."""
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {core})


def server_core() -> int | None:
    """The core of a null server; None where there is only one."""
    return SERVER_CORE if (os.cpu_count() or 1) > 1 else None


def installed(tool: str) -> bool:
    """Whether another load generator is here; says so if it is not."""
    if shutil.which(tool):
        return True
    print(f"{tool:<28} skipped: not installed")
    return False


def wrk(url: str, *, connections: int, seconds: int) -> tuple[float, dict[str, float]]:
    """Requests per second by wrk, and its latencies in seconds by name (p50, p99, max)."""
    said = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout", "30s", url],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    rate = float(re.findall(r"Requests/sec:\s+([0-9.]+)", said)[0])
    quantiles = {f"p{q}": _seconds(value) for q, value in re.findall(r"(50|99)%\s+(\S+)", said)}
    [most] = re.findall(r"Latency +[0-9]\S* +\S+ +(\S+)", said)
    return rate, {**quantiles, "max": _seconds(most)}


def hey(url: str, *, connections: int, seconds: int) -> dict[str, float]:
    """Latencies by hey in seconds, by name (p50, p95, p99, max)."""
    said = subprocess.run(
        ["hey", "-z", f"{seconds}s", "-c", str(connections), "-t", "30", url],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    quantiles = {
        f"p{q}": float(value) for q, value in re.findall(r"(50|95|99)% in ([0-9.]+) secs", said)
    }
    [most] = re.findall(r"Slowest:\s+([0-9.]+) secs", said)
    return {**quantiles, "max": float(most)}


def _seconds(text: str) -> float:
    number, unit = re.fullmatch(r"([0-9.]+)(us|ms|s|m)", text).groups()  # type: ignore[union-attr]
    return float(number) * {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}[unit]


def say(*lines: str) -> None:
    """Print at once, so that what runs beside comes in order."""
    print(*lines, sep="\n")
    sys.stdout.flush()
