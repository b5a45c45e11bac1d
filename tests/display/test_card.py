"""Cards in text, a terminal and a notebook."""

import pytest
from rich.console import Console

from hhperf.display import Card, Displayed, Table

CARD = Card(
    title="Comparison <1>",
    badge="BELOW",
    lead="It saves 10%.",
    facts=(("pairs", "800"), ("resampled", "by [text]")),
    tables=(Table("Savings", ("at", "saving"), (("p95", "10%"),)),),
    details=(Table("Gates", ("gate", "limit"), (("order", "1%"),)),),
    warnings=("too few & too noisy",),
)


class Thing(Displayed):
    """Something with a card."""

    def _card(self) -> Card:
        return CARD


def shown(thing: object) -> str:
    """What a terminal of 80 columns shows."""
    console = Console(width=80, no_color=True)
    with console.capture() as capture:
        console.print(thing)
    return capture.get()


@pytest.mark.parametrize(
    "said", ["Comparison <1>", "BELOW", "It saves 10%.", "by [text]", "p95", "order", "too few &"]
)
def test_everything_is_in_the_terminal(said: str) -> None:
    """Also what a notebook folds up."""
    assert said in shown(Thing())


def test_the_text_is_the_same_everywhere() -> None:
    """Head, facts, tables, notes."""
    assert str(CARD).splitlines()[:5] == [
        "Comparison <1>: BELOW", "It saves 10%.", "pairs      800", "resampled  by [text]", "",
    ]  # fmt: skip
    assert str(CARD).endswith("\n\nNote: too few & too noisy")


def test_a_notebook_gets_it_in_order() -> None:
    """Verdict, facts, tables, folded tables, warnings."""
    html = Thing()._repr_html_()
    places = [
        html.index(each)
        for each in ("BELOW</span>", "<dl>", "<caption>Savings", "<details>", "too few &amp;")
    ]
    assert places == sorted(places)


def test_a_notebook_gets_no_markup_from_text() -> None:
    """Titles and warnings are escaped, and there is no script."""
    html = CARD._repr_html_()
    assert "Comparison &lt;1&gt;" in html
    assert "<script" not in html


def test_what_is_not_there_leaves_nothing_behind() -> None:
    """No empty list, no empty paragraph."""
    html = Card("Only a title")._repr_html_()
    assert html.endswith('<p class="head">Only a title</p></div>')


def test_the_repr_is_short() -> None:
    """A card in a traceback does not fill the page."""
    assert repr(CARD) == "Card('Comparison <1>')"
