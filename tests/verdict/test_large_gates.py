"""What the gates of a run in parts go by."""

from pathlib import Path

import pytest

from hhperf.runs.pairs import Statistic
from hhperf.runs.run import load_run
from hhperf.runs.writer import RunWriter
from hhperf.verdict.large_gates import levels
from hhperf.verdict.large_run import open_large
from hhperf.verdict.part_store import LocalParts
from tests.runs.conftest import METADATA, observe_pair


def test_levels_are_those_of_the_control_in_ms(tmp_path: Path) -> None:
    """Whose hundred answers take 10 ms, 20 ms and so on to a second."""
    with RunWriter(tmp_path / "run", METADATA, epoch_ns=0) as writer:
        for pair in range(100):
            writer.add(*observe_pair(pair, (0.01 * (pair + 1), 2.0, 3.0)))
    (tmp_path / "parts").mkdir()
    parts = LocalParts(tmp_path / "parts")
    seen = open_large(load_run(tmp_path / "run"), parts, Statistic.SERVICE_TIME, "pairs")
    expected = {"mean": 505.0, "p50": 500.0, "p90": 900.0}
    assert levels(seen, (0.5, 0.9)) == pytest.approx(expected)
