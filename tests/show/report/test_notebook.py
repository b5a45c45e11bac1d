"""A run as a notebook that checks itself."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from hhperf.errors import RunError
from hhperf.show.report.notebook import write_notebook
from hhperf.workload.shipped import data_dir


def test_a_written_notebook_holds_until_its_number_is_changed(tmp_path: Path) -> None:
    """As written it passes nbval; with another saving in the verdict it fails."""
    path = write_notebook(data_dir() / "runs" / "gather-computes", tmp_path / "intact.ipynb")
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert str(data_dir() / "runs" / "gather-computes") in "".join(notebook["cells"][0]["source"])
    [told] = [cell for cell in notebook["cells"] if "found.verdict" in "".join(cell["source"])]
    said = "".join(told["outputs"][0]["text"])
    told["outputs"][0]["text"] = re.sub(r"(saves\s+-?)\d", r"\g<1>9", said, count=1)
    assert told["outputs"][0]["text"] != said
    (tmp_path / "altered.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    options = ["--nbval-lax", "--nbval-current-env", "-p", "no:cacheprovider", "-q", "-rf"]
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "intact.ipynb", "altered.ipynb"],
        capture_output=True, check=False, cwd=tmp_path, text=True,
    )  # fmt: skip
    [failed] = re.findall(r"^FAILED (\S+)::", ended.stdout, re.MULTILINE)
    assert (ended.returncode, failed) == (1, "altered.ipynb")


def test_a_folder_of_several_runs_is_refused(tmp_path: Path) -> None:
    """One notebook tells of one thing."""
    with pytest.raises(RunError, match=r"claim: holds 9 runs or sweeps; name one of them"):
        write_notebook(data_dir() / "runs" / "claim", tmp_path / "all.ipynb")
