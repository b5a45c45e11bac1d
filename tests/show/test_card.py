"""Tables in text, Markdown, a terminal and a notebook."""

from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from rich.console import Console

from hhperf.show.card import Card, Table
from hhperf.shown import Displayed

TABLE = Table(
    "Latency", ("arm", "ms", "verdict"), (("control", "1.0", "–"), ("treatment", "20.0", "EXCEEDS"))
)


class Tags(HTMLParser):
    """Keeps the start tags with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep it."""
        self.seen.append((tag, dict(attrs)))

    def scopes(self) -> list[str | None]:
        """The scopes of the headings, in order."""
        return [attributes["scope"] for tag, attributes in self.seen if tag == "th"]


def printed(table: Table) -> str:
    """What a terminal of 80 columns shows."""
    console = Console(width=80, no_color=True)
    with console.capture() as capture:
        console.print(table)
    return capture.get()


def test_text_is_aligned() -> None:
    """Words left, figures right."""
    assert str(Table("T", ("a", "ms"), (("x", "1"),))) == "T\na  ms\nx   1"


def test_the_repr_counts_all_rows() -> None:
    """One short line, whatever is in it."""
    assert repr(Table("T", ("a",), (("x",),), more=9)) == "Table('T', 10 rows)"


def test_named_columns_are_aligned_left() -> None:
    """Words among figures."""
    table = Table("T", ("a", "says", "ms"), (("x", "hi", "1"),), words=("says",))
    assert table.is_right == (False, False, True)
    assert "| --- | --- | ---: |" in table.to_markdown()


@pytest.mark.parametrize("show", [str, Table.to_markdown, Table._repr_html_, printed])
def test_rows_not_shown_are_told_of(show: Callable[[Table], str]) -> None:
    """Wherever the table is shown."""
    table = Table("T", ("asks for",), (("a developer of software",),), more=1234)
    assert "… and 1,234 more" in show(table)


def test_headings_have_scopes() -> None:
    """A reader that cannot see tells each figure's row and column."""
    tags = Tags(TABLE.to_html())
    assert tags.scopes() == ["col"] * 3 + ["row"] * 2
    assert [tag for tag, _ in tags.seen].count("caption") == 1


def test_the_row_of_a_table_of_words_is_named_by_its_first_heading() -> None:
    """Not by the mark before it."""
    html = Table("T", ("", "gate"), (("pass", "order"),), numeric=False).to_html()
    assert '<th scope="row">order</th>' in html


def test_figures_are_aligned_right_in_a_notebook() -> None:
    """And words are not."""
    assert '<td class="figure">20.0</td>' in TABLE.to_html()
    assert '<th scope="row">control</th>' in TABLE.to_html()


def test_a_verdict_has_its_tone() -> None:
    """The word is there, the colour beside it."""
    assert '<span class="tone good">EXCEEDS</span>' in TABLE.to_html()


def test_every_colour_follows_the_theme() -> None:
    """JupyterLab's variables or what is inherited; nothing that only one theme can read."""
    html = TABLE._repr_html_()
    style = html[html.index("<style>") : html.index("</style>")]
    colours = [each.partition("color:")[2] for each in style.split(";") if "color:" in each]
    assert colours
    assert all(each.startswith(("var(--", "inherit")) for each in colours)


@pytest.mark.parametrize("place", ["title", "column", "cell"])
def test_markup_is_escaped(place: str) -> None:
    """Text is never markup, wherever it stands."""
    texts = dict.fromkeys(("title", "column", "cell"), "x") | {place: "<script>&"}
    html = Table(texts["title"], (texts["column"],), ((texts["cell"],),))._repr_html_()
    assert "&lt;script&gt;&amp;" in html
    assert "<script" not in html


def test_a_terminal_takes_brackets_as_text() -> None:
    """Rich's own markup in a cell is shown, not obeyed."""
    assert "[red]x[/red]" in printed(Table("[b]T[/b]", ("a",), (("[red]x[/red]",),)))


CARD = Card(
    title="Comparison <1>",
    badge="BELOW",
    sentences=("It saves 10%.",),
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
