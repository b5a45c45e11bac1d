"""Folders for runs that nothing else has."""

from itertools import count
from pathlib import Path

from hhperf.runs.journal import writing


def fresh_folder(path: Path | str) -> Path:
    """Make a folder that was not there, whichever process asks: `results/a`, then `results/a-2`.

    A cell or a script that is run again measures again; what it measured before stays where it is.

    Args:
        path: the folder wanted; with a number behind it where there is one already.

    Raises:
        RunError: no folder can be made there.

    Example:
        >>> hhperf.fresh_folder("results/new").as_posix()
        'results/new'
    """
    wanted = Path(path)
    for number in count(1):
        folder = wanted if number == 1 else wanted.with_name(f"{wanted.name}-{number}")
        with writing(folder):
            try:
                folder.mkdir(parents=True)
            except FileExistsError:
                continue
            return folder
    raise AssertionError("numbers do not end")
