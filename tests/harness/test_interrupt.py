"""Ending a replay from outside, in a process of its own."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hhperf.errors import RunError
from hhperf.runs import Run, load_run


def start(folder: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.harness.endless", str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for_pairs(folder: Path, count: int) -> Run:
    """Look at the growing run from outside until it has so many pairs."""
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up:
        try:
            run = load_run(folder)
            if len(run.pairs()) >= count:
                return run
        except RunError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"{folder} has not got {count} pairs")


def test_a_killed_run_is_readable(tmp_path: Path) -> None:
    """After kill -9 all that was on disk before is there, in whole pairs."""
    process = start(tmp_path / "run")
    seen = len(wait_for_pairs(tmp_path / "run", 100).pairs())
    time.sleep(1.5)
    process.kill()
    process.communicate()
    run = load_run(tmp_path / "run")
    assert process.returncode == -signal.SIGKILL
    assert run.status == "running"
    assert len(run.pairs()) > seen
    assert run.pairs().incomplete == 0


def test_ctrl_c_ends_a_run_in_order(tmp_path: Path) -> None:
    """The script goes on with a usable, interrupted run."""
    process = start(tmp_path / "run")
    wait_for_pairs(tmp_path / "run", 50)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    run = load_run(tmp_path / "run")
    assert (process.returncode, err) == (0, "")
    assert out.split() == ["interrupted", str(len(run.pairs()))]
    assert run.status == "interrupted"


@pytest.mark.parametrize("name", ["observations.parquet", "health.parquet"])
def test_an_interrupted_run_is_compacted(tmp_path: Path, name: str) -> None:
    """It looks like any finished run on disk."""
    process = start(tmp_path / "run")
    wait_for_pairs(tmp_path / "run", 10)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert (tmp_path / "run" / name).exists()
