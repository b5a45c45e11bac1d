"""What a command loads before it does anything: no more than it needs."""

import subprocess
import sys
from enum import StrEnum
from typing import get_args

import pytest

from hhperf.cli import options
from hhperf.harness.replay_plan import CacheState, Order
from hhperf.show.report.write import Format
from hhperf.workload.importers.importing import FORMATS
from hhperf.workload.shipped import data_dir

HEAVY = ("matplotlib", "pandas", "numpy", "scipy", "pyarrow", "aiohttp", "asyncpg", "redis")
PROGRAM = """
import sys
from hhperf.cli.main import main
try:
    main()
finally:
    sys.stderr.write("\\nloaded: " + " ".join(sys.modules))
"""


def loaded(*arguments: str) -> set[str]:
    """The modules that a command has loaded by its end."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout
    return set(done.stderr.rpartition("loaded: ")[2].split())


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["--version"], ["compare", "--help"], ["load", "--help"], ["log", "--help"]],
    ids=" ".join,
)
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    """Neither the analysis, nor the search, nor figures."""
    assert not loaded(*arguments).intersection(HEAVY)


def test_compare_draws_nothing() -> None:
    """It prints tables, which no figure is loaded for, and searches nothing."""
    found = loaded("compare", str(data_dir() / "runs" / "plan-rerank-off"))
    assert "scipy" in found
    assert "matplotlib" not in found


@pytest.mark.parametrize(
    ("choice", "known"),
    [
        (options.CacheChoice, CacheState),
        (options.OrderChoice, Order),
        (options.FormatChoice, Format),
    ],
)
def test_choices_are_those_there_are(choice: object, known: type[StrEnum]) -> None:
    """Options spell them out, so that what they choose from need not be loaded."""
    assert list(get_args(choice)) == list(known)


def test_the_kinds_of_logs_are_those_there_are() -> None:
    """The help of `hhperf log import` names each."""
    done = subprocess.run(
        [sys.executable, "-m", "hhperf", "log", "import", "--help"],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    assert f"What it is: {', '.join(FORMATS)}." in " ".join(done.stdout.split())
