"""Whoever collects the tests finds the same ones: workers that share them have to agree."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

COLLECT = """
import sys, time
import pytest
clock, shift = time.time, float(sys.argv[1])
time.time = lambda: clock() + shift
sys.exit(pytest.main(["tests", "--collect-only", "--quiet", "-p", "no:cacheprovider"]))
"""


def test_tests_are_the_same_in_every_process(request: pytest.FixtureRequest) -> None:
    """Neither the time of day nor the seed of hashes shows in a test's name."""
    elsewhere = collected_elsewhere(clock_shift_s=86_399.5, hash_seed="1")
    here = {item.nodeid for item in request.session.items if item.nodeid.startswith("tests/")}
    assert request.node.nodeid in here & elsewhere
    assert here <= elsewhere


def collected_elsewhere(clock_shift_s: float, hash_seed: str) -> set[str]:
    """The tests' ids in a process of its own, with a clock that is so far off."""
    found = subprocess.run(
        [sys.executable, "-c", COLLECT, str(clock_shift_s)],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return {line for line in found.stdout.splitlines() if "::" in line}
