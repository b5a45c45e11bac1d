"""Who uses a stack: claims that the kernel lets go of with the process, whatever ends it.

They are locks on files beside the stack's data. Nothing heavy is imported here, since the watcher
lives as long as the servers do.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hhperf.stack.processes import UserCount, exclusively


class Claims:
    """The claims of this process and of others on one stack.

    Args:
        root: the folder of everything built.
        key: of the stack's data.
    """

    def __init__(self, root: Path, key: str) -> None:
        self.root = root
        self.key = key
        self.folder = root / f"stack-{key}"
        self.users = UserCount(self.beside("users"))
        self.watchers = UserCount(self.beside("watchers"))

    def beside(self, name: str) -> Path:
        """A file that belongs to the stack and is no part of its data."""
        return self.root / f"stack-{self.key}.{name}"

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Within the block no other process starts, stops, builds or removes anything."""
        with exclusively(self.beside("lock")):
            yield

    @property
    def is_kept(self) -> bool:
        """Whether the servers stay when their last user leaves."""
        return self.beside("keep").exists()

    def keep(self, *, kept: bool) -> None:
        """Say whether the servers stay when their last user leaves."""
        if kept:
            self.beside("keep").touch()
        else:
            self.beside("keep").unlink(missing_ok=True)

    def is_used(self) -> bool:
        """Whether any process uses the servers now."""
        return self.beside("users").exists() and self.users.is_used()

    def is_wanted(self) -> bool:
        """Whether the servers have to stay: they are used, or kept."""
        return self.is_kept or self.is_used()

    def forget(self) -> None:
        """Take the files away, but the lock: another process may be waiting for it."""
        for name in ("users", "keep", "watchers", "watcher.log"):
            self.beside(name).unlink(missing_ok=True)
