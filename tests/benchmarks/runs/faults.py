"""What becomes of a run when something is killed, or its disk is full; and whether it goes on.

Run `python -m tests.benchmarks.runs.faults TRIALS [KIND[/COMMAND]…]`, as root for `disk`. Each
trial starts `hhperf replay` or `hhperf load` on a stack of its own, kills at a moment drawn by the
trial's number the generator, a worker (of a load: a process of this machine, or of a Dask cluster),
the provider, PostgreSQL or Valkey with SIGKILL, or has the disk run full (a tmpfs of a few pages),
sees how the run ends, and goes on with it by `--resume`. A generator is killed three times in a
run: the second and third one while it goes on, from the moment that it writes.

Told are the time from the last observation on disk to the fault (of a worker: the time for which it
sent nothing), how the run had ended, how it ended after the resume, whether its pairs are those of
an unbroken run, which processes were left behind, and damage that nobody said anything of: pairs
twice, files that read and are wrong, or searches that a missing part impaired and that count as
answered. In the end a line for each kind.
"""

import argparse
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil

from hhperf.errors import RunError
from hhperf.runs.run import load_run
from tests.benchmarks.harness.tools import say
from tests.benchmarks.runs.fault_damage import Row, damage_in, lost_s, rows_of
from tests.benchmarks.runs.fault_places import (
    CANDIDATES,
    Started,
    dask_cluster,
    grown,
    kept,
    left_behind,
    small_disk,
    victim,
)

COMMON = (
    "--candidates", str(CANDIDATES), "--no-rerank", "--patience", "3", "--extra-time", "0",
    "--timeout-s", "5",
)  # fmt: skip
COMMANDS = {
    "replay": ("--pairs", "240", "--warm-up", "2"),
    "load": ("--rate", "12", "--seconds", "2.5", "--warm-up", "2", "--no-calibrated"),
}
BOTH, UNDER_LOAD = ("replay", "load"), ("load",)
KINDS = {
    "generator": BOTH, "worker": UNDER_LOAD, "dask": UNDER_LOAD, "provider": BOTH,
    "database": BOTH, "cache": BOTH, "disk": BOTH,
}  # fmt: skip
ENDS = {
    "generator": {"cut off"}, "worker": {"finished"}, "dask": {"finished"}, "disk": {"failed"},
    "provider": {"stopped"}, "database": {"stopped"}, "cache": {"stopped"},
}  # fmt: skip
KILLS = {"generator": 3}
AFTER_S = {"replay": (0.1, 4.0), "load": (0.1, 9.0)}
FEW_BYTES = (48_000, 200_000)
"""Of a disk that runs full while a run is recorded."""


@dataclass
class Trial:
    """One command, what is to meet it, and what came of it; `hits` faults met it."""

    kind: str
    command: str
    number: int
    out: Path
    hits: int = 0
    lost_s: list[float] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    resumed: str = "-"
    differing: int = 0
    left: int = 0
    silent: str = ""
    told: str = ""
    wrong: list[str] = field(default_factory=list)

    @property
    def arguments(self) -> tuple[str, ...]:
        """Of the command; workers only where one is killed, so that most runs are alike."""
        workers = ("--workers", "2") if self.kind == "worker" else ()
        return (self.command, str(self.out), *COMMANDS[self.command], *COMMON, *workers)


def main() -> None:
    """A line for each trial, and for each kind."""
    parser = argparse.ArgumentParser()
    parser.add_argument("trials", type=int, nargs="?", default=2)
    parser.add_argument("kinds", nargs="*", default=list(KINDS))
    parser.add_argument("--first", type=int, default=0, help="the first trial's number")
    parser.add_argument("--keep", type=Path, help="where runs go with which something is wrong")
    given = parser.parse_args()
    with _place_of_our_own() as root:
        say("kind       command  no.  lost, s      ended      resumed   differ  left  silent")
        groups = []
        for kind in given.kinds:
            name, _, only = kind.partition("/")
            for command in (only,) if only else KINDS[name]:
                groups += [_group(name, command, given, root)]
        say("", "kind       command  faults  readable  lost, s (worst)  same pairs  left  silent")
        for trials in groups:
            _sum_up(trials)


@contextmanager
def _place_of_our_own() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        root.chmod(0o755)  # as root PostgreSQL runs as another user
        (root / "tmp").mkdir(mode=0o755)
        os.environ |= {"HHPERF_CACHE_DIR": str(root / "cache"), "TMPDIR": str(root / "tmp")}
        yield root


def _unbroken(kind: str, command: str, root: Path) -> set[Row]:
    """What a run has that nothing meets; measured once for kinds whose runs are alike."""
    crew = kind if kind in ("worker", "dask") else "alone"
    whole = Trial(kind, command, -1, root / f"{crew}-{command}")
    if not whole.out.exists():
        with _around(whole, 0) as more:
            started = Started((*whole.arguments, *more), root / "log")
            wrong = started.ended()
        if not whole.out.exists() or load_run(whole.out).status != "finished":
            raise SystemExit(f"no run to compare with: {wrong} {started.said}")
    return rows_of(load_run(whole.out))


def _group(kind: str, command: str, given: argparse.Namespace, root: Path) -> list[Trial]:
    """The trials of a kind, against a run that nothing meets."""
    unbroken, trials = _unbroken(kind, command, root), []
    for number in range(given.first, given.first + given.trials):
        trial = Trial(kind, command, number, root / f"{kind}-{command}-{number}")
        rng = np.random.default_rng([number, list(KINDS).index(kind), len(command)])
        size = int(rng.uniform(*FEW_BYTES)) if kind == "disk" else 0
        with _around(trial, size) as more:
            _meet(trial, more, rng, unbroken, root / f"log-{kind}-{command}-{number}")
            if trial.wrong:
                kept(trial.out, given.keep)
        trials.append(trial)
    return trials


@contextmanager
def _around(trial: Trial, size: int) -> Iterator[tuple[str, ...]]:
    """What a trial takes beside the command; gives further options."""
    with ExitStack() as stack:
        if size:
            stack.enter_context(small_disk(trial.out, size))
        if trial.kind != "dask":
            yield ()
            return
        yield "--dask", stack.enter_context(dask_cluster(trial.out.parent))


def _meet(
    trial: Trial, more: tuple[str, ...], rng: np.random.Generator, unbroken: set[Row], log: Path
) -> None:
    """Have the fault, or several; go on; and say what came of it."""
    started = Started((*trial.arguments, *more), log)
    for again in range(KILLS.get(trial.kind, 1)):
        if again:
            started = _resumed(trial, log, until_it_writes=True)
        else:
            _until_it_measures(trial, started)
        time.sleep(rng.uniform(*AFTER_S[trial.command]) * (0.5 if again else 1))
        _strike(trial, started)
        if trial.ended[-1] == "finished":
            break
    if trial.ended[-1] != "finished":
        if trial.kind == "disk":
            grown(trial.out)
        started = _resumed(trial, log, until_it_writes=False)
        trial.wrong += started.ended()
    trial.left = left_behind()
    _look(trial, unbroken)
    if trial.wrong:
        trial.wrong.append(started.said)
    _tell(trial)


def _resumed(trial: Trial, log: Path, *, until_it_writes: bool) -> Started:
    """Go on with the run."""
    record = trial.out / "run.json"
    before = record.stat().st_mtime_ns if record.exists() else 0
    started = Started((trial.command, "--resume", str(trial.out)), log)
    while until_it_writes and started.runs:
        with suppress(FileNotFoundError):
            if record.stat().st_mtime_ns != before:
                break
        time.sleep(0.005)
    return started


def _until_it_measures(trial: Trial, started: Started) -> None:
    journal = trial.out / "observations.journal"
    while started.runs:
        with suppress(FileNotFoundError):
            if journal.stat().st_size > 2_000:
                return
        time.sleep(0.02)


def _strike(trial: Trial, started: Started) -> None:
    """Kill what is to be killed; a disk runs full by itself."""
    at_ns = time.time_ns()
    if trial.kind != "disk":
        struck = victim(trial.kind, started)
        if struck is not None and started.runs:
            with suppress(psutil.NoSuchProcess):
                struck.send_signal(signal.SIGKILL)
                trial.hits += 1
    trial.wrong += started.ended()
    try:
        broken = load_run(trial.out)
        lost = lost_s(broken, at_ns, trial.kind)
    except RunError as error:
        trial.ended.append("unreadable")
        trial.wrong.append(str(error))
        return
    trial.hits += trial.kind == "disk" and broken.status != "finished"
    trial.ended.append(broken.status)
    trial.lost_s.append(lost)
    if broken.status not in ENDS[trial.kind] | {"finished"}:
        trial.wrong.append(f"{broken.status}: {broken.metadata.reason}")


def _look(trial: Trial, unbroken: set[Row]) -> None:
    """What there is in the end, and damage that the run does not tell of."""
    try:
        run = load_run(trial.out)
        rows = run.observations.to_pylist()
    except RunError as error:
        trial.resumed, trial.differing = "unreadable", len(unbroken)
        trial.wrong.append(str(error))
        return
    trial.resumed, trial.differing = run.status, len(rows_of(run) ^ unbroken)
    trial.silent, trial.told = damage_in(rows)
    for what, is_wrong in (
        (f"ends as {run.status}", run.status != "finished"),
        ("other pairs", trial.differing), ("left behind", trial.left), ("silent", trial.silent),
    ):  # fmt: skip
        trial.wrong += [what] if is_wrong else []


def _tell(trial: Trial) -> None:
    lost = " ".join(f"{each:.2f}" for each in trial.lost_s)
    say(
        f"{trial.kind:<9}  {trial.command:<7}  {trial.number:>3}  {lost:<14}"
        f"  {' '.join(trial.ended)}  {trial.resumed}  {trial.differing:>5}  {trial.left:>4}"
        f"  {trial.silent or 'nothing'}  (told: {trial.told or 'nothing'})"
    )
    for each in trial.wrong:
        say(f"    WRONG: {each}")


def _sum_up(trials: list[Trial]) -> None:
    first, hits = trials[0], sum(trial.hits for trial in trials)
    readable = sum(each != "unreadable" for trial in trials for each in trial.ended)
    lost_s = [each for trial in trials for each in trial.lost_s] or [0.0]
    same = sum(not trial.differing for trial in trials)
    silent = sum(bool(trial.silent) for trial in trials)
    say(
        f"{first.kind:<9}  {first.command:<7}  {hits:>6}  {readable:>8}"
        f"  {np.median(lost_s):>7.2f} ({max(lost_s):.2f})  {same:>4} of {len(trials)} runs"
        f"  {sum(trial.left for trial in trials):>4}  {silent:>6}"
    )


if __name__ == "__main__":
    main()
