"""Commands that go on with what they recorded."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hhperf.cli.going_on import are_finished
from hhperf.errors import RunError
from hhperf.runs.ending import Ending
from hhperf.runs.observation import Arm
from hhperf.runs.run import Run, load_run
from hhperf.runs.writer import RunWriter
from hhperf.stack.stack import Stack
from tests.cli.conftest import Ended
from tests.runs.conftest import METADATA

RECORD = ["--treatment", "eager", "--pairs", "40", "--warm-up", "0", "--extra-time", "0"]


def test_a_killed_replay_is_gone_on_with_by_its_own_options(
    stack: Stack, tmp_path: Path, command: Callable[..., Ended]
) -> None:
    """Nothing but the folder has to be named; a second time there is nothing left to do."""
    out = tmp_path / "run"
    killed = subprocess.Popen(
        [sys.executable, "-m", "hhperf", "replay", str(out), *RECORD, "--candidates", "2000"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    journal, until = out / "observations.journal", time.monotonic() + 120
    while time.monotonic() < until and not (journal.exists() and journal.stat().st_size > 10_000):
        time.sleep(0.02)
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    assert load_run(out).status == "cut off"
    assert command("replay", "--resume", str(out)).code == 0
    run = load_run(out)
    assert (run.status, len(run), run.metadata.design.arms[Arm.TREATMENT]) == (
        "finished",
        120,
        "eager",
    )
    assert [each.reason for each in run.metadata.gaps] == [
        "cut off: whatever recorded it was killed"
    ]
    again = command("replay", "--resume", str(out))
    assert (again.code, "is finished" in again.err) == (4, True)


def test_only_the_command_that_recorded_a_run_goes_on_with_it(
    tmp_path: Path, command: Callable[..., Ended], plan_run: Run
) -> None:
    """A folder without one is told, and so is one of another command."""
    ended = command("load", "--resume", str(tmp_path))
    assert (ended.code, "has no run in it" in ended.err) == (4, True)
    ended = command("load", "--resume", str(plan_run.path))
    assert (ended.code, "`hhperf load` did not record it" in ended.err) == (4, True)


def test_a_run_needs_a_place(command: Callable[..., Ended]) -> None:
    """A new one, or one to go on with."""
    ended = command("replay")
    assert (ended.code, "--resume one that broke off" in ended.err) == (4, True)


def test_a_regime_is_finished_when_all_its_runs_are(tmp_path: Path) -> None:
    """What killed it may have met them while they were closed, the first one before."""
    for name, how in (("plan", None), ("plan-eager", Ending("interrupted", "Ctrl-C"))):
        RunWriter(tmp_path / name, METADATA).close(how)
    assert are_finished([tmp_path / "plan"])
    assert not are_finished([tmp_path / "plan", tmp_path / "plan-eager"])
    with pytest.raises(RunError, match="plan-single"):
        are_finished([tmp_path / "plan", tmp_path / "plan-single"])
