"""Where fault trials take place: commands as processes, what is killed of them, small disks.

All of a trial's processes carry the folder of its stacks in their environment, on their command
line or as the folder that they are in: so nothing is overlooked that is left behind.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psutil
from distributed import Client

from hhperf.search.settings import Settings
from hhperf.stack.embedded import EmbeddedStack
from hhperf.stack.made_of import Corpus
from tests.benchmarks.harness.tools import say

CANDIDATES = 500
LONGEST_S = 480
MORE_S = 120
"""Whoever needs some of this too was slow; who needs more hangs."""


class Started:
    """A command of hhperf's that runs; what it says goes into a file."""

    def __init__(self, arguments: tuple[str, ...], log: Path) -> None:
        self._log, self._was_slow = log, False
        with log.open("wb") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-X", "faulthandler", "-m", "hhperf", *arguments],
                stdin=subprocess.DEVNULL, stdout=said, stderr=said,
            )  # fmt: skip

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self.process.poll() is None

    @property
    def said(self) -> str:
        """Its last words, on one line."""
        return " ".join(self._log.read_text(errors="replace").split())[-500:]

    def ended(self) -> list[str]:
        """Wait for its end; what was wrong with it."""
        wrong = []
        if not self._ends_within(LONGEST_S):
            where = self._where_it_waits()
            wrong.append("slow" if self._ends_within(MORE_S) else f"hung: {where}")
            self.process.kill()
        code = self.process.wait()
        if code < 0 and code != -signal.SIGKILL:
            wrong.append(f"crashed by {signal.Signals(-code).name}")
        text = self._log.read_text(errors="replace")
        wrong += [word for word in ("Traceback", "Fatal Python error") if word in text]
        return wrong

    def _ends_within(self, seconds: float) -> bool:
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        return not self.runs

    def _where_it_waits(self) -> str:
        """The stacks of its threads, where py-spy is installed beside Python."""
        spy = Path(sys.executable).with_name("py-spy")
        if not spy.exists():
            return "(py-spy would say where)"
        command = [str(spy), "dump", "--pid", str(self.process.pid)]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def victim(kind: str, started: Started) -> psutil.Process | None:
    """What is killed in trials of a kind; None where it does not run."""
    if kind == "generator":
        return psutil.Process(started.process.pid) if started.runs else None
    if kind == "worker":
        return _child(started.process.pid, "spawn_main")
    if kind == "dask":
        return _child(os.getpid(), "dask_worker")
    stack = EmbeddedStack(Settings.from_environment(), Corpus(CANDIDATES))
    running, server = stack.running, stack.postgres.server
    return {
        "provider": running.providers if running else None,
        "database": server if server is None else psutil.Process(server.pid),
        "cache": running.valkey if running else None,
    }[kind]


def _child(pid: int, having: str) -> psutil.Process | None:
    with suppress(psutil.Error):
        for child in psutil.Process(pid).children():
            if having in " ".join(child.cmdline()):
                return child
    return None


@contextmanager
def small_disk(place: Path, size: int) -> Iterator[None]:
    """A disk of few bytes below a run's folder; `grown` once what is full has been seen."""
    place.mkdir()
    _mounted(f"size={size}", place)
    try:
        yield
    finally:
        subprocess.run(["umount", str(place)], check=True)


def grown(place: Path) -> None:
    """Give a small disk room."""
    _mounted("remount,size=64m", place)


def _mounted(options: str, place: Path) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", str(place)], check=True)


@contextmanager
def dask_cluster(root: Path, workers: int = 2) -> Iterator[str]:
    """The address of a scheduler of this machine, with workers that are processes of their own."""
    file = root / "scheduler.json"
    log, here = root / "dask.log", [sys.executable, "-m"]
    with log.open("wb") as said, ExitStack() as stack:
        for name, options in (
            ("dask_scheduler", ["--port", "0", "--host", "127.0.0.1", "--no-dashboard"]),
            *[("dask_worker", ["--nthreads", "1", "--no-nanny", "--no-dashboard"])] * workers,
        ):
            process = subprocess.Popen(
                [*here, f"distributed.cli.{name}", "--scheduler-file", str(file), *options],
                stdout=said, stderr=said, cwd=root,
            )  # fmt: skip
            stack.callback(_end, process)
            while not file.exists() and process.poll() is None:
                time.sleep(0.1)
        client = Client(scheduler_file=str(file))  # type: ignore[no-untyped-call]
        with client:
            client.wait_for_workers(workers, timeout=LONGEST_S)
        yield str(json.loads(file.read_text())["address"])
    file.unlink(missing_ok=True)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def left_behind() -> int:
    """Processes that still run once nobody uses them; the watcher looks twice a second."""
    root, until = str(Path(os.environ["HHPERF_CACHE_DIR"]).parent), time.monotonic() + 15
    while (count := len(_left(root))) and time.monotonic() < until:
        time.sleep(0.5)
    return count


def _left(root: str) -> list[int]:
    found = []
    for each in psutil.process_iter():
        with suppress(psutil.Error):
            line = " ".join(each.cmdline())
            is_ours = any(word in line for word in ("hhperf.stack.watcher", "distributed.cli"))
            # The last of the three is where PostgreSQL's own processes are, whatever they say.
            places = (line, each.environ().get("HHPERF_CACHE_DIR", ""), each.cwd())
            if not is_ours and each.pid != os.getpid() and any(root in place for place in places):
                found.append(each.pid)
    return found


def kept(out: Path, places: Path | None) -> None:
    """Copy a run aside, for whoever looks at what is wrong with it."""
    if places is not None and out.exists():
        shutil.copytree(out, places / out.name, dirs_exist_ok=True)
        say(f"    kept in {places / out.name}")
