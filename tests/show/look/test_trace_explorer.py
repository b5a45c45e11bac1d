"""The widget's own side: what a page asks and what Python says."""

from pathlib import Path
from typing import Any

import pytest

import hhperf
from hhperf.errors import TraceError
from hhperf.show.look.exploring import explore
from hhperf.show.look.trace_explorer import TRACE_PANELS, TraceExplorer
from hhperf.traces.trace_set import TraceSet

PAIR = [["embed", "text"]]


@pytest.fixture
def look(shop: TraceSet) -> TraceExplorer:
    """Of the sixty calls."""
    return explore(shop)


def ask(look: TraceExplorer, *, save: bool = False, **change: Any) -> None:
    number = look.asked["number"] + 1
    wish = {**look.asked["wish"], **change}
    look.set_state({"asked": {"number": number, "wish": wish, "save": save}})


def test_a_tick_of_the_page_is_predicted(look: TraceExplorer) -> None:
    """And can be had from Python."""
    assert look.predicted["rows"][0]["saving"]["point"] == 0
    ask(look, independent=PAIR)
    assert look.predicted["rows"][0]["saving"]["point"] == pytest.approx(41.0)
    assert look.answered["number"] == look.asked["number"]
    assert look.independent == (("embed", "text"),)
    assert look.possible["mean"].saving.point == pytest.approx(0.41)
    assert "--independent embed,text" in look.command


def test_a_tick_of_python_is_shown_in_the_page(look: TraceExplorer) -> None:
    """Until it is taken back."""
    look.tick("embed,text", ("text", "rank"))
    assert sum(row["ticked"] for row in look.pairs["rows"]) == 4
    look.untick("embed,text")
    assert look.independent == (("rank", "text"),)
    look.untick()
    assert look.pairs["ticks"]["independent"] == []


def test_a_step_that_there_is_not_is_refused(look: TraceExplorer) -> None:
    """In Python with an error, in a page with a word; what was shown stays."""
    before = look.pairs
    with pytest.raises(TraceError, match="no step 'embedd'; did you mean embed"):
        look.tick("embedd,text")
    ask(look, independent=[["embedd", "text"]])
    assert "no step 'embedd'" in look.problem
    assert look.pairs is before
    assert look.independent == ()


def test_what_is_ticked_is_written_when_a_page_asks(look: TraceExplorer, shop: TraceSet) -> None:
    """Not before; and it is ticked where the traces are looked at again."""
    ask(look, independent=PAIR)
    assert explore(shop).independent == ()
    assert not look.said["is_filed"]
    ask(look, save=True)
    assert look.said["is_filed"]
    assert explore(shop).independent == (("embed", "text"),)
    assert hhperf.predict_savings(shop)["mean"].saving.point == pytest.approx(0.41)


def test_their_folder_will_do(shop: TraceSet) -> None:
    """Without a kernel it shows what was declared, and the pairs."""
    data, _ = explore(shop.path)._repr_mimebundle_()
    assert "embed, then text" in data["text/html"]
    assert "run the cell" in data["text/html"]


def test_an_operation_that_there_is_not_is_an_error(shop: TraceSet) -> None:
    """At once, not in the page."""
    with pytest.raises(TraceError, match="no operation 'POST'"):
        explore(shop, operation="POST")


def test_every_panel_of_traces_has_somebody_who_draws_it() -> None:
    """A panel that the page did not know would be sent for nothing."""
    file = Path(hhperf.__file__).with_name("show") / "look" / "trace_explorer.js"
    page = file.read_text(encoding="utf-8")
    assert [
        name for name in TRACE_PANELS if f"{name}()" not in page and f"{name}:" not in page
    ] == []
