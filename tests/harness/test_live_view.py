"""A run shown while it is measured, where somebody looks."""

import os
import pty
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from hhperf.errors import SettingsError
from hhperf.harness.live_view import VARIABLE, LastLine, is_watched, live_view

PROGRAM = """
import sys, time
from pathlib import Path
from hhperf.harness.live_view import live_view
from hhperf.long_work import tell
with live_view(Path(sys.argv[1])):
    tell("PostgreSQL does not answer")
    sys.stdin.read()
"""


def test_a_pipe_is_no_screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is a file, whatever is asked for: nothing is started."""
    monkeypatch.setenv(VARIABLE, "on")
    with live_view(tmp_path, progress=True) as is_shown:
        assert not is_shown


@pytest.mark.parametrize(
    ("progress", "said", "ci", "shown"),
    [
        (None, "", "", True),
        (None, "", "true", False),
        (None, "on", "true", True),
        (None, "off", "", False),
        (False, "on", "", False),
        (True, "off", "", False),
        (True, "", "true", True),
    ],
)
def test_who_wants_it_on_a_screen_gets_it(
    progress: bool | None, said: str, ci: str, shown: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By what the caller says, then the variable; in CI nobody looks."""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv(VARIABLE, said)
    monkeypatch.setenv("CI", ci)
    assert is_watched(progress) == shown


def test_another_word_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """With those that there are."""
    monkeypatch.setenv(VARIABLE, "yes")
    with pytest.raises(SettingsError, match="HHPERF_WATCH is 'yes': use on or off"):
        is_watched()


def test_the_last_whole_line_counts() -> None:
    """Older ones are let go, and what is not whole is waited for."""
    theirs, ours = os.pipe()
    last = LastLine(theirs)
    os.write(ours, b"one\ntwo\nthr")
    assert last.read() == "two"
    assert last.read() == ""
    os.write(ours, b"ee\n")
    os.close(ours)
    assert (last.read(), last.read()) == ("three", None)
    os.close(theirs)


def test_a_terminal_shows_the_run_and_what_is_told() -> None:
    """From another process, which ends with the block."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (50, 110))
    environment = {**os.environ, VARIABLE: "on", "CI": ""}
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "data/runs/plan-rerank-off"],
        stdin=subprocess.PIPE, stdout=theirs, stderr=theirs, env=environment,
    ) as process:  # fmt: skip
        os.close(theirs)
        said = ""
        while "interval at every look" not in said or "does not answer" not in said:
            said += os.read(ours, 65_536).decode(errors="replace")
        assert process.stdin is not None
        process.stdin.close()
        process.wait(30)
    os.close(ours)
    assert "1,010 of 1,000 pairs" in said
