"""Records the small runs of `data/runs` anew, as the notebooks that read them make them.

Run `python -m tests.record_shipped OUT [NAME...]` on a quiet machine, then look at what OUT holds
before it takes the place of what is shipped. All of them take twenty minutes, most of it the sweep.
(`hhperf run --out OUT/claim` records the main ones.)
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import nbformat
from nbclient import NotebookClient

import hhperf
from hhperf.experiment.in_notebooks import VARIABLE
from hhperf.harness.calibration import null_server_process
from hhperf.harness.http_target import HttpTarget
from hhperf.harness.load_plan import Load
from hhperf.runs.metadata import Conditions
from hhperf.workload.schedules import closed_loop, constant, evenly
from hhperf.workload.shipped import data_dir
from tests.benchmarks.harness.freeze import FREEZE_AFTER_S, FREEZE_S, frozen
from tests.store_notebooks import FOLDER

RATE_HZ, SPAN_S = 200, 20
SWEEP = (
    "--rates", "4,8,12,16,24", "--seconds", "20", "--rounds", "2", "--warm-up", "10",
    "--profile", "plan", "--no-rerank", "--pool-max", "4,20",
)  # fmt: skip


def main(out: Path, names: list[str]) -> None:
    """Record those named, or all."""
    unknown = set(names) - set(RECORDERS)
    if unknown:
        sys.exit(f"no run is named {', '.join(sorted(unknown))}: take {', '.join(RECORDERS)}")
    out.mkdir(parents=True, exist_ok=True)
    for name in names or RECORDERS:
        sys.stdout.write(f"{name} …\n")
        sys.stdout.flush()
        RECORDERS[name](out)


def _freeze(out: Path) -> None:
    number = RATE_HZ * SPAN_S
    loads: dict[str, Load] = {
        "freeze-open-loop": evenly(constant(RATE_HZ, SPAN_S)),
        "freeze-closed-loop": closed_loop(clients=1, requests=number, think_time_s=1 / RATE_HZ),
    }
    for name, load in loads.items():
        _stopped_server(load, out / name)


def _stopped_server(load: Load, out: Path) -> None:
    log = hhperf.load_query_log(data_dir() / "queries.jsonl")
    arm = hhperf.Arm.CONTROL
    plan = hhperf.plan_load(
        log, load, arms=[arm], rounds=1, warm_up=0, cache_state="natural", seed=0, extra_time_s=0
    )
    labels = {
        "target": "a server that answers at once, stopped by SIGSTOP",
        "stopped_after_s": f"{FREEZE_AFTER_S:g}",
        "stopped_s": f"{FREEZE_S:g}",
    }
    with null_server_process() as (url, process), frozen(process):
        targets = {arm: HttpTarget(url, name="a server that stops")}
        hhperf.replay_sync(plan, targets, out, conditions=Conditions(labels=labels))


def _two_deployments(out: Path) -> None:
    _keep("05_your_service", {"mine": "two-deployments"}, out)


def _gather(out: Path) -> None:
    _keep("06_your_arms", {"waits": "gather-waits", "computes": "gather-computes"}, out)


def _keep(notebook: str, runs: dict[str, str], out: Path) -> None:
    """Run a notebook at full size and keep what its live section records."""
    cells = nbformat.read(FOLDER / f"{notebook}.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {VARIABLE: "full", "TMPDIR": folder}
        resources = {"metadata": {"path": str(FOLDER)}}
        NotebookClient(cells, timeout=None, resources=resources).execute()
        for name, kept in runs.items():
            (found,) = Path(folder).glob(f"*/{name}")
            shutil.copytree(found, out / kept)


def _sweep(out: Path) -> None:
    command = [sys.executable, "-m", "hhperf", "sweep", str(out / "sweep-plan"), *SWEEP]
    subprocess.run(command, check=True)


RECORDERS: dict[str, Callable[[Path], None]] = {
    "freeze": _freeze,
    "two-deployments": _two_deployments,
    "gather": _gather,
    "sweep-plan": _sweep,
}

if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
