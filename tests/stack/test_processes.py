"""Server processes: started, found, ended, and nothing of them left."""

import os
import signal
import sys
import time
from pathlib import Path

import psutil
import pytest

from hhperf.stack import processes

SLEEPS = "import time; time.sleep(60)"


def spawned(log: Path, code: str) -> int:
    """A program of this mark."""
    return processes.spawn([sys.executable, "-c", code, log.stem], log)


def gone_within(pid: int, seconds: float) -> bool:
    """Whether nothing is left of the process by then, not even a dead child."""
    until = time.monotonic() + seconds
    while psutil.pid_exists(pid) and time.monotonic() < until:
        time.sleep(0.01)
    return not psutil.pid_exists(pid)


@pytest.mark.parametrize("code", ["pass", SLEEPS])
def test_nothing_is_left_of_a_process_that_ends_by_itself_or_is_ended_by_others(
    tmp_path: Path, code: str
) -> None:
    """Nobody has to wait for it: a notebook would gather a dead child for each stack."""
    pid = spawned(tmp_path / "by-itself.log", code)
    if code == SLEEPS:
        os.kill(pid, signal.SIGKILL)
    assert gone_within(pid, 20)


def test_a_process_is_found_by_its_mark_until_it_is_stopped(tmp_path: Path) -> None:
    """And stopping it once more does nothing."""
    pid = spawned(tmp_path / "a-mark-of-its-own.log", SLEEPS)
    process = processes.find(pid, "a-mark-of-its-own")
    assert process is not None
    assert processes.find(pid, "another-mark") is None
    processes.stop(process)
    assert processes.find(pid, "a-mark-of-its-own") is None
    processes.stop(process)
    assert gone_within(pid, 5)
