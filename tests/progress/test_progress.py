"""Bars where somebody looks."""

import os
import pty
import subprocess
import sys
import termios

import pytest

from hhperf.progress import in_notebook, progress_bar

PROGRAM = """
from hhperf.progress import progress_bar
with progress_bar("measure", 3) as bar:
    bar.update(3)
"""


def test_a_pipe_gets_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    """What is written to a file is what was measured."""
    with progress_bar("measure", 3) as bar:
        bar.update(3)
    assert capsys.readouterr() == ("", "")


def test_a_bar_that_is_asked_for_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """On stderr, with its label and how far it is."""
    with progress_bar("measure", 3, progress=True) as bar:
        bar.update(3)
    out, err = capsys.readouterr()
    assert out == ""
    assert "measure: 100%" in err


def test_nothing_to_do_has_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    """Also where one is asked for."""
    with progress_bar("warm up", 0, progress=True):
        pass
    assert capsys.readouterr().err == ""


def test_a_terminal_gets_a_bar() -> None:
    """Without being asked for one."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    subprocess.run([sys.executable, "-c", PROGRAM], stderr=theirs, check=True)
    os.close(theirs)
    assert "measure: 100%" in os.read(ours, 100_000).decode()
    os.close(ours)


def test_this_is_no_notebook() -> None:
    """Tests run in plain Python."""
    assert not in_notebook()
