"""Runs notebooks and stores them as `test_notebooks.py` wants them: `make notebooks`.

Run `python -m tests.store_notebooks [NAME...]`, all of them without a name. Checked cells keep what
they show, pictures included, other cells keep nothing, and nothing of the machine is kept.
"""

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

FOLDER = Path(__file__).parents[1] / "notebooks"
KEPT = "keep_output"
TIMEOUT_S = 300


def main() -> None:
    """Run and store each notebook named."""
    os.environ["HHPERF_WATCH"] = "off"  # nobody looks at what is being measured
    for path in _named(sys.argv[1:]):
        sys.stdout.write(f"{path.name} …\n")
        notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
        client = NotebookClient(
            notebook, timeout=TIMEOUT_S, resources={"metadata": {"path": str(FOLDER)}}
        )
        client.execute()
        nbformat.write(stored(notebook), path)  # type: ignore[no-untyped-call]
        subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", str(path)], check=True)


def stored(notebook: NotebookNode) -> NotebookNode:
    """The notebook without what must not be kept; changed in place."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.metadata.pop("execution", None)
            cell.outputs = list(_printed(cell)) if KEPT in cell.metadata.get("tags", []) else []
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return notebook


def _printed(cell: NotebookNode) -> Iterable[NotebookNode]:
    """What a cell printed, in one piece; results that are no text stay as they are."""
    texts = [each.text for each in cell.outputs if each.get("name") == "stdout"]
    if texts:
        yield nbformat.v4.new_output(  # type: ignore[no-untyped-call]
            "stream", name="stdout", text="".join(texts)
        )
    yield from (each for each in cell.outputs if each.output_type != "stream")


def _named(names: list[str]) -> list[Path]:
    paths = sorted(FOLDER.glob("*.ipynb"))
    unknown = set(names) - {path.stem for path in paths}
    if unknown:
        sys.exit(f"no notebook {', '.join(sorted(unknown))} in {FOLDER.name}/")
    return [path for path in paths if not names or path.stem in names]


if __name__ == "__main__":
    main()
