"""Cache roots of their own, where the servers of a test end with it."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from hhperf.stack.running import Running


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


@pytest.fixture
def root() -> Iterator[Path]:
    """A folder directly under the temporary one: as root, PostgreSQL's user has to enter it."""
    folder = Path(tempfile.mkdtemp(prefix="hhperf-test-"))
    folder.chmod(0o755)
    yield folder
    for process in servers_of(folder):
        process.kill()
    for path in folder.glob("*.running"):
        if noted := Running.read(path):
            shutil.rmtree(noted.sockets, ignore_errors=True)
    shutil.rmtree(folder)
