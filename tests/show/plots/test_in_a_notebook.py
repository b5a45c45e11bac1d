"""Figures where they are looked at: in the cells of a notebook."""

from nbclient import NotebookClient
from nbformat import from_dict

PLOT = (
    "from hhperf.analysis import Estimate\n"
    "from hhperf.show.plots import plot_coverage\n"
    "plot_coverage([Estimate(0.2, 0.1, 0.3)], 0.2);"
)


def test_each_cell_shows_its_figure() -> None:
    """Also the second one: the style sheet must not undo what the notebook's backend sets."""
    cell = {"cell_type": "code", "source": PLOT, "metadata": {}, "outputs": []}
    cells = {"cells": [cell, cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    notebook = from_dict(cells)  # type: ignore[no-untyped-call]
    NotebookClient(notebook, kernel_name="python3", timeout=60).execute()
    shown = [[list(output.get("data", {})) for output in cell.outputs] for cell in notebook.cells]
    assert all("image/png" in kinds for outputs in shown for kinds in outputs)
    assert [len(outputs) for outputs in shown] == [1, 1]
