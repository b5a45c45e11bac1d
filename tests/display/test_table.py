"""Tables in text, Markdown, a terminal and a notebook."""

from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from rich.console import Console

from hhperf.display import Table

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


def shown(table: Table) -> str:
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


@pytest.mark.parametrize("show", [str, Table.to_markdown, Table._repr_html_, shown])
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
    assert "[red]x[/red]" in shown(Table("[b]T[/b]", ("a",), (("[red]x[/red]",),)))
