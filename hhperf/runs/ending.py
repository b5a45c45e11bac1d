"""How a run ends, and how one that is being recorded is told from one that was killed."""

import errno
import os
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

Status = Literal["running", "finished", "interrupted", "failed", "stopped", "cut off"]
"""`finished`: by its plan or its stop rule. `interrupted`: by a person or a signal. `failed`: by an
error of the kit or of the disk. `stopped`: a part that it measures was gone. `cut off`: its writer
was killed; that is never written, it is worked out when the run is read."""

PLAN = "its plan"
STOP_RULE = "its stop rule"
KILLED = "whatever recorded it was killed"

LOCK_NAME = "writing.lock"
LONGEST_LOOK_S = 0.5
"""Whoever looks whether a run is being written holds its lock for a moment; nobody for so long."""

ROOM = 16_384
"""Bytes that the lock's file takes up and gives back where a disk is full: a run's metadata fit in
three times."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended, and why.

    Attributes:
        status: in one word.
        reason: in a few more; empty in a run of an older version.
    """

    status: Status
    reason: str = ""


class WritingLock:
    """Held while a run is written; the kernel lets go of it, whatever ends the process.

    Its file keeps some room on the disk, so that a run can say that the disk ran full.

    Args:
        folder: the run's.

    Raises:
        OSError: the file of the lock cannot be made, or another process records into the folder.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / LOCK_NAME
        self._file: BinaryIO | None = self._path.open("ab")
        until = time.monotonic() + LONGEST_LOOK_S
        # Where a file system knows no locks nobody can tell, and `is_being_written` says so.
        while _is_mine(self._file) is False:
            if time.monotonic() > until:
                self._file.close()
                raise BlockingIOError(
                    errno.EBUSY, "another process records into it; end that first"
                )
            time.sleep(0.01)
        self._file.truncate(0)
        self._file.write(os.urandom(ROOM))  # which no file system makes smaller
        self._file.flush()

    def give_room(self) -> None:
        """Let the disk have what was kept for the end; the lock stays."""
        if self._file is not None:
            with suppress(OSError):
                self._file.truncate(0)

    def release(self) -> None:
        """Take the lock away; done twice, it is taken once."""
        if self._file is not None:
            with suppress(OSError):
                self._path.unlink()
            self._file.close()
            self._file = None


def is_being_written(folder: Path) -> bool:
    """Whether a process is recording a run into the folder, as far as can be told.

    Where a file system knows no locks, a run that was not closed is taken to go on.
    """
    try:
        with (folder / LOCK_NAME).open("rb") as file:
            return not _is_mine(file, shared=True)  # so that two who look are in nobody's way
    except FileNotFoundError:
        return False
    except OSError:  # somebody else's folder
        return True


if sys.platform == "win32":  # there runs are only read

    def _is_mine(_file: BinaryIO, *, shared: bool = False) -> bool | None:  # noqa: ARG001
        return None

else:
    import fcntl

    def _is_mine(file: BinaryIO, *, shared: bool = False) -> bool | None:
        """Lock the file if nobody else has; None where there are no locks."""
        how = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(file, how | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return None
        return True
