"""Changed systems, predicted and then measured, by command."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hhperf.cli.changed_systems import SYSTEMS, drawn
from hhperf.cli.main import app
from hhperf.errors import ForecastError, RunError, StackError
from hhperf.workload.shipped import data_dir

RUN = str(data_dir() / "runs/claim/plan")


def drawing(name: str) -> int:
    """A seed that draws this system."""
    return next(seed for seed in range(2_000) if SYSTEMS[drawn(seed, 1)[0]].name == name)


OF_PAIRS, OF_A_LOAD, OF_THE_CLOUD = map(
    drawing, ("plan: parallel", "light: parallel", "cloud: parallel")
)


def validate(out: Path, seed: int, *more: str) -> Result:
    """One system, few pairs."""
    asked = ["--out", str(out), "--systems", "1", "--seed", str(seed), "--candidates", "2000"]
    return CliRunner().invoke(app, ["validate-model", RUN, *asked, *more])


@pytest.mark.parametrize(
    ("seed", "more"),
    [(OF_PAIRS, ("--pairs", "20")), (OF_A_LOAD, ("--seconds", "2", "--rounds", "1"))],
)
def test_what_was_predicted_is_measured_once(
    stack: object, tmp_path: Path, seed: int, more: tuple[str, ...]
) -> None:
    """Predictions are written first; the same command reads what is there."""
    assert stack
    ended = validate(tmp_path / "model", seed, *more)
    assert ended.exit_code == 0, ended.output
    assert "1 changed system, predicted and then measured" in ended.output
    kept = json.loads((tmp_path / "model/predictions.json").read_text())
    (told,) = kept["savings"].values()
    assert told["p50"]["saving"]["point"] == pytest.approx(0.30, abs=0.05)
    page = (tmp_path / "model/validation.md").read_text()
    assert page.startswith("# Predictions, and what was measured of them")
    assert "Intervals that hold" in page
    before = sorted((tmp_path / "model").rglob("*"))
    ended = validate(tmp_path / "model", seed, *more)
    assert ended.exit_code == 0, ended.output
    assert sorted((tmp_path / "model").rglob("*")) == before
    assert (tmp_path / "model/validation.md").read_text() == page


def test_predictions_are_never_made_anew(stack: object, tmp_path: Path) -> None:
    """By other options there would be others under the same measurements."""
    assert stack
    assert validate(tmp_path, OF_PAIRS, "--pairs", "20").exit_code == 0
    ended = validate(tmp_path, OF_PAIRS, "--pairs", "24")
    assert isinstance(ended.exception, RunError)
    assert f"{tmp_path / 'predictions.json'}: predicted by other options" in str(ended.exception)


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    """With the field that is not as it should be."""
    (tmp_path / "predictions.json").write_text("{}")
    ended = validate(tmp_path, OF_PAIRS)
    assert isinstance(ended.exception, RunError)
    assert "predictions.json: made_by: Field required" in str(ended.exception)


def test_a_profile_without_a_run_is_named(tmp_path: Path) -> None:
    """With the command that records one."""
    ended = validate(tmp_path, OF_THE_CLOUD)
    assert isinstance(ended.exception, ForecastError)
    assert "hhperf replay OUT --profile cloud --no-rerank" in str(ended.exception)
    assert not (tmp_path / "predictions.json").exists()


def test_a_load_beyond_what_can_be_simulated_is_refused_at_once(tmp_path: Path) -> None:
    """Before its arrivals are drawn, which would take for ever."""
    ended = validate(tmp_path, OF_A_LOAD, "--rounds", "10000", "--seconds", "1e6")
    assert isinstance(ended.exception, ForecastError)
    assert "take shorter blocks" in str(ended.exception)


def test_an_error_leaves_the_table_that_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a stack that does not start nothing new is to be told."""
    (tmp_path / "validation.md").write_text("of before")

    def fail(_candidates: int) -> None:
        raise StackError("no stack")

    monkeypatch.setattr("hhperf.cli.validating.make_stack", fail)
    ended = validate(tmp_path, OF_PAIRS)
    assert isinstance(ended.exception, StackError)
    assert (tmp_path / "validation.md").read_text() == "of before"
    assert "Nothing was measured" not in ended.output
