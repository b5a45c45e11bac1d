"""The command line, as a user sees it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hhperf import __version__
from hhperf.cli.main import app
from hhperf.errors import SettingsError
from hhperf.runs.run import Run, load_run
from hhperf.stack.stack import Stack
from hhperf.workload.reader import load_query_log
from tests.cli.conftest import Ended

runner = CliRunner()
SMALL = ["--candidates", "2000"]


def test_version() -> None:
    """The version is one line."""
    assert runner.invoke(app, ["--version"]).output == f"hhperf {__version__}\n"


def test_compare_prints_the_verdict(plan_run: Run) -> None:
    """Tables first, the verdict last."""
    output = runner.invoke(app, ["compare", str(plan_run.path)]).output
    assert "Saving against the 20% claimed" in output
    assert output.index("Validity gates") < output.index("NOT_MEASURABLE: at p95")


def test_compare_as_json(plan_run: Run) -> None:
    """The machine's form has estimates, gates, verdict, and what stalls hid if there were any."""
    answer = json.loads(runner.invoke(app, ["compare", str(plan_run.path), "--json"]).output)
    assert set(answer) - {"censored"} == {
        "threshold", "n_pairs", "estimates", "gates", "period_effect", "verdict",
    }  # fmt: skip
    assert [each["statistic"] for each in answer["estimates"]] == [
        "mean", "p50", "p90", "p95", "p99",
    ]  # fmt: skip


def test_replay_records_a_run(stack: Stack, tmp_path: Path) -> None:
    """The folder named holds a finished run with what was asked for."""
    out = tmp_path / "run"
    result = runner.invoke(
        app, ["replay", str(out), "--treatment", "eager", "--pairs", "4", "--warm-up", "1", *SMALL]
    )
    assert "12 observations, finished" in result.output
    assert load_run(out).metadata.design.arms["treatment"] == "eager"  # type: ignore[index]


def test_run_tells_the_claim_by_regime(stack: Stack, tmp_path: Path) -> None:
    """A row for each arm of each regime, and a page that begins with the table."""
    out = tmp_path / "results"
    chosen = ["--only", "local", "--only", "as-shipped"]
    result = runner.invoke(app, ["run", "--out", str(out), "--pairs", "4", *chosen, *SMALL])
    assert result.exit_code == 0
    assert "The claim of 20%, by regime" in result.output
    assert "is saved in 0 of 2 regimes" in result.output
    runs = sorted(path.parent.name for path in out.glob("*/run.json"))
    assert runs == ["as-shipped", "local", "local-eager"]
    page = (out / "report.md").read_text(encoding="utf-8")
    assert page.index("by regime") < page.index("## parallel against sequential")


def test_a_regime_that_there_is_not_is_named() -> None:
    """With those that there are, and the one most like it."""
    error = runner.invoke(app, ["run", "--only", "plann"]).exception
    assert "no regime 'plann': did you mean plan? There are as-shipped, plan" in str(error)


@pytest.mark.parametrize(
    "options",
    [["--treatment", "eager"], ["--control", "eager"], ["--only", "plan", "--profile", "x"]],
)
def test_options_that_do_not_go_together_are_refused(options: list[str]) -> None:
    """None is taken and then not heeded."""
    error = runner.invoke(app, ["run", *options]).exception
    assert isinstance(error, SettingsError)
    assert "--profile" in str(error)


def test_log_make_writes_what_the_reader_reads(tmp_path: Path) -> None:
    """A made log is a log."""
    path = tmp_path / "made.jsonl"
    runner.invoke(app, ["log", "make", str(path), "--count", "30", "--seed", "3"])
    assert len(load_query_log(path)) == 30


def test_stack_status_names_every_part(stack: Stack) -> None:
    """Each part with its kind and version."""
    output = runner.invoke(app, ["stack", "status", *SMALL]).output
    for part in ("postgres", "redis", "embedding", "rerank", "embedded", "PostgreSQL 18"):
        assert part in output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["compare", "no/such/run"], "no/such/run: there is no such file"),
        (["compare", "."], "is neither a run nor a folder of runs"),
        (["replay", "out", "--profile", "moon"], "no latency profile 'moon'"),
        (["run", "--log", "no.jsonl"], "no.jsonl"),
    ],
)
def test_bad_input_is_one_message_and_exit_code_4(
    arguments: list[str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    command: Callable[..., Ended],
    tmp_path: Path,
) -> None:
    """No traceback: what is wrong and where."""
    monkeypatch.chdir(tmp_path)
    ended = command(*arguments, *(SMALL if "replay" in arguments else []))
    assert ended.code == 4
    assert ended.err.startswith("error: ")
    assert said in ended.err


def test_a_cache_that_is_not_there_cannot_be_turned_off() -> None:
    """Said before anything is started, with what does it instead."""
    result = runner.invoke(app, ["serve", "--no-result-cache"])
    assert isinstance(result.exception, SettingsError)
    assert "Cache-Control: no-cache" in str(result.exception)
