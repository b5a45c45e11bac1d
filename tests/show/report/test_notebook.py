"""A run as a notebook that checks itself."""

import copy
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from hhperf.errors import RunError
from hhperf.show.report.notebook import write_notebook
from hhperf.workload.shipped import data_dir
from tests.show.report.made import write_pairs


def test_a_written_notebook_holds_until_its_number_or_its_picture_is_changed(
    tmp_path: Path, sweep_folder: Path
) -> None:
    """As written its cells pass nbval, of a run and of a sweep; those that are changed fail."""
    run = data_dir() / "runs" / "gather-computes"
    path = write_notebook(run, tmp_path / "told.ipynb")
    write_notebook(sweep_folder, tmp_path / "sweep.ipynb")
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert str(run) in "".join(notebook["cells"][0]["source"])
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    notebook["cells"] += [
        altered(code, "headline", "text/html", r"(takes\s+)\d", r"\g<1>9"),
        altered(code, "picture.figure()", "text/plain", r"\d+ shapes", "1 shapes"),
    ]
    path.write_text(json.dumps(notebook), encoding="utf-8")
    options = ["--nbval-lax", "--nbval-current-env", "-p", "no:cacheprovider", "-q", "-rf"]
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", *options, path.name, "sweep.ipynb"],
        capture_output=True, check=False, cwd=tmp_path, text=True,
    )  # fmt: skip
    failed = re.findall(r"^FAILED (\S+)::Cell (\d+)", ended.stdout, re.MULTILINE)
    changed = [(path.name, str(len(code) + place)) for place in (0, 1)]
    assert (ended.returncode, failed) == (1, changed)


def test_no_cell_shows_a_value_beside_its_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The orders' ranking neither: a semicolon hides nothing from nbval, which keeps no history."""
    monkeypatch.setattr("nbclient.NotebookClient.execute", lambda self: None)
    path = write_notebook(data_dir() / "runs" / "claim" / "plan", tmp_path / "told.ipynb")
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    last = ["".join(each["source"]).rsplit("\n", 1)[-1] for each in cells]
    assert any("plot_ranking" in line for line in last)
    assert not [line for line in last if "plot" in line and not line.startswith("_ = ")]


def altered(
    cells: Sequence[dict[str, Any]], told: str, kind: str, old: str, new: str
) -> dict[str, Any]:
    """A copy of the first cell with that in it, with another output of that kind."""
    found = next(each for each in cells if told in "".join(each["source"]))
    copied: dict[str, Any] = copy.deepcopy(found) | {"id": kind.replace("/", "-")}
    data = copied["outputs"][0]["data"]
    before = "".join(data[kind])
    data[kind] = re.sub(old, new, before, count=1)
    assert data[kind] != before
    return copied


def test_a_folder_of_several_runs_is_refused(tmp_path: Path) -> None:
    """One notebook tells of one thing."""
    for name in ("one", "other"):
        write_pairs(tmp_path / "runs" / name, pairs=60)
    with pytest.raises(RunError, match=r"holds 2 runs or sweeps; name one of them: one, other"):
        write_notebook(tmp_path / "runs", tmp_path / "all.ipynb")
