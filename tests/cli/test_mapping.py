"""A map by command."""

from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from hhperf.cli.main import app
from hhperf.cli.measured_cells import rounds_of
from hhperf.forecast.map_cells import MapDesign
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
    asked = [RUN, *out, *SMALL, "--statistic", "p50"]  # p95 takes 400 requests
    ended = CliRunner().invoke(app, ["map", *asked])
    assert ended.exit_code == 0, ended.output
    assert "The claim of 20% at p50 holds" in ended.output
    assert "(0 measured, the others predicted)" in ended.output
    ended = CliRunner().invoke(app, ["map", *asked, "--measure", "1", "--pairs", "20"])
    assert ended.exit_code == 0, ended.output
    assert "(1 measured, the others predicted)" in ended.output
    assert (tmp_path / "map/map.png").is_file()


@pytest.mark.parametrize(
    ("statistic", "rate_hz", "rounds"), [("p95", 5.0, 5), ("p95", 100.0, 2), ("mean", 5.0, 2)]
)
def test_a_cell_is_measured_until_its_statistic_can_have_a_verdict(
    statistic: str, rate_hz: float, rounds: int
) -> None:
    """p95 takes 400 requests, and some to spare: at 5 a second five blocks of 20 s, not two."""
    assert rounds_of(MapDesign(statistic), rate_hz) == rounds


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


def test_a_mean_is_not_measured(tmp_path: Path) -> None:
    """It has no interval under load, which is said before anything is recorded."""
    asked = [RUN, "--out", str(tmp_path / "map"), *SMALL, "--statistic", "mean", "--measure", "1"]
    ended = CliRunner().invoke(app, ["map", *asked])
    assert "--measure: a mean has no interval under load" in str(ended.exception)
    assert not (tmp_path / "map").exists()


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
