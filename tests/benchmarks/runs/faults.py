"""What becomes of a run when something is killed, or its disk is full; and whether it goes on.

Run `python -m tests.benchmarks.runs.faults TRIALS [KIND...]`, as root for `disk`. Each trial
starts `hhperf replay` or `hhperf load` on a stack of its own, kills at a moment drawn by the
trial's number the generator, a worker (of a load), the provider, PostgreSQL or Valkey with SIGKILL,
or has the disk run full (a tmpfs of a few pages), sees how the run ends, and goes on with it by
`--resume`.

Told are the time from the last observation on disk to the fault, how the run had ended, how it
ended after the resume, whether its pairs are those of an unbroken run, which servers were left
behind, and damage that nobody said anything of: pairs twice, files that read and are wrong, or
searches that a missing part impaired and that count as answered.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

from hhperf.errors import RunError
from hhperf.runs.observation import Outcome
from hhperf.runs.run import Run, load_run
from hhperf.search.settings import Settings
from hhperf.stack.embedded import EmbeddedStack
from hhperf.stack.made_of import Corpus
from tests.benchmarks.harness.tools import say

KINDS = ("generator", "worker", "provider", "database", "cache", "disk")
CANDIDATES = 500
COMMON = (
    "--candidates", str(CANDIDATES), "--no-rerank", "--patience", "3", "--extra-time", "0",
    "--timeout-s", "5",
)  # fmt: skip
COMMANDS = {
    "replay": ("--pairs", "80", "--warm-up", "2"),
    "load": ("--rate", "12", "--seconds", "2.5", "--warm-up", "2", "--no-calibrated"),
}
LONGEST_S = 240
FEW_BYTES = 120_000
"""Of a disk that runs full while a run is recorded."""

Row = tuple[int, str, str, int]


@dataclass(frozen=True)
class Trial:
    """What is killed, of which command, where; and when."""

    kind: str
    command: str
    out: Path
    after_s: float

    @property
    def arguments(self) -> tuple[str, ...]:
        """Of the command; workers only where one is killed, so that most runs are alike."""
        workers = ("--workers", "2") if self.kind == "worker" else ()
        return (self.command, str(self.out), *COMMANDS[self.command], *COMMON, *workers)


def main() -> None:
    """A line for each trial."""
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    kinds = sys.argv[2:] or KINDS
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        root.chmod(0o755)  # as root PostgreSQL runs as another user
        (root / "tmp").mkdir(mode=0o755)
        os.environ |= {"HHPERF_CACHE_DIR": str(root / "cache"), "TMPDIR": str(root / "tmp")}
        say("kind       command  lost, s  ended         resumed       same pairs  left  silent")
        unbroken: dict[tuple[str, bool], set[Row]] = {}
        for kind in kinds:
            for command in ("load",) if kind == "worker" else COMMANDS:
                key = command, kind == "worker"
                if key not in unbroken:
                    unbroken[key] = _unbroken(
                        Trial(kind, command, root / "-".join(map(str, key)), 0)
                    )
                for number in range(trials):
                    rng = np.random.default_rng([number, KINDS.index(kind), len(command)])
                    out = root / f"{kind}-{command}-{number}"
                    trial = Trial(kind, command, out, float(rng.uniform(0.3, 4.0)))
                    with _disk(trial):
                        _tell(trial, unbroken[key])


def _unbroken(trial: Trial) -> set[Row]:
    _ended(_started(trial.arguments))
    return _rows(load_run(trial.out))


def _tell(trial: Trial, unbroken: set[Row]) -> None:
    process = _started(trial.arguments)
    _until_it_measures(trial, process)
    time.sleep(trial.after_s)
    at_ns = time.time_ns()
    _hit(trial, process)
    _ended(process)
    broken = load_run(trial.out)
    lost_s = _lost_s(broken, at_ns) if trial.kind == "generator" else 0.0
    ended, resumed = broken.status, "-"
    if ended != "finished":
        if trial.kind == "disk":
            _mounted("remount,size=64m", trial.out)
        _ended(_started((trial.command, "--resume", str(trial.out))))
        resumed = load_run(trial.out).status
    run = load_run(trial.out)
    same = "yes" if _rows(run) == unbroken else f"no ({len(_rows(run) ^ unbroken)} rows)"
    say(
        f"{trial.kind:<9}  {trial.command:<7}  {lost_s:>7.2f}  {ended:<12}  {resumed:<12}"
        f"  {same:<10}  {left_behind():>4}  {_silent(run)}"
    )


def _started(arguments: tuple[str, ...]) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "hhperf", *arguments]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _ended(process: "subprocess.Popen[bytes]") -> None:
    try:
        process.wait(LONGEST_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        say("    (did not end by itself, and was killed)")


def _until_it_measures(trial: Trial, process: "subprocess.Popen[bytes]") -> None:
    journal = trial.out / "observations.journal"
    while process.poll() is None:
        with suppress(FileNotFoundError):
            if journal.stat().st_size > 2_000:
                return
        time.sleep(0.02)


def _hit(trial: Trial, process: "subprocess.Popen[bytes]") -> None:
    """Kill what is to be killed; a disk runs full by itself."""
    stack = EmbeddedStack(Settings.from_environment(), Corpus(CANDIDATES))
    running, server = stack.running, stack.postgres.server
    found: dict[str, psutil.Process | None] = {
        "generator": psutil.Process(process.pid) if process.poll() is None else None,
        "worker": _worker_of(process) if trial.kind == "worker" else None,
        "provider": running.providers if running else None,
        "database": server if server is None else psutil.Process(server.pid),
        "cache": running.valkey if running else None,
    }
    victim = found.get(trial.kind)
    if victim is not None:
        victim.send_signal(signal.SIGKILL)


def _worker_of(process: "subprocess.Popen[bytes]") -> psutil.Process | None:
    for child in psutil.Process(process.pid).children():
        if "spawn_main" in " ".join(child.cmdline()):
            return child
    return None


def _lost_s(run: Run, at_ns: int) -> float:
    """From the end of the last observation on disk to the fault."""
    anchor, ends = run.metadata.anchor, run.table(["end_ns"])["end_ns"].to_pylist()
    assert anchor is not None
    return (at_ns - anchor.wall_ns - max(ends, default=0)) / 1e9


def _rows(run: Run) -> set[Row]:
    """Which requests were measured, where; by arm."""
    rows = run.table(["pair", "request_id", "arm", "position", "outcome"]).to_pylist()
    return {
        (row["pair"], row["request_id"], row["arm"], row["position"])
        for row in rows
        if row["outcome"] != Outcome.CANCELLED
    }


def _silent(run: Run) -> str:
    """Damage that the run does not tell of."""
    try:
        rows = run.observations.to_pylist()
    except RunError as error:
        return f"told: {error}"
    counted = [row for row in rows if row["outcome"] != Outcome.CANCELLED]
    twice = len(counted) - len({(row["pair"], row["arm"]) for row in counted})
    impaired = sum(
        row["outcome"] == Outcome.OK and bool(row["missing"] or row["cache_failures"])
        for row in rows
    )
    failed = sum(row["outcome"] in (Outcome.ERROR, Outcome.TIMEOUT) for row in rows)
    lost = sum(row["outcome"] == Outcome.LOST for row in rows)
    found = {"twice": twice, "impaired": impaired, "failed": failed, "told as lost": lost}
    return ", ".join(f"{count} {what}" for what, count in found.items() if count) or "nothing"


def left_behind() -> int:
    """Servers that still run once nobody uses them; the watcher looks twice a second."""
    root, until = str(Path(os.environ["HHPERF_CACHE_DIR"]).parent), time.monotonic() + 15
    while (count := len(_servers(root))) and time.monotonic() < until:
        time.sleep(0.5)
    return count


def _servers(root: str) -> list[int]:
    found = []
    for each in psutil.process_iter(["cmdline"]):
        line = " ".join(each.info["cmdline"] or ())
        if root in line and "watcher" not in line and "faults" not in line:
            found.append(each.pid)
    return found


@contextmanager
def _disk(trial: Trial) -> Iterator[None]:
    """A small disk below the run's folder, where that is what fails."""
    if trial.kind != "disk":
        yield
        return
    place = trial.out
    place.mkdir()
    _mounted(f"size={FEW_BYTES}", place)
    try:
        yield
    finally:
        subprocess.run(["umount", str(place)], check=True)


def _mounted(options: str, place: Path) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", str(place)], check=True)


if __name__ == "__main__":
    main()
