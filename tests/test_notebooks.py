"""The notebook files: that their checks are real checks."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
CHECKED = "nbval-check-output"
FEWEST_CHECKED = 3
MOST_LINES = 12

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def code_cells(path: Path) -> list[dict[str, Any]]:
    """The notebook's code cells that hold something."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code" and cell["source"]]


def tags(cell: dict[str, Any]) -> list[str]:
    """The cell's tags."""
    found: list[str] = cell["metadata"].get("tags", [])
    return found


@each_notebook
def test_every_code_cell_keeps_its_execution_count(path: Path) -> None:
    """A cell without a count is never compared, so its check would pass whatever it prints."""
    assert [cell["id"] for cell in code_cells(path) if cell["execution_count"] is None] == []


@each_notebook
def test_checked_cells_have_the_output_to_check(path: Path) -> None:
    """Enough cells are compared, and each has printed something to compare with."""
    checked = [cell for cell in code_cells(path) if CHECKED in tags(cell)]
    assert len(checked) >= FEWEST_CHECKED
    assert all(cell["outputs"] for cell in checked)


@each_notebook
def test_other_cells_are_stored_without_output(path: Path) -> None:
    """What is not compared would only go stale."""
    kept = [
        cell["id"] for cell in code_cells(path) if cell["outputs"] and CHECKED not in tags(cell)
    ]
    assert kept == []


@each_notebook
def test_no_output_holds_an_error_or_a_path_of_a_machine(path: Path) -> None:
    """A notebook is stored after it ran through, and knows nothing of where."""
    outputs = [output for cell in code_cells(path) for output in cell["outputs"]]
    assert [output for output in outputs if output["output_type"] == "error"] == []
    assert not any(root in json.dumps(outputs) for root in ("/home/", "/root/", "/tmp/"))


@each_notebook
def test_cells_are_short(path: Path) -> None:
    """A cell calls the library; what is longer belongs into it."""
    assert [cell["id"] for cell in code_cells(path) if len(_lines(cell)) > MOST_LINES] == []


def test_an_altered_result_fails(tmp_path: Path) -> None:
    """One digit changed in the stored output of a checked cell, and nbval sees it."""
    notebook = json.loads(NOTEBOOKS[0].read_text(encoding="utf-8"))
    place = next(n for n, cell in enumerate(notebook["cells"]) if CHECKED in tags(cell))
    notebook["cells"] = notebook["cells"][: place + 1]
    output = notebook["cells"][place]["outputs"][0]
    intact = _nbval(tmp_path / "intact.ipynb", notebook)
    output["text"] = "".join(output["text"]).replace("2", "3", 1)
    altered = _nbval(tmp_path / "altered.ipynb", notebook)
    assert (intact, altered) == (0, 1)


def _nbval(path: Path, notebook: dict[str, Any]) -> int:
    path.write_text(json.dumps(notebook), encoding="utf-8")
    command = ["-m", "pytest", "--nbval-lax", "--nbval-current-env", "-p", "no:cacheprovider", "-q"]
    return subprocess.run(
        [sys.executable, *command, str(path)], capture_output=True, check=False, cwd=path.parent
    ).returncode


def _lines(cell: dict[str, Any]) -> list[str]:
    return "".join(cell["source"]).splitlines()
