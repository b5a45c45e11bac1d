"""Which other runs measure on this machine: each enters itself in a folder that all users share.

An entry is a file that its run keeps locked. The kernel lets go of the lock whatever ends the
process, so an entry that nobody holds is over; it stays while others run, who may not have seen it.
What other users write is taken for words alone: short ones, and printable.
"""

import asyncio
import json
import os
import secrets
import stat
import sys
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic_ns

from hhperf.errors import RunError
from hhperf.shown import clipped, duration

VARIABLE = "HHPERF_RUNS_DIR"
EVERYBODYS = "/tmp/hhperf-runs"  # noqa: S108 - each may remove only what is their own there
EVERY_S = 5.0
"""Between two looks, of some microseconds for each run there is."""

LONGEST_ENTRY = 4_096
LONGEST_WORD = 120

_told: set[str] = set()
"""Entries that this process has warned of: the runs of a sweep meet them again and again."""


class CompanyWarning(UserWarning):
    """Another run measures on this machine."""


@dataclass(frozen=True, slots=True)
class Other:
    """Another run on this machine.

    Attributes:
        name: its entry's.
        pid: its process's id.
        command: what was called, in a few words.
        folder: where it records.
        begun_ns: when it began, on the machine's monotonic clock.
    """

    name: str
    pid: int
    command: str
    folder: str
    begun_ns: int

    @property
    def in_words(self) -> str:
        """Which run it is."""
        return f"pid {self.pid}, `{self.command}`"

    @property
    def warning(self) -> str:
        """What whoever began a run has to know of it."""
        for_s = max(0.0, (monotonic_ns() - self.begun_ns) / 1e9)
        return (
            f"another run, {self.in_words}, has been measuring here for {duration(for_s)}, into"
            f" {self.folder}: both disturb each other, and both say so; better one after the other"
        )


class Company:
    """The other runs while this one goes on, as its entry finds them.

    Args:
        place: the folder of all entries.
        own: the name of this run's entry.
        over: entries that had ended before it began.
    """

    def __init__(self, place: Path, own: str, over: frozenset[str]) -> None:
        self._place = place
        self._not_there = over | {own}
        self._met: dict[str, Other] = {}

    @property
    def met(self) -> tuple[str, ...]:
        """All that were there meanwhile, in words."""
        return tuple(each.in_words for each in self._met.values())

    def look(self) -> bool:
        """Look who is there; whether somebody is who was not, of whom this warns once."""
        found = [each for each in _entries(self._place) if each.name not in self._not_there]
        came = [each for each in found if each.name not in self._met]
        self._met.update((each.name, each) for each in came)
        for each in came:
            if each.name not in _told:
                _told.add(each.name)
                warnings.warn(each.warning, CompanyWarning, stacklevel=2)
        return bool(came)

    @asynccontextmanager
    async def watched(self, heed: Callable[[], None]) -> AsyncIterator[None]:
        """Look now and then while the block runs, and at its end; `heed` when somebody came."""

        async def watch() -> None:
            while True:
                await asyncio.sleep(EVERY_S)
                if self.look():
                    heed()

        task = asyncio.create_task(watch())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError, RunError):  # what cannot be written is met again
                await task
            if self.look():
                heed()


@contextmanager
def in_company(folder: Path) -> Iterator[Company]:
    """Enter a run among those of this machine, for as long as the block runs.

    Where the folder of entries cannot be used, it goes on alone and unseen.

    Args:
        folder: where the run is recorded.
    """
    place = Path(os.environ.get(VARIABLE) or EVERYBODYS)
    try:
        _make(place)
        over = _cleared(place)
        name, held = _enter(place, folder)
    except OSError:
        yield Company(place, "", frozenset())
        return
    company = Company(place, name, over)
    try:
        yield company
    finally:
        os.close(held)
        _cleared(place)


def _make(place: Path) -> None:
    """Make the folder, where everybody may write and remove what is their own."""
    with suppress(FileExistsError):
        place.mkdir()
        place.chmod(0o1777)
    found = place.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise NotADirectoryError(place)


def _cleared(place: Path) -> frozenset[str]:
    """Remove entries that are over, unless somebody may still want to see them; which there are."""
    held = {each.name: _is_held(each) for each in _paths(place)}
    over = frozenset(name for name, is_held in held.items() if not is_held)
    if len(over) == len(held):
        for name in over:
            with suppress(OSError):
                (place / name).unlink()
    return over


def _enter(place: Path, folder: Path) -> tuple[str, int]:
    """Write an entry, locked before anybody sees it; gives its name, and what holds the lock."""
    name = f"{os.getpid()}-{secrets.token_hex(4)}"
    unseen = place / f".{name}"
    entry = Other(name, os.getpid(), _command(), str(folder.absolute()), monotonic_ns())
    held = os.open(unseen, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o644)
    try:
        os.fchmod(held, 0o644)
        _lock(held)
        os.write(held, json.dumps(asdict(entry)).encode())
        unseen.rename(place / name)
    except BaseException:
        os.close(held)
        raise
    return name, held


def _command() -> str:
    """What was called, without arguments: there may be a secret in them."""
    program, *arguments = sys.argv or [""]
    name = Path(program).name
    if name in ("hhperf", "__main__.py"):
        verbs = (each for each in arguments if not each.startswith("-"))
        return f"hhperf {next(verbs, '')} …"
    return "a notebook" if name.startswith("ipykernel") else f"python {name} …"


def _paths(place: Path) -> list[Path]:
    with suppress(OSError):
        return sorted(each for each in place.iterdir() if not each.name.startswith("."))
    return []


def _entries(place: Path) -> Iterator[Other]:
    for path in _paths(place):
        with suppress(OSError, ValueError, KeyError, TypeError), _opened(path) as file:
            said = json.loads(os.read(file, LONGEST_ENTRY))
            command, folder = (_printable(str(said[key])) for key in ("command", "folder"))
            yield Other(path.name, int(said["pid"]), command, folder, int(said["begun_ns"]))


def _printable(words: str) -> str:
    return clipped("".join(each for each in words if each.isprintable()), LONGEST_WORD)


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    """Open what another user may have put there: a file and nothing else, and never waited for."""
    file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise ValueError(f"{path} is no file")
        yield file
    finally:
        os.close(file)


def _is_held(path: Path) -> bool:
    """Whether a run keeps the entry locked."""
    with suppress(OSError, ValueError), _opened(path) as file:
        return not _can_be_shared(file)
    return False


if sys.platform == "win32":  # there nothing is measured

    def _lock(_file: int) -> None: ...

    def _can_be_shared(_file: int) -> bool:
        return True

else:
    import fcntl

    def _lock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _can_be_shared(file: int) -> bool:
        """Whether nobody has the lock for themselves; two who ask at once do not meet."""
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
