"""Verdicts from files, by table, JSON and exit code."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from hhperf.cli.main import app
from hhperf.errors import RunError
from hhperf.runs.metadata_file import read_metadata, write_metadata
from hhperf.runs.run import load_run
from hhperf.verdict.compare import compare
from tests.show.report.made import write_pairs


def run(*arguments: str) -> Result:
    """What the command prints and how it ends."""
    return CliRunner().invoke(app, arguments)


def latencies(path: Path, ratio: float, pairs: int = 600, spread: float = 0.02) -> str:
    """Write pairs whose treatment takes `ratio` of the control."""
    rng = np.random.default_rng(4)
    control = np.exp(0.3 * rng.standard_normal(pairs))
    treatment = ratio * control * np.exp(spread * rng.standard_normal(pairs))
    lines = [f"{x},{y}" for x, y in zip(control, treatment, strict=True)]
    path.write_text("\n".join(["control,treatment", *lines]), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("ratio", "pairs", "spread", "code", "word"),
    [
        (0.6, 600, 0.02, 0, "EXCEEDS"),
        (0.95, 600, 0.02, 1, "BELOW"),
        (0.79, 600, 0.1, 2, "INCONCLUSIVE"),
        (0.6, 100, 0.02, 3, "NOT_MEASURABLE"),
    ],
)
def test_the_gates_exit_code_is_the_verdict(
    ratio: float, pairs: int, spread: float, code: int, word: str, tmp_path: Path
) -> None:
    """0 exceeds, 1 below, 2 inconclusive, 3 not measurable."""
    ended = run("gate", latencies(tmp_path / "l.csv", ratio, pairs, spread))
    assert (ended.exit_code, word in ended.output) == (code, True)


def test_a_gate_stands_on_the_statistic_asked_for(tmp_path: Path) -> None:
    """A hundred pairs are too few for p95 and enough for the mean."""
    path = latencies(tmp_path / "l.csv", 0.6, 100)
    assert run("gate", path, "--statistic", "mean").exit_code == 0


@pytest.mark.parametrize(
    ("ratio", "pairs", "spread", "code"), [(0.95, 600, 0.02, 1), (0.79, 600, 0.1, 0)]
)
def test_a_gate_may_fail_on_below_alone(
    ratio: float, pairs: int, spread: float, code: int, tmp_path: Path
) -> None:
    """For a pull request that noise must not hold up: what is not settled passes."""
    path = latencies(tmp_path / "l.csv", ratio, pairs, spread)
    assert run("gate", path, "--fail-on", "below").exit_code == code


def partial_run(folder: Path, status: str, reason: str) -> str:
    """A run that ended in some other way than by its plan."""
    run = write_pairs(folder, pairs=600)
    metadata = read_metadata(run.path)
    design = replace(metadata.design, pairs=800)
    changed = replace(metadata, status=status, reason=reason, design=design)  # type: ignore[arg-type]
    write_metadata(run.path, changed)
    return str(run.path)


@pytest.mark.parametrize(
    ("status", "reason", "told"),
    [
        ("interrupted", "Ctrl-C", "interrupted (Ctrl-C) after 600 of 800 planned pairs"),
        ("failed", "no room", "failed (no room) after 600 of 800 planned pairs"),
        ("stopped", "gone", "stopped (gone) after 600 of 800 planned pairs"),
        ("running", "", "cut off (whatever recorded it was killed) after 600 of 800"),
    ],
)
def test_a_partial_run_has_no_verdict_unless_it_is_asked_for(
    status: str, reason: str, told: str, tmp_path: Path
) -> None:
    """The error says how it ended; asked for, the verdict says the same."""
    path = partial_run(tmp_path / "run", status, reason)
    for options in ([], ["--fail-on", "below"]):
        assert isinstance(refused := run("gate", path, *options).exception, RunError)
        assert told in str(refused)
    judged = run("gate", path, "--accept-partial")
    assert judged.exit_code == 0
    assert f"this is a partial run, {told}" in " ".join(judged.output.split())


def test_a_partial_run_is_compared_as_what_it_is(tmp_path: Path) -> None:
    """The sentence of the verdict, which is read alone, says so."""
    path = partial_run(tmp_path / "run", "interrupted", "SIGTERM")
    said = " ".join(run("compare", path).output.split())
    assert "EXCEEDS: at p95" in said
    assert said.endswith(
        "; the run is a partial one, interrupted (SIGTERM) after 600 of 800 planned pairs."
    )


def test_a_run_that_was_stopped_by_hand_has_the_sequence_s_verdict_alone(tmp_path: Path) -> None:
    """A fixed-size interval of what was watched and then stopped is too narrow."""
    watched, gone = (
        compare(load_run(partial_run(tmp_path / status, status, "x")))
        for status in ("interrupted", "stopped")
    )
    in_sequence = {each.statistic for each in watched.results if "sequence" in each.estimate.method}
    judged = {each.statistic for each in watched.results if each.verdict != "NOT_MEASURABLE"}
    assert in_sequence == judged == {"p95"}
    assert watched["p95"].estimate.lower < gone["p95"].estimate.lower


def test_the_threshold_moves_the_gate(tmp_path: Path) -> None:
    """What exceeds 20% is below 50%."""
    path = latencies(tmp_path / "l.csv", 0.6)
    assert run("gate", path, "--threshold", "0.5").exit_code == 1


def test_compare_reads_a_csv_file(tmp_path: Path) -> None:
    """The verdict on p95 comes last."""
    printed = run("compare", latencies(tmp_path / "l.csv", 0.6)).output
    assert printed.splitlines()[-1].startswith("EXCEEDS at p95: +")


def test_compare_as_json_has_the_agreed_form(tmp_path: Path) -> None:
    """Every estimate has its fields, and nothing that JSON cannot hold."""
    answer = json.loads(run("compare", latencies(tmp_path / "l.csv", 0.6), "--json").output)
    assert answer["verdict"] == "EXCEEDS"
    assert set(answer["estimates"][0]) == {
        "statistic", "saving", "lower", "upper", "p_value", "verdict", "method", "warnings",
    }  # fmt: skip


def test_a_plan_from_assumptions_names_the_pairs() -> None:
    """Lognormal pairs with the method's own parameters take about 3,000 pairs at p95."""
    printed = run("plan", "--sigma", "0.55", "--correlation", "0.8").output
    assert "p95" in printed
    assert "assumption" in printed


def test_a_plan_from_a_pilot_takes_its_spread(tmp_path: Path) -> None:
    """A pilot with little noise needs few pairs."""
    printed = run("plan", latencies(tmp_path / "l.csv", 0.75), "--rate", "10").output
    assert "minutes at 10/s" in printed
    assert "pilot" in printed
