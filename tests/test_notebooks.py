"""The notebook files: that their checks are real checks."""

import copy
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from hhperf import plots

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
CHECKED = "nbval-check-output"
LIVE = "live"
FEWEST_CHECKED = 3
MOST_LINES = 12
MOST_BYTES = 60_000
"""Of a stored picture."""

GALLERY = NOTEBOOKS[0].with_name("09_gallery.ipynb")
DRAWS = re.compile(r"plot_\w+\(|\.figure\(\)|plots\.subplots\(")

LINK = re.compile(r"\]\(([^)\s]+)\)")
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:home|root|tmp|work|usr|var|Users)/")

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def cells(path: Path, kind: str) -> list[dict[str, Any]]:
    """The notebook's cells of one kind that hold something."""
    found = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in found if cell["cell_type"] == kind and cell["source"]]


def code_cells(path: Path) -> list[dict[str, Any]]:
    """The notebook's code cells that hold something."""
    return cells(path, "code")


def prose(path: Path) -> str:
    """The notebook's Markdown, a cell after the other."""
    return "\n\n".join("".join(cell["source"]) for cell in cells(path, "markdown"))


def headings(path: Path) -> list[str]:
    """The notebook's headings, the title first."""
    return re.findall(r"(?m)^#+ (.+)$", prose(path))


def recorded_cells(path: Path) -> list[dict[str, Any]]:
    """The code cells before the live part."""
    found = json.loads(path.read_text(encoding="utf-8"))["cells"]
    begins = [re.search("(?m)^#+ Live", "".join(cell["source"])) is not None for cell in found]
    before = found[: begins.index(True)]
    return [cell for cell in before if cell["cell_type"] == "code" and cell["source"]]


def pictures(cell: dict[str, Any]) -> list[str]:
    """What is stored of a cell's figures, in base64."""
    data = (output.get("data", {}) for output in cell["outputs"])
    return [each["image/png"] for each in data if "image/png" in each]


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
def test_every_picture_of_what_is_recorded_is_stored(path: Path) -> None:
    """So that it can be seen where nothing runs; checked by its text form, and small."""
    drawn = [cell for cell in recorded_cells(path) if DRAWS.search("".join(cell["source"]))]
    stored = {cell["id"]: pictures(cell) for cell in drawn}
    assert [name for name, found in stored.items() if not found] == []
    assert [cell["id"] for cell in drawn if CHECKED not in tags(cell)] == []
    sizes = [3 * len(each) // 4 for found in stored.values() for each in found]
    assert max(sizes, default=0) < MOST_BYTES


@each_notebook
def test_what_is_recorded_is_shown_as_cards(path: Path) -> None:
    """Not printed, and not put together line by line."""
    printing = [cell["id"] for cell in recorded_cells(path) if "print(" in "".join(cell["source"])]
    assert printing == []


@each_notebook
def test_the_reader_is_asked_and_may_guess(path: Path) -> None:
    """A question at the top, and a guess before the answer."""
    assert "?" in prose(path)
    assert "guess" in prose(path).lower()


def test_the_gallery_has_every_plot() -> None:
    """With its call."""
    called = "\n".join("".join(cell["source"]) for cell in code_cells(GALLERY))
    every = [name for name in dir(plots) if name.startswith("plot_")]
    assert [name for name in every if f"{name}(" not in called] == []


@each_notebook
def test_no_output_holds_an_error(path: Path) -> None:
    """A notebook is stored after it ran through."""
    outputs = [output for cell in code_cells(path) for output in cell["outputs"]]
    assert [output for output in outputs if output["output_type"] == "error"] == []


@each_notebook
def test_nothing_tells_of_the_machine_it_was_made_on(path: Path) -> None:
    """No path of a machine, in what is stored or in what is said; no times of execution."""
    text = path.read_text(encoding="utf-8")
    assert MACHINE_PATHS.findall(text) == []
    assert [cell["id"] for cell in code_cells(path) if "execution" in cell["metadata"]] == []
    assert json.loads(text)["metadata"]["language_info"] == {"name": "python"}


@each_notebook
def test_exactly_one_cell_is_live(path: Path) -> None:
    """It is under a heading that says so, and its size is set from outside."""
    assert len([cell for cell in code_cells(path) if LIVE in tags(cell)]) == 1
    assert sum(heading.startswith("Live") for heading in headings(path)) == 1
    assert any("live(ci=" in "".join(cell["source"]) for cell in code_cells(path))


@each_notebook
def test_what_comes_of_the_live_cell_is_checked(path: Path) -> None:
    """By the cell after it: the live one may show a progress bar, which is never the same twice."""
    code = code_cells(path)
    live = next(place for place, cell in enumerate(code) if LIVE in tags(cell))
    assert CHECKED in tags(code[live + 1])
    assert CHECKED not in tags(code[live])


@each_notebook
def test_its_title_is_numbered_as_its_file(path: Path) -> None:
    """So that the order of reading is the order in the file browser."""
    assert headings(path)[0].startswith(f"{path.name[:2]} · ")


@each_notebook
def test_links_lead_somewhere(path: Path) -> None:
    """Other notebooks are there, and so are headings that are linked to."""
    anchors = {f"#{heading.replace(' ', '-').replace('`', '')}" for heading in headings(path)}
    for link in map(unquote, LINK.findall(prose(path))):
        assert link in anchors or link.startswith("https://") or (path.parent / link).is_file()


def test_notebooks_are_numbered_without_a_gap() -> None:
    """And the start page links to all the others."""
    assert [path.name[:2] for path in NOTEBOOKS] == [f"{n:02}" for n in range(len(NOTEBOOKS))]
    assert {path.name for path in NOTEBOOKS[1:]} <= set(LINK.findall(prose(NOTEBOOKS[0])))


@each_notebook
def test_cells_are_short(path: Path) -> None:
    """A cell calls the library; what is longer belongs into it."""
    assert [cell["id"] for cell in code_cells(path) if len(_lines(cell)) > MOST_LINES] == []


def test_an_altered_result_fails(tmp_path: Path) -> None:
    """One digit changed in the stored output of a checked cell, and nbval sees it."""
    notebook = json.loads(NOTEBOOKS[0].read_text(encoding="utf-8"))
    intact = next(cell for cell in notebook["cells"] if CHECKED in tags(cell))
    intact["source"] = ["print(41)"]
    intact["outputs"] = [{"name": "stdout", "output_type": "stream", "text": ["41\n"]}]
    altered = copy.deepcopy(intact) | {"id": "altered"}
    altered["outputs"][0]["text"] = ["42\n"]
    notebook["cells"] = [intact, altered]
    (tmp_path / "both.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    options = ["--nbval-lax", "--nbval-current-env", "-p", "no:cacheprovider", "-q", "-rf"]
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "both.ipynb"],
        capture_output=True, check=False, cwd=tmp_path, text=True,
    )  # fmt: skip
    failed = re.findall(r"^FAILED \S+::Cell (\d+)", ended.stdout, re.MULTILINE)
    assert (ended.returncode, failed) == (1, ["1"])


def _lines(cell: dict[str, Any]) -> list[str]:
    return "".join(cell["source"]).splitlines()
