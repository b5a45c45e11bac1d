"""What becomes of a command when Ctrl-C stops it, in each phase of each verb.

Run `python -m tests.benchmarks.runs.stops TRIALS [VERB...]`. Each trial starts a verb under a
terminal of its own, waits for a phase by what is on disk, lets a drawn moment pass and interrupts
the whole process group, once, as a terminal does. Seen are how long it then took to end, its exit
code, whether the folders can be read and nothing is left of a run that has measured nothing, which
verdicts `compare` gives, what it said last, and what was left running.
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

from hhperf.errors import RunError
from hhperf.runs.run import load_run
from hhperf.verdict.compare import compare
from tests.benchmarks.harness.tools import say
from tests.benchmarks.runs.fault_places import left_behind

WITHIN_S = 2.0
LONGEST_S = 60.0
COMMON = ("--candidates", "500", "--patience", "3", "--extra-time", "0")
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
    wrong: list[str] = field(default_factory=list)


def main() -> None:
    """A line for each phase of each verb, and one for each trial in which something was wrong."""
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    verbs = sys.argv[2:] or list(VERBS)
    with stacks_of_our_own() as root:
        say("verb    phase      trials   s to end, median (most)  wrong  kept")
        for verb in verbs:
            for phase, having in PHASES.items():
                if verb in having:
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
        os.environ |= {"HHPERF_CACHE_DIR": str(root / "cache"), "TMPDIR": str(root / "tmp")}
        subprocess.run(
            [sys.executable, "-m", "hhperf", "replay", str(root / "first"), *VERBS["replay"]],
            check=True, capture_output=True,
        )  # fmt: skip
        yield root


def tell(what: str, ended: list[Ended]) -> None:
    """Print what became of some trials."""
    took = np.array([each.after_s for each in ended])
    wrong = [each for each in ended if each.wrong]
    kept = Counter(each.kept for each in ended)
    listed = ", ".join(f"{count} × {name}" for name, count in kept.most_common())
    say(
        f"{what}  {len(ended):>6}  {np.median(took):>15.2f} ({took.max():.2f})"
        f"  {len(wrong):>5}  {listed}"
    )
    for each in wrong:
        say(f"    {'; '.join(each.wrong)} [{each.said[-300:]}]")


def trial(verb: str, phase: str, out: Path, moments: np.random.Generator) -> Ended:
    """Interrupt one command in a phase."""
    started = Started(verb, out)
    seen = until(PASSED[phase], out, lambda: started.process.poll() is None)
    time.sleep(moments.uniform(*WAITS_S.get(phase, SHORTLY)))
    begun = time.monotonic()
    with suppress(ProcessLookupError):
        os.killpg(started.process.pid, signal.SIGINT)
    ended = started.ended()
    found = Ended(phase, time.monotonic() - begun, ended, started.said, kept_in(out))
    if not seen:
        found.wrong.append(f"ended before {phase}")
    if found.after_s > WITHIN_S:
        found.wrong.append(f"took {found.after_s:.1f} s")
    if ended != 128 + signal.SIGINT:
        found.wrong.append(f"exit code {ended}")
    if "interrupted by Ctrl-C" not in started.said or "Traceback" in started.said:
        found.wrong.append("did not say so")
    found.wrong += wrong_in(out)
    if servers := left_behind():
        found.wrong.append(f"{servers} servers left")
    clear(out)
    return found


class Started:
    """A verb under a terminal of its own, and all that it says there."""

    def __init__(self, verb: str, out: Path) -> None:
        where = ("--out", str(out)) if verb == "run" else (str(out),)
        ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "hhperf", verb, *where, *VERBS[verb]],
            stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
            env={**os.environ, "TERM": "xterm", "COLUMNS": "120"},
        )  # fmt: skip
        os.close(theirs)
        self._parts: list[bytes] = []
        self._reader = threading.Thread(target=self._read, args=(ours,))
        self._reader.start()

    @property
    def said(self) -> str:
        """On one line, without what moves the cursor."""
        text = b"".join(self._parts).decode(errors="replace")
        return " ".join(re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text).split())

    def ended(self) -> int | None:
        """The exit code; None for one that had to be killed."""
        try:
            code: int | None = self.process.wait(LONGEST_S)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            code = None
        self._reader.join(10)
        return code

    def _read(self, ours: int) -> None:
        with suppress(OSError):  # nobody writes any more
            while part := os.read(ours, 65_536):
                self._parts.append(part)
        os.close(ours)


def until(has_passed: Callable[[Path], bool], out: Path, goes_on: Callable[[], bool]) -> bool:
    """Wait for a phase; whether it came before the end."""
    while goes_on():
        if has_passed(out):
            return True
        time.sleep(0.005)
    return False


def begun(out: Path) -> bool:
    """The folder of a run is made when its parts have started."""
    return bool([each for each in (out, *out.glob("*")) if each.is_dir()]) and bool(
        out.exists() if not (out / "run.json").exists() else True
    )


def measuring(out: Path) -> bool:
    """Observations come."""
    return any(each.stat().st_size > 2_000 for each in out.rglob("observations.journal"))


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
