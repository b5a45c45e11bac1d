"""Locks between processes. The kernel frees them when a process ends, however it ends."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any


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
