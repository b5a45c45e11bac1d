"""A run as a notebook that checks itself."""

import copy
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from hhperf.errors import RunError
from hhperf.show.report.notebook import write_notebook
from hhperf.workload.shipped import data_dir
from tests.show.report.made import write_pairs


def test_a_written_notebook_holds_until_its_number_is_changed(tmp_path: Path) -> None:
    """As written its cells pass nbval; one with another saving in the verdict fails."""
    path = write_notebook(data_dir() / "runs" / "gather-computes", tmp_path / "told.ipynb")
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert str(data_dir() / "runs" / "gather-computes") in "".join(notebook["cells"][0]["source"])
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    [told] = [cell for cell in code if "found.verdict" in "".join(cell["source"])]
    altered = copy.deepcopy(told) | {"id": "altered"}
    said = "".join(told["outputs"][0]["text"])
    altered["outputs"][0]["text"] = re.sub(r"(saves\s+-?)\d", r"\g<1>9", said, count=1)
    assert altered["outputs"][0]["text"] != said
    notebook["cells"].append(altered)
    path.write_text(json.dumps(notebook), encoding="utf-8")
    options = ["--nbval-lax", "--nbval-current-env", "-p", "no:cacheprovider", "-q", "-rf"]
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", *options, path.name],
        capture_output=True, check=False, cwd=tmp_path, text=True,
    )  # fmt: skip
    failed = re.findall(r"^FAILED \S+::Cell (\d+)", ended.stdout, re.MULTILINE)
    assert (ended.returncode, failed) == (1, [str(len(code))])


def test_a_folder_of_several_runs_is_refused(tmp_path: Path) -> None:
    """One notebook tells of one thing."""
    for name in ("one", "other"):
        write_pairs(tmp_path / "runs" / name, pairs=60)
    with pytest.raises(RunError, match=r"runs: holds 2 runs or sweeps; name one of them"):
        write_notebook(tmp_path / "runs", tmp_path / "all.ipynb")
