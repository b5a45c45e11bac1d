"""Predictions from files, by command."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hhperf.cli.main import app
from hhperf.errors import ForecastError
from hhperf.workload.shipped import data_dir

RUN = str(data_dir() / "runs/claim/plan")
LOCAL = str(data_dir() / "runs/claim/local")


def run(*arguments: str) -> Result:
    """What the command prints and how it ends."""
    return CliRunner().invoke(app, arguments)


def test_a_change_is_told_with_its_saving_and_the_stages_that_decide() -> None:
    """Under both schedules."""
    ended = run("what-if", RUN, "--schedule", "vector < specialty", "--decisive")
    assert ended.exit_code == 0, ended.output
    assert "vector < specialty is predicted to save 3" in ended.output
    assert ended.output.count("Which stages decide how long") == 2


def test_changes_come_by_option() -> None:
    """A stage by profile for both, a cached one, a farther database."""
    ended = run(
        "what-if", RUN, "--stage", "rerank=plan", "--both", "stage", "--schedule", "parallel"
    )
    assert "parallel (rerank as in plan)" in ended.output
    ended = run("what-if", RUN, "--stage", "embedding=cached", "--round-trip", "1")
    assert "embedding cached, 1 ms more a statement" in ended.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--stage", "embedding"), "say STAGE=cached"),
        (("--both", "pool"), "no change 'pool': did you mean pool-max"),
        (("--schedule", "paralel"), "did you mean parallel"),
        (("--stage", "embedding=fast"), "no latency profile 'fast'"),
    ],
)
def test_what_is_no_change_is_said(arguments: tuple[str, ...], said: str) -> None:
    """With what to say instead."""
    ended = run("what-if", RUN, *arguments)
    assert said in str(ended.exception)


def test_the_best_orders_are_measured_on_fresh_requests(
    stack: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Predicted and measured side by side, parallel among them; the best can be served."""
    assert stack
    monkeypatch.setenv("HHPERF_CANDIDATES", "2000")
    out = str(tmp_path / "orders")
    ended = run(
        "optimise",
        LOCAL,
        "--measure",
        "--best",
        "1",
        "--pairs",
        "6",
        "--pool-max",
        "2",
        "--out",
        out,
    )
    assert ended.exit_code == 0, ended.output
    assert "Predicted and measured against sequential" in ended.output
    assert '`hhperf serve --schedule "eager"` serves it.' in ended.output
    assert (tmp_path / "orders-parallel" / "run.json").exists()


def test_errors_are_of_the_input() -> None:
    """None is a fault of the kit."""
    ended = run("what-if", LOCAL, "--rerank")
    assert isinstance(ended.exception, ForecastError)
