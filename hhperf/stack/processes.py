"""Server processes that outlive the one that starts them, and are found again by their id."""

import fcntl
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import psutil

from hhperf.errors import StackError
from hhperf.masking import without_secrets_in

POLL_S = 0.01


def spawn(command: Sequence[str], log: Path, variables: Mapping[str, str] | None = None) -> int:
    """Start a process of its own session, so that a Ctrl-C here does not reach it.

    Args:
        command: the program and its arguments; one of them has to tell it from any other process.
        log: the file that takes its output.
        variables: added to the environment, of which it gets what is no secret.

    What it writes, its log and its sockets are for its user alone.

    Returns:
        The process id.
    """
    log.touch(mode=0o600)
    with log.open("a") as output:
        started = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            env={**without_secrets_in(os.environ), **(variables or {})},
            start_new_session=True,
            umask=0o077,
        )
    started.returncode = 0  # it is watched by its id from here on; Popen would warn that it runs
    # Whoever ends it, it would stay as a dead child of this process until somebody waits for it.
    threading.Thread(target=_bury, args=(started.pid,), name=f"of {log.stem}", daemon=True).start()
    return started.pid


def _bury(pid: int) -> None:
    with suppress(ChildProcessError):  # `stop` was quicker
        os.waitpid(pid, 0)


@contextmanager
def no_secret_inherited() -> Iterator[None]:
    """Within the block what is started inherits no secret of the environment.

    For what takes no environment of its own; the process has none of them meanwhile, either.
    """
    before = dict(os.environ)
    for name in before.keys() - without_secrets_in(before).keys():
        del os.environ[name]
    try:
        yield
    finally:
        os.environ.update(before)


def await_ready(
    process: psutil.Process | None,
    is_ready: Callable[[], bool],
    log: Path,
    timeout_s: float = 30.0,
) -> None:
    """Wait until the process serves.

    Raises:
        StackError: it ended first, or took too long; the message ends with its log.
    """
    deadline = time.monotonic() + timeout_s
    while not is_ready():
        if process is None or not is_alive(process) or time.monotonic() > deadline:
            if process is not None:
                stop(process)
            raise StackError(
                f"{log.stem} did not start:\n{log.read_text(errors='replace')[-2000:]}"
            )
        time.sleep(POLL_S)


def find(pid: int | None, mark: str) -> psutil.Process | None:
    """The living process of that id, if its command line holds the mark: ids are used again."""
    try:
        process = psutil.Process(pid) if pid else None
        if process is None or not is_alive(process):
            return None
        return process if any(mark in part for part in process.cmdline()) else None
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return None


def find_all(mark: str) -> list[psutil.Process]:
    """The living processes whose command line holds the mark."""
    found = (find(pid, mark) for pid in psutil.pids())
    return [process for process in found if process is not None]


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
            process.send_signal(number)  # never to another one that has its id by now
        except psutil.NoSuchProcess:
            return
        try:
            process.wait(timeout_s)
        except psutil.TimeoutExpired:
            continue
        return


@contextmanager
def exclusively(path: Path) -> Iterator[None]:
    """Run the block while no other process runs one under the same path."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


class UserCount:
    """Tells whether anyone else uses something, without counting: users share a lock."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[Any] | None = None

    @property
    def is_entered(self) -> bool:
        """Whether this is a user."""
        return self._file is not None

    def enter(self) -> None:
        """Become a user; who is one already stays one."""
        if self._file is None:
            self._file = self._path.open("a")
            fcntl.flock(self._file, fcntl.LOCK_SH)

    def leave(self) -> None:
        """Stop being a user."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def is_used(self) -> bool:
        """Whether anyone at all is a user now."""
        with self._path.open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False
