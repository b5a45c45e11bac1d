"""Cache roots of their own, where the servers of a test end with it."""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from hhperf.search.settings import Settings
from hhperf.stack.embedded import EmbeddedStack
from hhperf.stack.made_of import Corpus
from hhperf.stack.running import Running

TINY = Corpus(candidates=60)
REPOSITORY = Path(__file__).parents[2]


WATCHER = "hhperf.stack.watcher"


def servers_of(root: Path) -> list[psutil.Process]:
    """The living servers over the folder's data."""
    return [each for each in _living(root) if WATCHER not in each.info["cmdline"]]


def watchers_of(root: Path) -> list[psutil.Process]:
    """The living watchers of the folder's stacks."""
    return [each for each in _living(root) if WATCHER in each.info["cmdline"]]


def _living(root: Path) -> list[psutil.Process]:
    """The processes whose command line names the folder, or its folder of sockets."""
    noted = [Running.read(path) for path in root.glob("*.running")]
    marks = [str(root), *(str(each.sockets) for each in noted if each is not None)]
    return [
        process
        for process in psutil.process_iter(["cmdline", "status"])
        if process.info["status"] != psutil.STATUS_ZOMBIE
        and any(mark in part for mark in marks for part in process.info["cmdline"] or ())
    ]


@contextmanager
def open_folder(prefix: str = "hhperf-test-") -> Iterator[Path]:
    """A folder directly under the temporary one: as root, PostgreSQL's user has to enter it."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        _end_servers(folder)
        shutil.rmtree(folder)


def _end_servers(folder: Path) -> None:
    processes = _living(folder)
    for process in processes:
        process.kill()
    psutil.wait_procs(processes, timeout=10)
    for path in folder.glob("*.running"):
        if noted := Running.read(path):
            shutil.rmtree(noted.sockets, ignore_errors=True)
        path.unlink()


@contextmanager
def user(root: Path, candidates: int = TINY.candidates) -> Iterator[subprocess.Popen[str]]:
    """A process that uses the stack, from when it starts to."""
    command = [sys.executable, "-m", "tests.stack.user", str(root), str(candidates)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def said(process: subprocess.Popen[str]) -> str:
    """The next line of a process's output."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def ended(process: subprocess.Popen[str]) -> str:
    """What a user says from here on, once it is told to leave."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    return process.stdout.read()


def awaited(condition: Callable[[], object]) -> None:
    """Wait until something holds, half a minute at most."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.fixture
def root() -> Iterator[Path]:
    """A cache root of the test's own, empty."""
    with open_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def built_once() -> Iterator[Path]:
    """A cache root with the data of 60 candidates."""
    with open_folder() as folder:
        stack = EmbeddedStack(Settings(), TINY, root=folder)
        stack.enter()
        stack.leave()
        yield folder


@pytest.fixture
def built(built_once: Path) -> Iterator[Path]:
    """The cache root with the data of 60 candidates, where nothing runs."""
    yield built_once
    _end_servers(built_once)
