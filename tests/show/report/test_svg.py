"""Figures within a page."""

from matplotlib.figure import Figure

from hhperf.show.plots import language
from hhperf.show.report.svg import THEMED, to_svg
from tests.show.report.page import Page


def drawn(prefix: str = "one", name: str = "arm", colour: str = "#0072B2") -> str:
    """A small figure with a legend and hatched bars."""
    figure = Figure(figsize=(3, 2))
    ax = figure.subplots()
    ax.barh(0, 1, color=colour, hatch="//", label=name)
    ax.set_xlabel(name, color=colour)
    ax.legend()
    return str(to_svg(figure, prefix, f"a <label> of {name}"))


def test_two_figures_share_no_id() -> None:
    """Each id begins with the figure's own prefix."""
    one, other = (set(Page(drawn(prefix)).values("id")) for prefix in ("one", "other"))
    assert one
    assert not one & other
    assert all(each.startswith("one-") for each in one)


def test_colours_follow_the_theme() -> None:
    """A mark and the same colour of a letter are told apart; no fixed colour is left."""
    svg = drawn()
    assert "var(--mark-blue)" in svg
    assert "var(--text-blue)" in svg
    assert "#0072b2" not in svg.lower()


def test_every_colour_of_the_plots_follows_the_theme() -> None:
    """Of arms, verdicts, statistics and predictions."""
    drawn_in = [
        *language.COLOURS.values(),
        *language.VERDICT_COLOURS.values(),
        *(colour for colour, _ in language.STATISTICS),
        language.PREDICTED,
    ]
    assert {colour.lower() for colour in drawn_in} <= THEMED.keys()


def test_a_colour_that_the_page_does_not_know_stays() -> None:
    """Better drawn as it is than not at all."""
    assert "#123456" in drawn(colour="#123456")


def test_the_label_is_escaped() -> None:
    """It is text, never markup."""
    assert 'aria-label="a &lt;label&gt; of arm"' in drawn()


def test_dollars_are_no_formula_and_rare_letters_no_warning() -> None:
    """A name that TeX could not read is drawn as it is, as are letters the font has not."""
    assert "<svg" in drawn(name="cost $x^ of \u4e2d")


def test_nothing_styles_the_page_around() -> None:
    """No style sheet, no metadata, no name space of its own."""
    page = Page(drawn())
    assert not page.all("style", "metadata")
    assert "xmlns" not in page.source


def test_a_figure_is_the_same_text_twice() -> None:
    """Reports can be compared."""
    assert drawn() == drawn()
