"""A run shown while it is measured, by a process of its own that reads what is on disk.

Nothing is computed or drawn where requests are sent: in a terminal that process draws, in a
notebook it gives what is to be displayed, once a second.
"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from hhperf.errors import SettingsError
from hhperf.long_work import in_notebook, telling_through
from hhperf.masking import without_secrets_in

VARIABLE = "HHPERF_WATCH"
MODULE = "hhperf.show.watching"
"""Started by its name: nothing that measures imports what shows."""

GONE_WITHIN_S = 0.3
SHOW_CURSOR = "\x1b[?25h"


def is_watched(progress: bool | None = None) -> bool:
    """Whether a run is shown while it is measured: where somebody looks.

    Args:
        progress: as a caller has it; None for as `HHPERF_WATCH` says (`on` or `off`), else on a
            terminal and in a notebook, unless the variable `CI` is set.

    Raises:
        SettingsError: the variable says something else.
    """
    said = os.environ.get(VARIABLE, "")
    if said not in ("", "on", "off"):
        raise SettingsError(f"{VARIABLE} is '{said}': use on or off")
    has_screen = in_notebook() or sys.stderr.isatty()
    if progress is not None or said:
        wanted = said != "off" if progress is None else progress and said != "off"
        return wanted and has_screen
    return has_screen and not os.environ.get("CI")


@contextmanager
def live_view(
    folder: Path, threshold: float = 0.20, progress: bool | None = None
) -> Iterator[bool]:
    """Show the run in a folder within the block, once it is there; whether it is shown.

    Args:
        folder: where the run is, or will be, recorded.
        threshold: the saving that is claimed.
        progress: as for `is_watched`.
    """
    if not is_watched(progress):
        yield False
        return
    how = "lines" if in_notebook() else "terminal"
    with subprocess.Popen(
        [sys.executable, "-m", MODULE, str(folder), str(threshold), how],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE if how == "lines" else subprocess.DEVNULL,
        stderr=subprocess.DEVNULL if how == "lines" else None,
        env=dict(without_secrets_in(os.environ)),
    ) as process:
        try:
            with (
                _displayed(process.stdout) if process.stdout else telling_through(_through(process))
            ):
                yield True
        finally:
            _end(process, how)


def _through(process: "subprocess.Popen[bytes]") -> Callable[[str], object]:
    """What has a line told above the drawing."""

    def tell(line: str) -> None:
        assert process.stdin is not None
        with suppress(OSError):
            process.stdin.write(f"{line}\n".encode())
            process.stdin.flush()

    return tell


def _end(process: "subprocess.Popen[bytes]", how: str) -> None:
    """Let it take its drawing away; not for long, since whoever stopped the run waits."""
    assert process.stdin is not None
    with suppress(OSError):
        process.stdin.close()
    try:
        process.wait(GONE_WITHIN_S if how == "terminal" else 0)
    except subprocess.TimeoutExpired:
        process.kill()
        if how == "terminal":
            sys.stderr.write(SHOW_CURSOR + "\n")


@contextmanager
def _displayed(looks: "IO[bytes]") -> Iterator[None]:
    """Display what comes, in place of what came before; in the end nothing."""
    from IPython.display import DisplayHandle  # noqa: PLC0415  (only kernels have it)

    handle, loop = DisplayHandle(), asyncio.get_running_loop()  # type: ignore[no-untyped-call]
    handle.display(_html(""), raw=True)  # type: ignore[no-untyped-call]
    last = LastLine(looks.fileno())

    def show() -> None:
        line = last.read()
        if line is None:
            loop.remove_reader(looks.fileno())
        elif line:
            handle.update(_html(json.loads(line)), raw=True)  # type: ignore[no-untyped-call]

    loop.add_reader(looks.fileno(), show)
    try:
        yield
    finally:
        loop.remove_reader(looks.fileno())
        handle.update(_html(""), raw=True)  # type: ignore[no-untyped-call]


def _html(text: str) -> dict[str, str]:
    """Without a text that would stand for it where it is stored."""
    return {"text/html": text}


class LastLine:
    """The last whole line of what comes through a pipe; older ones are let go.

    Args:
        file: the number of the pipe's open end.
    """

    def __init__(self, file: int) -> None:
        os.set_blocking(file, False)
        self._file = file
        self._rest = b""

    def read(self) -> str | None:
        """What came since; empty where no line was finished, None when nothing will come."""
        try:
            data = os.read(self._file, 1 << 20)
        except BlockingIOError:
            return ""
        if not data:
            return None
        *lines, self._rest = (self._rest + data).split(b"\n")
        return lines[-1].decode() if lines else ""
