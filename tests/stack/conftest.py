"""Cache roots of their own, where the servers of a test end with it."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from hhperf.search.settings import Settings
from hhperf.stack.embedded import EmbeddedStack
from hhperf.stack.made_of import Corpus
from hhperf.stack.running import Running

TINY = Corpus(candidates=60)


def servers_of(root: Path) -> list[psutil.Process]:
    """The living processes whose command line names the folder, or its folder of sockets."""
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
    processes = servers_of(folder)
    for process in processes:
        process.kill()
    psutil.wait_procs(processes, timeout=10)
    for path in folder.glob("*.running"):
        if noted := Running.read(path):
            shutil.rmtree(noted.sockets, ignore_errors=True)
        path.unlink()


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
