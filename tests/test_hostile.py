"""Whatever is given, to any reader, verb or setting: a result, or an error that says what is wrong.

A few cases of each kind, the same each time; `python -m tests.benchmarks.runs.fuzz` tries as many
as are asked for.
"""

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from hhperf.workload.reader import load_query_log
from tests.hostile import Kind, take_command, try_case
from tests.hostile_kinds import CSV, kinds

KINDS = kinds()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", KINDS)
def test_no_input_is_a_fault_of_the_kit(name: str) -> None:
    """No traceback, no hang, and a word on what is wrong."""

    @settings(
        max_examples=2 if name.startswith("hhperf ") else 6,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(KINDS[name].cases)
    def each(case: Any) -> None:
        with tempfile.TemporaryDirectory() as folder:
            assert try_case(KINDS[name], case, Path(folder))

    each()


def test_a_crash_is_a_fault() -> None:
    """What no `HhperfError` says is not swallowed."""

    def crash(_case: object, _folder: Path) -> str:
        raise KeyError("nothing")

    with pytest.raises(KeyError):
        try_case(Kind(st.none(), crash), None, Path())


def test_an_error_that_says_what_is_wrong_is_none(tmp_path: Path) -> None:
    """Its name is what came of it."""
    kind = Kind(st.none(), lambda _case, folder: str(load_query_log(folder / "none.jsonl")))
    assert try_case(kind, None, tmp_path) == "QueryLogError"


def test_a_command_tells_its_code(tmp_path: Path) -> None:
    """A verdict, and bad input."""
    path = tmp_path / "some.csv"
    path.write_bytes(CSV)
    two_runs = ["gate", str(path), "--statistic", "p50"]
    assert take_command(two_runs, tmp_path) == "exit 3"
    assert take_command(["gate", str(path), "--seed", "-1"], tmp_path) == "exit 4"
