"""Whoever collects the tests finds the same ones: workers that share them have to agree."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]

COLLECT = """
import sys, time
import pytest
clock, shift = time.time, float(sys.argv[1])
time.time = lambda: clock() + shift
sys.exit(pytest.main(["tests", "--collect-only", "--quiet", "-p", "no:cacheprovider"]))
"""


def test_tests_are_the_same_in_every_process() -> None:
    """Neither the time of day nor the seed of hashes shows in a test's name."""
    workers = [collecting(clock_shift_s=0, hash_seed="0"), collecting(86_399.5, hash_seed="1")]
    first, second = (worker.communicate()[0].splitlines() for worker in workers)
    assert [worker.returncode for worker in workers] == [0, 0]
    ids = [line for line in first if "::" in line]
    assert f"{__file__.rpartition('/')[2]}::test_tests_are" in "".join(ids)
    assert [line for line in second if "::" in line] == ids


def collecting(clock_shift_s: float, hash_seed: str) -> "subprocess.Popen[str]":
    """A process that prints the tests' ids, with a clock that is so far off."""
    return subprocess.Popen(
        [sys.executable, "-c", COLLECT, str(clock_shift_s)],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        stdout=subprocess.PIPE,
        text=True,
    )
