"""Server processes that outlive the one that starts them, and are found again by their id."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

from hhperf.errors import StackError


def spawn(command: Sequence[str], log: Path) -> psutil.Process:
    """Start a process of its own session, so that a Ctrl-C here does not reach it."""
    with log.open("a") as output:
        started = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            start_new_session=True,
        )
    process = psutil.Process(started.pid)
    started.returncode = 0  # psutil watches it from here on; Popen would warn that it still runs
    return process


def await_ready(
    process: psutil.Process, is_ready: Callable[[], bool], log: Path, timeout_s: float = 30.0
) -> None:
    """Wait until the process serves.

    Raises:
        StackError: it ended first, or took too long; the message ends with its log.
    """
    deadline = time.monotonic() + timeout_s
    while not is_ready():
        if not is_alive(process) or time.monotonic() > deadline:
            stop(process)
            raise StackError(
                f"{log.stem} did not start:\n{log.read_text(errors='replace')[-2000:]}"
            )
        time.sleep(0.01)


def find(pid: int, started: float) -> psutil.Process | None:
    """The process of that id if it is still the one that began at that time."""
    try:
        process = psutil.Process(pid)
        same = abs(process.create_time() - started) < 1.0
    except psutil.NoSuchProcess:
        return None
    return process if same and is_alive(process) else None


def is_alive(process: psutil.Process) -> bool:
    """Whether it runs; one that ended and was not yet waited for does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def stop(process: psutil.Process, timeout_s: float = 5.0) -> None:
    """Ask the process to end, and end it if it does not."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.kill(process.pid, number)
        except ProcessLookupError:
            return
        try:
            process.wait(timeout_s)
        except psutil.TimeoutExpired:
            continue
        return
