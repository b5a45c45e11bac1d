"""A map by command."""

from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from hhperf.cli.main import app
from hhperf.workload.shipped import data_dir

RUN = str(data_dir() / "runs/claim/plan")
SMALL = ("--rates", "0,20", "--pools", "20", "--seconds", "2", "--rounds", "1")


def test_a_map_is_filled_measured_and_gone_on_with(
    stack: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first time all is predicted; the second only the cell that is to be measured is."""
    assert stack
    monkeypatch.setenv("HHPERF_CANDIDATES", "2000")
    out = ("--out", str(tmp_path / "map"))
    ended = CliRunner().invoke(app, ["map", RUN, *out, *SMALL])
    assert ended.exit_code == 0, ended.output
    assert "The claim of 20% at p95 holds" in ended.output
    assert "(0 measured, the others predicted)" in ended.output
    ended = CliRunner().invoke(app, ["map", RUN, *out, *SMALL, "--measure", "1", "--pairs", "20"])
    assert ended.exit_code == 0, ended.output
    assert "(1 measured, the others predicted)" in ended.output
    assert (tmp_path / "map/map.png").is_file()


def test_a_control_is_recorded_once_for_a_size_that_no_run_has(
    stack: object, tmp_path: Path
) -> None:
    """The shipped run stands for its own size; the second time nothing is recorded."""
    assert stack
    sizes = ("--candidates", "23000", "--sizes", "23000,2000", "--pairs", "20")
    for _ in range(2):
        ended = CliRunner().invoke(
            app, ["map", RUN, "--out", str(tmp_path / "map"), *SMALL, *sizes]
        )
        assert ended.exit_code == 0, ended.output
    assert [each.name for each in (tmp_path / "map/controls").iterdir()] == ["plan-of-2000"]
    assert set(pd.read_csv(tmp_path / "map/map.csv")["candidates"]) == {2_000, 23_000}


def test_what_is_no_axis_is_said(tmp_path: Path) -> None:
    """With what to give."""
    out = ("--out", str(tmp_path / "map"))
    ended = CliRunner().invoke(app, ["map", RUN, *out, "--pools", "four"])
    assert "--pools: four: give numbers" in str(ended.exception)
    ended = CliRunner().invoke(app, ["map", RUN, *out, "--sizes", "2.5"])
    assert "--sizes: 2.5: give whole numbers from 1 to 1,000,000" in str(ended.exception)
    ended = CliRunner().invoke(app, ["map", RUN, *out, "--pools", "nan"])
    assert "--pools: nan: give whole numbers" in str(ended.exception)
    ended = CliRunner().invoke(app, ["map", RUN, *out, "--threshold", "nan"])
    assert "threshold nan must be below 1" in str(ended.exception)
