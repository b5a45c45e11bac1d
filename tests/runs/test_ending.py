"""How runs end, and what is said of it."""

import asyncio
import fcntl
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from hhperf.errors import RunError
from hhperf.runs.columns import observation_batch
from hhperf.runs.ending import LOCK_NAME, ROOM, Ending, WritingLock, is_being_written
from hhperf.runs.metadata_file import read_metadata, write_metadata
from hhperf.runs.observation import Arm
from hhperf.runs.run import Run, load_run
from hhperf.runs.writer import SCHEMAS, RunWriter
from tests.runs.conftest import METADATA, observe, observe_pair

EMPTY = {name: schema.empty_table() for name, schema in SCHEMAS.items()}
KILLED = """
import os, signal, sys
from pathlib import Path
from hhperf.runs.writer import RunWriter
from tests.runs.conftest import METADATA, observe_pair
writer = RunWriter(Path(sys.argv[1]), METADATA)
writer.add(*observe_pair(0))
writer.flush()
os.kill(os.getpid(), signal.SIGKILL)
"""


def broken_off(folder: Path, error: BaseException) -> Run:
    """A run whose block an exception left after one observation."""

    def break_off() -> None:
        with RunWriter(folder, METADATA) as writer:
            writer.add(observe(0))
            raise error

    with pytest.raises(type(error)):
        break_off()
    return load_run(folder)


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [
        (ZeroDivisionError("by zero"), "failed", "ZeroDivisionError: by zero"),
        (RunError("http://me:pw@host/"), "failed", "RunError: http://host/"),
        (asyncio.CancelledError(), "interrupted", "by whoever began it"),
        (KeyboardInterrupt(), "interrupted", "by whoever began it"),
    ],
    ids=["an error", "one with a password", "a cancellation", "an interrupt"],
)
def test_an_exception_says_how_the_run_ended(
    tmp_path: Path, error: BaseException, status: str, reason: str
) -> None:
    """What was measured before stays, with the reason and without secrets."""
    run = broken_off(tmp_path / "run", error)
    assert (run.status, run.metadata.reason, len(run)) == (status, reason, 1)


def test_a_finished_run_says_by_what(written: Callable[..., Path]) -> None:
    """By its plan, unless it is told otherwise; then there is no more to say of its ending."""
    run = load_run(written(observe(0)))
    assert (run.status, run.metadata.reason, run.ending) == ("finished", "its plan", "")


def test_a_part_that_was_gone_is_told(tmp_path: Path) -> None:
    """With how far the run came."""
    with RunWriter(tmp_path / "run", METADATA) as writer:
        writer.add(*observe_pair(0))
        writer.close(Ending("stopped", "PostgreSQL is gone"))
    run = load_run(tmp_path / "run")
    assert run.ending == "stopped (PostgreSQL is gone) after 1 of 4 planned pairs"


def test_a_run_that_goes_on_is_told_from_a_killed_one(tmp_path: Path) -> None:
    """Both say `running` on disk; one has a process that writes it."""
    goes_on = RunWriter(tmp_path / "living", METADATA)
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "dead")], check=False)
    living, dead = load_run(tmp_path / "living"), load_run(tmp_path / "dead")
    goes_on.close()
    assert killed.returncode == -signal.SIGKILL
    assert (living.status, dead.status) == ("running", "cut off")
    assert living.ending == "still being recorded, now after 0 of 4 planned pairs"
    assert dead.ending == "cut off (whatever recorded it was killed) after 1 of 4 planned pairs"


def test_nobody_writes_into_a_run_that_is_being_written(tmp_path: Path) -> None:
    """Two may have begun to go on with it, before either of them wrote."""
    (tmp_path / "run").mkdir()
    first = RunWriter(tmp_path / "run", METADATA, earlier=EMPTY)
    with pytest.raises(RunError, match=r"run: cannot be written: .* another process records into"):
        RunWriter(tmp_path / "run", METADATA, earlier=EMPTY)
    first.add(*observe_pair(0))
    first.close()
    assert len(load_run(tmp_path / "run")) == len(Arm)


def test_who_looks_takes_a_run_from_nobody(tmp_path: Path) -> None:
    """Though a look comes as the run is opened: who looks after it sees that it goes on."""
    (tmp_path / LOCK_NAME).touch()
    with (tmp_path / LOCK_NAME).open("rb") as look:
        fcntl.flock(look, fcntl.LOCK_SH)
        assert not is_being_written(tmp_path)
        threading.Timer(0.05, fcntl.flock, (look, fcntl.LOCK_UN)).start()
        lock = WritingLock(tmp_path)
        assert is_being_written(tmp_path)
        lock.release()


def test_a_closed_run_is_no_longer_written(tmp_path: Path) -> None:
    """And leaves nothing of its lock."""
    writer = RunWriter(tmp_path / "run", METADATA)
    assert is_being_written(writer.folder)
    writer.close()
    assert not is_being_written(writer.folder)
    assert not (writer.folder / LOCK_NAME).exists()


def test_an_interrupted_run_of_an_older_version_has_no_reason(
    written: Callable[..., Path],
) -> None:
    """It is read as before, and says how far it came."""
    path = written(*observe_pair(0))
    write_metadata(path, replace(read_metadata(path), status="interrupted", reason=""))
    assert load_run(path).ending == "interrupted after 1 of 4 planned pairs"


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """As on a full disk: within the block no file grows beyond so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_the_error_that_is_told(tmp_path: Path) -> None:
    """Not what closing the run then meets; what was written before is there, in whole pairs."""

    def fill() -> None:
        with files_of_at_most(300_000), RunWriter(tmp_path / "run", METADATA) as writer:
            for pair in range(10_000):
                writer.add(*observe_pair(pair))

    with pytest.raises(RunError, match=r"observations\.journal: cannot be written"):
        fill()
    run = load_run(tmp_path / "run")
    assert run.status == "failed"
    assert "cannot be written" in run.metadata.reason
    assert run.pairs().incomplete == 0


def test_what_ended_a_run_is_told_where_it_cannot_be_closed(tmp_path: Path) -> None:
    """A full disk that closing the run meets then is not the cause."""

    def end() -> None:
        with files_of_at_most(300_000), RunWriter(tmp_path / "run", METADATA) as writer:
            writer.add(*observe_pair(0))
            resource.setrlimit(
                resource.RLIMIT_FSIZE, (1, resource.getrlimit(resource.RLIMIT_FSIZE)[1])
            )
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        end()


def test_room_that_there_is_again_is_used(tmp_path: Path) -> None:
    """The rest is written when the run is closed, with why it failed."""

    def fill() -> None:
        with RunWriter(tmp_path / "run", METADATA) as writer, files_of_at_most(16_384):
            for pair in range(200):
                writer.add(*observe_pair(pair))

    with pytest.raises(RunError, match="cannot be written"):
        fill()
    run = load_run(tmp_path / "run")
    assert (run.status, (tmp_path / "run" / "observations.parquet").exists()) == ("failed", True)
    assert run.pairs().incomplete == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """One of 64 kB, where this user may have one."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(place)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("takes the right to mount a disk")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_disk_without_any_room_leaves_enough_to_say_so(small_disk: Path) -> None:
    """Else the run would be taken for one that was killed."""

    def fill() -> None:
        with RunWriter(small_disk / "run", METADATA) as writer:
            while True:
                writer.add_batch(observation_batch(observe_pair(0), 0))
                with suppress(OSError), (small_disk / "somebody's").open("ab", 0) as other:
                    other.write(b"." * 65_536)

    with pytest.raises(RunError, match="No space left"):
        fill()
    run = load_run(small_disk / "run")
    assert run.status == "failed"
    assert "No space left" in run.metadata.reason


def test_a_lock_gives_its_room_and_holds(tmp_path: Path) -> None:
    """Taken anew with each lock, over what a killed process has left."""
    for _ in range(2):
        lock = WritingLock(tmp_path)
        assert (tmp_path / LOCK_NAME).stat().st_size == ROOM
        assert lock._file is not None
        lock._file.close()
    lock = WritingLock(tmp_path)
    lock.give_room()
    assert (tmp_path / LOCK_NAME).stat().st_size == 0
    assert is_being_written(tmp_path)
    lock.release()


@pytest.mark.parametrize("found", [0, -5])
def test_a_format_that_never_was_is_refused(written: Callable[..., Path], found: int) -> None:
    """Somebody has altered the file."""
    path = written(observe(0))
    write_metadata(path, replace(read_metadata(path), format_version=found))
    with pytest.raises(RunError, match=f"there is no format {found}"):
        load_run(path)
