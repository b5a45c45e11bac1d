"""The widget's own side, and what stands where no kernel is."""

from pathlib import Path
from typing import Any

import pytest

import hhperf
from hhperf.errors import FigureError
from hhperf.show.findings import Findings
from hhperf.show.look.explorer import PANELS, Explorer
from hhperf.show.look.exploring import explore


@pytest.fixture(scope="module")
def explorer(exceeding: Findings) -> Explorer:
    """Of the shipped run without a reranker."""
    return explore(exceeding)


def ask(explorer: Explorer, **change: Any) -> None:
    number = explorer.asked["number"] + 1
    wish = {**explorer.asked["wish"], **change}
    explorer.set_state({"asked": {"number": number, "wish": wish, "looking": False}})


def test_a_question_from_the_page_is_answered(explorer: Explorer) -> None:
    """With its number, so that the page knows which one it was."""
    ask(explorer, threshold=0.4)
    assert explorer.judged["verdict"] == "BELOW"
    assert explorer.answered["number"] == explorer.asked["number"]


def test_a_bad_question_leaves_what_was_shown(explorer: Explorer) -> None:
    """And says what was wrong with it, until a good one comes."""
    before = explorer.curves
    ask(explorer, threshold="much")
    assert "threshold: 'much' is no number" in explorer.problem
    assert explorer.curves is before
    ask(explorer, threshold=0.2)
    assert explorer.problem == ""


def test_without_a_kernel_a_picture_stands(explorer: Explorer) -> None:
    """HTML beside the widget: a picture that is described, and the verdict in words."""
    data, _ = explorer._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert '<img alt="' in data["text/html"]
    assert "run the cell" in data["text/html"]


def test_every_panel_has_somebody_who_draws_it() -> None:
    """A panel that the page did not know would be sent for nothing."""
    page = (
        Path(hhperf.__file__).with_name("show").joinpath("look", "explorer.js").read_text("utf-8")
    )
    assert [name for name in PANELS if f'"{name}"' not in page and f"{name}()" not in page] == []


def test_a_sweep_has_a_run_for_each_load(sweep_folder: Path) -> None:
    """The first control chooses among them."""
    explorer = explore(sweep_folder)
    assert len(explorer.controls["runs"]) == 3
    ask(explorer, run=2)
    assert explorer.problem == ""
    assert "share a queue" not in " ".join(explorer.judged["notes"])


def test_a_comparison_by_itself_has_its_verdicts(exceeding: Findings) -> None:
    """Latencies of another tool have no requests to look at."""
    explorer = explore(exceeding.comparison, threshold=0.4)
    assert explorer.judged["verdict"] == "BELOW"
    assert explorer.curves == {}


def test_options_of_traces_are_refused_for_runs(exceeding: Findings) -> None:
    """They would change nothing."""
    with pytest.raises(FigureError, match="are of traces"):
        explore(exceeding, clusters=["session.id"])  # type: ignore[call-overload]


def test_what_is_no_run_is_refused() -> None:
    """The message says what to give."""
    with pytest.raises(FigureError, match="looks at runs, not at int"):
        explore(3)  # type: ignore[call-overload]
