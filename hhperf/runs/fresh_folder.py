"""Folders for runs that nothing else has."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from itertools import count, takewhile
from pathlib import Path

from hhperf.errors import InterruptionError, RunError
from hhperf.runs.journal import writing

STOPPED = (InterruptionError, asyncio.CancelledError, KeyboardInterrupt)


def fresh_folder(path: Path | str) -> Path:
    """Make a folder that was not there, whichever process asks: `results/a`, then `results/a-2`.

    A cell or a script that is run again measures again; what it measured before stays where it is.

    Args:
        path: the folder wanted; with a number behind it where there is one already.

    Raises:
        RunError: no folder can be made there.
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


def empty_folder(folder: Path) -> Path:
    """Make the folder if it is not there, and give it back.

    Raises:
        RunError: there is something in it, or it cannot be made.
    """
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        taken = any(folder.iterdir())
    if taken:
        raise RunError(
            f"{folder}: is not empty; a run is never written over, choose another folder"
        )
    return folder


@contextmanager
def empty_folders(folders: Sequence[Path]) -> Iterator[list[Path]]:
    """Empty folders for runs that are about to be measured.

    Where an exception leaves the block those that were made for it and are empty still are taken
    away again, with those above them; where an interrupt does, also those that were there.

    Raises:
        RunError: there is something in one, or it cannot be made.
    """
    with ExitStack() as stack:
        for folder in folders:
            whole = folder.absolute()
            ours = takewhile(lambda each: not each.exists(), (whole, *whole.parents))
            stack.push(_taking_away(whole, list(ours)))
            empty_folder(folder)
        yield list(folders)


def _taking_away(folder: Path, ours: Sequence[Path]) -> Callable[..., None]:
    def leave(kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            is_stopped = issubclass(kind, STOPPED)
            with suppress(OSError):  # there is something in it
                for each in ours or ([folder] if is_stopped else []):
                    each.rmdir()

    return leave
