"""`hhperf redact`."""

from pathlib import Path

from typer.testing import CliRunner

from hhperf.cli.main import app
from hhperf.errors import RunError
from hhperf.runs.run import load_run
from tests.runs.test_formats import KEPT


def test_runs_of_a_folder_are_redacted_alike(tmp_path: Path) -> None:
    """Each in a folder of its own; what is equal in two of them stays equal."""
    result = CliRunner().invoke(app, ["redact", str(KEPT), str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    runs = [load_run(tmp_path / "out" / name) for name in ("format_3", "format_3_cut_off")]
    one, other = (run.observations["tenant"].to_pylist() for run in runs)
    assert one == other
    assert one != load_run(KEPT / "format_3").observations["tenant"].to_pylist()


def test_a_folder_without_runs_is_refused(tmp_path: Path) -> None:
    """By name."""
    error = CliRunner().invoke(app, ["redact", str(tmp_path), str(tmp_path / "out")]).exception
    assert isinstance(error, RunError)
    assert str(error).startswith(f"{tmp_path}: holds no run")
