"""`hhperf report`, as a user meets it."""

import shlex
import shutil
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import typer
from typer.testing import CliRunner, Result

from hhperf.cli.main import app, main
from hhperf.runs.run import load_run
from hhperf.show.report.provenance import recording_command
from hhperf.workload.shipped import data_dir
from tests.show.report.made import load_design, write_sweep

OFF, ON = (str(data_dir() / "runs" / name) for name in ("plan-rerank-off", "plan-rerank-on"))


def report(*arguments: str | Path) -> Result:
    """What the command prints and how it ends."""
    return CliRunner().invoke(app, ["report", *map(str, arguments)])


@pytest.fixture(autouse=True)
def _in_a_new_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_page_is_the_default() -> None:
    """It is written here, and the verdict is printed."""
    ended = report(OFF)
    assert ended.exit_code == 0
    assert "EXCEEDS: at p95, parallel saves 28.1%" in ended.output
    assert "Report: report.html" in ended.output
    assert Path("report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("options", "name", "begins"),
    [
        (["--out", "new/page.htm"], "new/page.htm", "<!DOCTYPE html>"),
        (["--out", "comment.md"], "comment.md", "**More than the 20.0% claimed is saved in 1 of 2"),
        (["--out", "cases.xml"], "cases.xml", "<?xml"),
        (["--out", "cases", "--format", "junit"], "cases", "<?xml"),
        (["--format", "markdown"], "report.md", "**More than"),
    ],
)
def test_the_form_goes_by_ending_or_by_option(options: list[str], name: str, begins: str) -> None:
    """The option wins; folders are made."""
    assert report(OFF, ON, *options).exit_code == 0
    assert Path(name).read_text(encoding="utf-8").startswith(begins)


def test_a_comment_can_be_piped() -> None:
    """A dash prints it, and nothing else."""
    ended = report(OFF, "--format", "markdown", "--out", "-")
    assert ended.stdout.startswith("**EXCEEDS: at p95")
    assert not list(Path().iterdir())


def test_the_exit_code_is_no_verdict() -> None:
    """A report of a run that is BELOW has been written all the same."""
    assert report(ON, "--out", "report.xml").exit_code == 0
    assert int(ET.parse("report.xml").getroot().attrib["failures"]) == 4


def test_the_folder_of_hhperf_run_has_two_runs() -> None:
    """Each with its name, off before on."""
    for source, name in ((ON, "rerank-on"), (OFF, "rerank-off")):
        shutil.copytree(source, Path("results") / name)
    ended = report("results", "--out", "r.xml")
    assert ended.output.index("EXCEEDS") < ended.output.index("BELOW")


def test_a_sweep_is_reported(tmp_path: Path) -> None:
    """By its folder."""
    ended = report(write_sweep(tmp_path / "sweep"), "--statistic", "p50", "--out", "s.md")
    assert ended.exit_code == 0
    assert "at 2 of 3 offered loads" in " ".join(ended.output.split())


def test_threshold_and_statistic_move_the_verdict() -> None:
    """Against half the latency nothing exceeds."""
    ended = report(
        OFF, "--threshold", "0.5", "--statistic", "mean", "--out", "-", "--format", "junit"
    )
    assert 'type="BELOW"' in ended.stdout
    assert "mean saves more than 50.0%" in ended.stdout


@pytest.mark.parametrize(
    "options", [[], ["--statistic", "p99"], ["--statistic", "p99", "--fail-on", "below"]]
)
@pytest.mark.parametrize("folder", [OFF, ON])
def test_cases_and_gate_agree(folder: str, options: list[str]) -> None:
    """No failure means that `hhperf gate` ends with 0, by the same options."""
    report(folder, *options, "--out", "cases.xml")
    clean = ET.parse("cases.xml").getroot().attrib["failures"] == "0"
    gate = CliRunner().invoke(app, ["gate", folder, *options]).exit_code
    assert gate == 0 or not clean
    assert clean == (folder == OFF and options[-1:] != ["p99"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "nowhere: is neither a run nor a folder of runs"),
        ([OFF, "--out", "report.pdf"], "report.pdf: its ending does not say what to write"),
        ([OFF, "--out", "report.xml/"], "cannot be written"),
    ],
)
def test_bad_input_ends_with_4(
    arguments: list[str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One message, no traceback."""
    Path("report.xml").mkdir()
    monkeypatch.setattr("sys.argv", ["hhperf", "report", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 4
    assert said in capsys.readouterr().err.replace("\n", " ")


@pytest.mark.parametrize(
    ("labels", "loads"),
    [
        ({}, []),
        ({"until_verdict": "p95", "until_threshold": "0.2"}, []),
        ({}, ["Poisson, 10/s for 9 s"]),
        ({}, ["evenly, 10/s for 9 s", "evenly, 2.5/s for 9 s"]),
    ],
)
def test_the_command_in_a_report_is_one_of_hhperf(labels: dict[str, str], loads: list[str]) -> None:
    """Every option that it has is an option of that command."""
    shipped = load_run(OFF).metadata
    record = replace(shipped, conditions=replace(shipped.conditions, labels=labels))
    records = [replace(record, design=load_design(each)) for each in loads] or [record]
    command = recording_command(records)
    assert command is not None
    _, name, *arguments = shlex.split(command)
    found = typer.main.get_command(app).commands[name]  # type: ignore[attr-defined]
    assert found.make_context(name, arguments).params["treatment"] == "parallel"
