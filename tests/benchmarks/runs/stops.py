"""What becomes of a command when Ctrl-C stops it, in each phase of each verb.

Run `python -m tests.benchmarks.runs.stops TRIALS [VERB...]`. Each trial runs a verb in a process
and on a terminal of its own, waits for a phase by what is on disk, lets a drawn moment pass and
presses Ctrl-C, once. Seen are how long it then took to end, its exit code, whether the folders can
be read and nothing is left of a run that has measured nothing, which verdicts `compare` gives, what
it said last, and which processes were left. The processes are forked from this one, which has the
modules already: what is stopped is the verb, not Python's start. The servers stay between the
trials, but for those that stop their start.
"""

import os
import pty
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil

from hhperf.cli import main as cli
from hhperf.errors import RunError
from hhperf.runs.run import load_run
from hhperf.verdict.compare import compare
from tests.benchmarks.harness.tools import say
from tests.benchmarks.runs.fault_places import left_behind

WITHIN_S = 2.0
LONGEST_S = 60.0
CANDIDATES = "500"
COMMON = ("--candidates", CANDIDATES, "--patience", "3", "--extra-time", "0")
VERBS = {
    "replay": ("--pairs", "60", "--warm-up", "30", "--no-rerank", *COMMON),
    "load": (
        "--rate", "12", "--seconds", "2", "--warm-up", "30", "--no-rerank", "--no-calibrated",
        *COMMON,
    ),
    "sweep": (
        "--rates", "8,12,16", "--seconds", "1", "--warm-up", "30", "--no-rerank",
        "--no-calibrated", "--rounds", "1", *COMMON[:4],
    ),
    "run": ("--pairs", "30", "--in-flight", "4", *COMMON),
}  # fmt: skip
PHASES = {
    "start": ("replay", "load", "sweep", "run"),
    "warm-up": ("replay", "load", "sweep", "run"),
    "measuring": ("replay", "load", "sweep", "run"),
    "closing": ("replay", "load", "sweep", "run"),
    "between": ("sweep", "run"),
}
"""By name, which verbs have it; between the loads of a sweep, or the regimes of a run."""

MORE_THAN_A_SCHEMA = 8_000
WAITS_S = {"start": (0.05, 2.5), "warm-up": (0.0, 0.4), "measuring": (0.0, 1.0)}
SHORTLY = (0.0, 0.3)


@dataclass
class Ended:
    """How a trial ended."""

    phase: str
    after_s: float
    code: int | None
    said: str
    kept: str
    late: bool = False
    wrong: list[str] = field(default_factory=list)


def main() -> None:
    """A line for each phase of each verb, and one for each trial in which something was wrong."""
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    verbs = sys.argv[2:] or list(VERBS)
    with stacks_of_our_own() as root:
        say("verb    phase      trials   s to end, median (most)  over 2 s  wrong  kept")
        for verb in verbs:
            for phase, having in PHASES.items():
                if verb in having:
                    _stack("down" if phase == "start" else "up")
                    moments = np.random.default_rng([len(verb), len(phase)])
                    ended = [trial(verb, phase, root / "out", moments) for _ in range(trials)]
                    tell(f"{verb:<7} {phase:<9}", ended)


@contextmanager
def stacks_of_our_own() -> Iterator[Path]:
    """A folder for embedded stacks and runs that nobody else uses."""
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        root.chmod(0o755)  # as root PostgreSQL runs as another user
        (root / "tmp").mkdir(mode=0o755)
        os.environ.setdefault("HHPERF_CACHE_DIR", str(root / "cache"))
        os.environ["TMPDIR"] = str(root / "tmp")
        _stack("up")
        try:
            yield root
        finally:
            _stack("down")


def _stack(verb: str) -> None:
    command = [sys.executable, "-m", "hhperf", "stack", verb, "--candidates", CANDIDATES]
    subprocess.run(command, check=True, capture_output=True)


def tell(what: str, ended: list[Ended]) -> None:
    """Print what became of some trials."""
    took = np.array([each.after_s for each in ended])
    wrong = [each for each in ended if each.wrong]
    kept = Counter(each.kept for each in ended)
    listed = ", ".join(f"{count} × {name}" for name, count in kept.most_common())
    say(
        f"{what}  {len(ended):>6}  {np.median(took):>15.2f} ({took.max():.2f})"
        f"  {sum(each.late for each in ended):>8}  {len(wrong):>5}  {listed}"
    )
    for each in wrong:
        say(f"    {'; '.join(each.wrong)} [{each.said[-300:]}]")


def trial(verb: str, phase: str, out: Path, moments: np.random.Generator) -> Ended:
    """Interrupt one command in a phase."""
    started = Started(verb, out)
    seen = until(PASSED[phase], out, started.goes_on)
    time.sleep(moments.uniform(*WAITS_S.get(phase, SHORTLY)))
    begun = time.monotonic()
    is_in_time = started.goes_on()
    started.interrupt()
    ended = started.ended()
    took_s = time.monotonic() - begun
    found = Ended(phase, took_s, ended, started.said, kept_in(out))
    if took_s > WITHIN_S:
        found.late = True
    if not seen or not is_in_time:
        found.kept = f"(ended before) {found.kept}"
    elif ended != 128 + signal.SIGINT:
        found.wrong.append(f"exit code {ended}")
    if is_in_time and ("interrupted by Ctrl-C" not in started.said or "Traceback" in started.said):
        found.wrong.append("did not say so")
    found.wrong += wrong_in(out)
    if left := started.left():
        found.wrong.append(f"{left} processes left")
    if phase == "start" and (servers := left_behind()):
        found.wrong.append(f"{servers} servers left")
    clear(out)
    return found


class Started:
    """A verb on a terminal of its own, and all that it says there."""

    def __init__(self, verb: str, out: Path) -> None:
        where = ("--out", str(out)) if verb == "run" else (str(out),)
        sys.stdout.flush()
        self.pid, self._terminal = pty.fork()
        if not self.pid:
            sys.argv = ["hhperf", verb, *where, *VERBS[verb]]
            os.environ |= {"TERM": "xterm", "COLUMNS": "120", "CI": ""}
            try:
                cli.main()
            except SystemExit as ended:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(int(ended.code or 0))
            finally:
                os._exit(99)
        self._code: int | None = None
        self._parts: list[bytes] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    @property
    def said(self) -> str:
        """On one line, without what moves the cursor."""
        text = b"".join(self._parts).decode(errors="replace")
        return " ".join(re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text).split())

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        with suppress(OSError):
            os.write(self._terminal, b"\x03")

    def goes_on(self) -> bool:
        """Whether it has not ended."""
        if self._code is None:
            ended, status = os.waitpid(self.pid, os.WNOHANG)
            self._code = os.waitstatus_to_exitcode(status) if ended else None
        return self._code is None

    def ended(self) -> int | None:
        """The exit code; None for one that had to be killed."""
        until_s = time.monotonic() + LONGEST_S
        while self.goes_on() and time.monotonic() < until_s:
            time.sleep(0.005)
        if killed := self.goes_on():
            os.killpg(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        self._reader.join(10)
        os.close(self._terminal)
        return None if killed else self._code

    def left(self) -> int:
        """Processes of its session that have outlived it."""
        time.sleep(0.1)
        return sum(_session(pid) == self.pid for pid in psutil.pids())

    def _read(self) -> None:
        with suppress(OSError):  # nobody writes any more
            while part := os.read(self._terminal, 65_536):
                self._parts.append(part)


def _session(pid: int) -> int:
    with suppress(OSError):
        return os.getsid(pid)
    return 0


def until(has_passed: Callable[[Path], bool], out: Path, goes_on: Callable[[], bool]) -> bool:
    """Wait for a phase; whether it came before the end."""
    while goes_on():
        if has_passed(out):
            return True
        time.sleep(0.005)
    return False


def begun(out: Path) -> bool:
    """The folder of a run is made when its parts have started."""
    return out.is_dir()


def measuring(out: Path) -> bool:
    """Observations come."""
    return any(
        each.stat().st_size > MORE_THAN_A_SCHEMA for each in out.rglob("observations.journal")
    )


def closing(out: Path) -> bool:
    """All observations are in one file."""
    return any(out.rglob("observations.parquet"))


def between(out: Path) -> bool:
    """A run has ended, and there will be others."""
    for path in out.rglob("run.json"):
        with suppress(RunError):
            if load_run(path.parent).status == "finished":
                return True
    return False


PASSED: dict[str, Callable[[Path], bool]] = {
    "start": lambda _: True,
    "warm-up": begun,
    "measuring": measuring,
    "closing": closing,
    "between": between,
}


def kept_in(out: Path) -> str:
    """What there is, in words."""
    runs = [load_run(path.parent) for path in sorted(out.rglob("run.json"))]
    kinds = Counter(each.status for each in runs)
    return " and ".join(f"{count} {kind}" for kind, count in kinds.items()) or "nothing"


def wrong_in(out: Path) -> list[str]:
    """What is wrong with the folders of runs."""
    wrong = [
        f"{each.name}: left without a run"
        for each in (out, *out.rglob("*"))
        if each.is_dir() and not any(each.rglob("run.json"))
    ]
    for path in sorted(out.rglob("run.json")):
        run = load_run(path.parent)
        if run.status not in ("interrupted", "finished"):
            wrong.append(f"{path.parent.name}: {run.ending}")
        if not len(run):
            wrong.append(f"{path.parent.name}: {run.status} and empty")
        elif run.status == "interrupted":
            wrong += verdicts_of_an_early_end(path.parent)
    return wrong


def verdicts_of_an_early_end(folder: Path) -> list[str]:
    """Verdicts that whoever looked and stopped may not have."""
    try:
        comparison = compare(load_run(folder))
    except RunError as error:  # no pair was whole: said in so many words
        return [] if "pair" in str(error) else [str(error)]
    return [
        f"{folder.name}: {each.statistic} has {each.verdict} by {each.estimate.method}"
        for each in comparison.results
        if each.verdict not in ("NOT_MEASURABLE",) and "sequence" not in each.estimate.method
    ]


def clear(out: Path) -> None:
    """Make room for the next trial."""
    subprocess.run(["rm", "-rf", str(out)], check=True)
    for each in out.parent.glob(f"{out.name}-*"):
        subprocess.run(["rm", "-rf", str(each)], check=True)


if __name__ == "__main__":
    main()
