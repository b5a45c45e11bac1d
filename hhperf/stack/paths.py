"""Where the embedded stack keeps its data, and where its sockets are."""

import os
import stat
import tempfile
from collections.abc import Iterable
from pathlib import Path

import platformdirs

from hhperf.errors import StackError

ELSEWHERE = "set HHPERF_CACHE_DIR to another folder"
LONGEST_FOLDER = 60
"""A unix socket's path has room for about 107 bytes, its names in the folder included."""


def is_root() -> bool:
    """Whether this process may do everything, and PostgreSQL therefore refuses to run as it."""
    return os.geteuid() == 0


def cache_root() -> Path:
    """The folder of everything built: `HHPERF_CACHE_DIR`, else the user's cache directory.

    For root it is the system's cache directory: PostgreSQL then runs as another user, which could
    not enter root's home without opening it.
    """
    named = os.environ.get("HHPERF_CACHE_DIR")
    if named:
        return Path(named).expanduser().resolve()
    if is_root():
        return Path("/var/cache/hhperf")
    return platformdirs.user_cache_path("hhperf")


def made_folder(root: Path) -> None:
    """Make the folder of everything built.

    Raises:
        StackError: it cannot be made, or, as root, not entered by the user PostgreSQL runs as.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StackError(f"{root} cannot be made ({error.strerror}): {ELSEWHERE}") from error
    if is_root():
        root.chmod(0o755)
        closed = _closed(root.parents)
        if closed:
            raise StackError(
                f"{closed[0]} is closed to the user that PostgreSQL runs as for root: {ELSEWHERE}"
            )


def socket_folder() -> Path:
    """A new private folder for sockets, its path short enough for one.

    As root it lies where the user that PostgreSQL runs as gets to it.
    """
    folder = Path(tempfile.gettempdir())
    if len(str(folder)) > LONGEST_FOLDER or (is_root() and _closed([folder, *folder.parents])):
        folder = Path("/tmp")  # noqa: S108 - mkdtemp makes a folder that only its owner enters
    return Path(tempfile.mkdtemp(prefix="hhperf-", dir=folder))


def _closed(folders: Iterable[Path]) -> list[Path]:
    """Those that other users cannot pass through."""
    return [each for each in folders if not each.stat().st_mode & stat.S_IXOTH]
