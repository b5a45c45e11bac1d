"""A run as a notebook that checks itself."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hhperf.errors import RunError
from hhperf.show.report.notebook import write_notebook
from hhperf.workload.shipped import data_dir


def test_a_written_notebook_holds_until_its_number_or_its_picture_is_changed(
    tmp_path: Path, sweep_folder: Path
) -> None:
    """As written it passes nbval, of a run and of a sweep; each change fails in its own cell."""
    run = data_dir() / "runs" / "gather-computes"
    path = write_notebook(run, tmp_path / "intact.ipynb")
    write_notebook(sweep_folder, tmp_path / "sweep.ipynb")
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert str(run) in "".join(notebook["cells"][0]["source"])
    notebook["cells"] = cells_with(notebook, "find_subjects", "headline", "picture.figure()")
    assert altered(notebook, "headline", "text/html", r"(saves\s+-?)\d", r"\g<1>9")
    assert altered(notebook, "picture.figure()", "text/plain", r"\d+ shapes", "1 shapes")
    (tmp_path / "altered.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    options = ["--nbval-lax", "--nbval-current-env", "-p", "no:cacheprovider", "-q", "-rf"]
    files = ["intact.ipynb", "sweep.ipynb", "altered.ipynb"]
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *files],
        capture_output=True, check=False, cwd=tmp_path, text=True,
    )  # fmt: skip
    failed = re.findall(r"^FAILED (\S+)::", ended.stdout, re.MULTILINE)
    assert (ended.returncode, failed) == (1, 2 * ["altered.ipynb"])


def cells_with(notebook: dict[str, Any], *words: str) -> list[dict[str, Any]]:
    """The first cell with each word: what is changed, and what it needs."""
    sources = [(cell, "".join(cell["source"])) for cell in notebook["cells"]]
    return [next(cell for cell, source in sources if word in source) for word in words]


def altered(notebook: dict[str, Any], told: str, kind: str, old: str, new: str) -> bool:
    """Change the first output of that kind that such a cell has; whether anything is another."""
    cell = next(each for each in notebook["cells"] if told in "".join(each["source"]))
    data = cell["outputs"][0]["data"]
    before = "".join(data[kind])
    data[kind] = re.sub(old, new, before, count=1)
    return bool(data[kind] != before)


def test_a_folder_of_several_runs_is_refused(tmp_path: Path) -> None:
    """One notebook tells of one thing."""
    with pytest.raises(RunError, match=r"claim: holds 9 runs or sweeps; name one of them"):
        write_notebook(data_dir() / "runs" / "claim", tmp_path / "all.ipynb")
