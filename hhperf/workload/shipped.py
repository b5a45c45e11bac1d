"""Where the files that hhperf ships are found."""

import gzip
import os
from collections.abc import Iterator
from pathlib import Path

from hhperf.errors import StackError

_PACKAGE = Path(__file__).resolve().parents[1]


def data_dir() -> Path:
    """The folder of shipped data: `HHPERF_DATA_DIR`, an installed package's own, or the checkout's.

    Raises:
        StackError: the folder is missing, or `HHPERF_DATA_DIR` does not name a folder.

    Example:
        >>> sorted(each.name for each in hhperf.data_dir().iterdir() if each.is_dir())
        ['arrivals', 'map', 'profiles', 'runs', 'traces', 'vocabulary']
    """
    chosen = os.environ.get("HHPERF_DATA_DIR")
    if chosen:
        return _must_be_folder(Path(chosen).expanduser())
    installed = _PACKAGE / "_data"
    return installed if installed.is_dir() else _must_be_folder(_PACKAGE.parent / "data")


def data_file(name: str) -> Path:
    """The shipped file `name`, a path relative to `data_dir()`.

    Raises:
        StackError: there is no such file.
    """
    path = data_dir() / name
    if not path.is_file():
        raise StackError(
            f"{path} is missing; reinstall hhperf, or mend HHPERF_DATA_DIR if you set it"
        )
    return path


def data_lines(name: str) -> Iterator[str]:
    """The lines of a shipped text file, without their ends; one ending in .gz is unpacked.

    Raises:
        StackError: there is no such file.
    """
    path = data_file(name)
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as lines:
        for line in lines:
            yield line.rstrip("\n")


def _must_be_folder(path: Path) -> Path:
    if not path.is_dir():
        raise StackError(
            f"the data folder {path} is missing; unset HHPERF_DATA_DIR, or let it name a folder "
            "that holds hhperf's data/"
        )
    return path
