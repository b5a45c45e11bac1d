"""`--runs`: fresh processes, and their verdict together."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer

from hhperf.cli.main import app
from hhperf.cli.restarting import arguments_of
from hhperf.runs.run import load_run
from hhperf.stack.stack import Stack
from tests.cli.conftest import Ended

COMMAND: Any = typer.main.get_command(app)


def context(*arguments: str) -> typer.Context:
    """Of a command line that is read and not carried out."""
    name, *rest = arguments
    made: typer.Context = COMMAND.commands[name].make_context(name, rest)
    return made


@pytest.mark.parametrize(
    "line",
    [
        ["replay", "out", "--pairs=40", "--no-rerank", "--control=eager", "--runs=3"],
        ["replay", "out", "--target=control=http://a", "--target=treatment=http://b", "--yes"],
        ["run", "--only=plan", "--only=local", "--until-verdict"],
    ],
    ids=["arms", "targets", "regimes"],
)  # fmt: skip
def test_a_command_line_is_told_again(line: list[str]) -> None:
    """With what was given, and nothing else."""
    assert sorted(arguments_of(context(*line), {})) == sorted(line)


def test_what_changes_takes_the_place_of_what_was_given() -> None:
    """None leaves an option out."""
    given = context("replay", "out", "--seed=4", "--runs=3", "--patience=9")
    told = arguments_of(given, {"out": Path("out/run-02"), "seed": 5, "patience": None})
    assert sorted(told) == ["--runs=3", "--seed=5", "out/run-02", "replay"]


@pytest.fixture(scope="module")
def recorded(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Two restarts of a few pairs, and what the command printed."""
    import subprocess  # noqa: PLC0415

    out = tmp_path_factory.mktemp("cli") / "restarts"
    options = ["--pairs=24", "--warm-up=0", "--in-flight=4", "--extra-time=0", "--candidates=2000"]
    done = subprocess.run(
        [sys.executable, "-m", "hhperf", "replay", str(out), "--runs=2", "--seed=3", *options],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return out, done.stdout


def test_each_run_has_a_process_and_a_seed_of_its_own(recorded: tuple[Path, str]) -> None:
    """Their clocks begin anew, and orders are drawn anew; the verdict is over both."""
    out, said = recorded
    runs = [load_run(out / name) for name in ("run-01", "run-02")]
    assert [run.metadata.seed for run in runs] == [3, 4]
    assert [run.metadata.conditions.labels["restart"] for run in runs] == ["1 of 2", "2 of 2"]
    assert runs[0].metadata.differences(runs[1].metadata) == ()
    assert "over 2 runs" in " ".join(said.split())


def test_finished_restarts_are_not_recorded_again(
    recorded: tuple[Path, str], command: Callable[..., Ended]
) -> None:
    """Gone on with, there is nothing to do but to say what they mean."""
    out, _ = recorded
    ended = command("replay", "--resume", str(out))
    assert (ended.code, "Run 1 of 2" in ended.err) == (0, False)
    assert "over 2 runs" in " ".join(ended.out.split())


def test_restarts_are_gated_as_one(
    recorded: tuple[Path, str], command: Callable[..., Ended]
) -> None:
    """So few pairs can give no verdict at p95."""
    assert command("gate", str(recorded[0])).code == 3
