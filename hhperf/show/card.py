"""The form of everything that is shown: cards, with their tables and pictures.

A terminal, a notebook, a page, a comment and test cases are all made of these.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import singledispatch
from importlib import import_module
from typing import TYPE_CHECKING, cast

from hhperf.show import markup
from hhperf.show.tones import style_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from rich.console import Group, RenderableType
    from rich.table import Table as RichTable


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of words under headings; the first column is text, the others are figures.

    Attributes:
        title: what it shows.
        columns: the headings, units included.
        rows: the cells, ready to print.
        numeric: whether the columns after the first are aligned right.
        words: the headings of columns that are aligned left all the same.
        more: how many rows there are beyond those shown.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: bool = True
    words: tuple[str, ...] = ()
    more: int = 0

    def __repr__(self) -> str:
        return f"Table({self.title!r}, {len(self.rows) + self.more:,} rows)"

    def __rich__(self) -> "RichTable":
        """For a terminal."""
        from rich.table import Table as RichTable  # noqa: PLC0415  (not needed by analysis alone)
        from rich.text import Text  # noqa: PLC0415

        table = RichTable(title=Text(self.title), title_justify="left", title_style="bold")
        table.caption, table.caption_justify = self._rest or None, "left"
        for column, right in zip(self.columns, self.is_right, strict=True):
            table.add_column(Text(column), justify="right" if right else "left", overflow="fold")
        for row in self.rows:
            table.add_row(*(Text(cell, style=style_of(cell)) for cell in row))
        return table

    def to_markdown(self) -> str:
        """A Markdown table; a cell's pipes and line ends are escaped."""
        rules = ["---:" if right else "---" for right in self.is_right]
        lines = [self.columns, rules, *self.rows]
        table = "\n".join("| " + " | ".join(map(_escaped, line)) + " |" for line in lines)
        return f"{table}\n\n{self._rest}" if self._rest else table

    def to_html(self) -> str:
        """A table element, for a page that has `markup.CSS`."""
        return markup.table(self.title, self.columns, self.rows, self.is_right, self._rest)

    def _repr_html_(self) -> str:
        """For a notebook."""
        return markup.framed(self.to_html())

    def __str__(self) -> str:
        """Aligned text, the same on every terminal."""
        lines = [self.columns, *self.rows]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        shown = [self.title, *(self._aligned(line, widths) for line in lines)]
        return "\n".join([*shown, self._rest] if self._rest else shown)

    @property
    def is_right(self) -> tuple[bool, ...]:
        """Which columns are aligned right."""
        return tuple(
            self.numeric and place > 0 and column not in self.words
            for place, column in enumerate(self.columns)
        )

    @property
    def _rest(self) -> str:
        return f"… and {self.more:,} more" if self.more else ""

    def _aligned(self, line: Sequence[str], widths: Sequence[int]) -> str:
        cells = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, self.is_right, strict=True)
        ]
        return "  ".join(cells).rstrip()


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|").replace("\n", " ")


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure that is drawn when it is asked for.

    Attributes:
        name: short, unique among the figures of a page.
        label: what it shows, in a sentence with its main figures.
        draw: draws it on a figure of its own.
    """

    name: str
    label: str
    draw: "Callable[[], Axes]"

    def figure(self) -> "Figure":
        """The figure, no longer held by pyplot."""
        import matplotlib.pyplot as plt  # noqa: PLC0415  (only what is drawn needs it)

        figure = cast("Figure", self.draw().figure)
        plt.close(figure)
        return figure


@dataclass(frozen=True, slots=True)
class Card:
    """A result as plain data; of a run's report each part is one.

    Attributes:
        title: what it is.
        badge: its verdict or state, one word.
        sentences: what it says.
        facts: names with their values.
        tables: always shown.
        details: tables that a notebook and a page fold up under their titles.
        pictures: drawn in a report.
        warnings: what a reader has to know before trusting the numbers.
    """

    title: str
    badge: str = ""
    sentences: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    tables: tuple[Table, ...] = ()
    details: tuple[Table, ...] = ()
    pictures: tuple[Picture, ...] = ()
    warnings: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Card({self.title!r})"

    def __str__(self) -> str:
        """Plain text, the same on every terminal."""
        head = f"{self.title}: {self.badge}" if self.badge else self.title
        widest = max((len(name) for name, _ in self.facts), default=0)
        facts = [f"{name.ljust(widest)}  {value}" for name, value in self.facts]
        opening = "\n".join([head, *self.sentences, *facts])
        notes = "\n".join(f"Note: {warning}" for warning in self.warnings)
        return "\n\n".join(filter(None, [opening, *map(str, self.all_tables), notes]))

    def __rich__(self) -> "Group":
        """For a terminal."""
        from rich.console import Group  # noqa: PLC0415  (not needed by analysis alone)

        return Group(*self._renderables())

    def _repr_html_(self) -> str:
        """For a notebook."""
        return markup.framed(
            markup.head(self.title, self.badge),
            *map(markup.paragraph, self.sentences),
            markup.facts(self.facts),
            *(table.to_html() for table in self.tables),
            *(markup.folded(table.title, table.to_html()) for table in self.details),
            markup.notes(self.warnings),
        )

    @property
    def all_tables(self) -> tuple[Table, ...]:
        """Those always shown, then those folded up."""
        return (*self.tables, *self.details)

    def _renderables(self) -> Iterator["RenderableType"]:
        from rich.text import Text  # noqa: PLC0415

        head = Text(self.title, style="bold")
        if self.badge:
            head.append("  ").append(self.badge, style=style_of(self.badge) or "bold")
        yield head
        yield from map(Text, self.sentences)
        if self.facts:
            yield self._facts()
        for table in self.all_tables:
            yield Text()
            yield table.__rich__()
        if self.warnings:
            yield Text()
        yield from (Text(f"Note: {warning}", style="yellow") for warning in self.warnings)

    def _facts(self) -> "RichTable":
        from rich.table import Table as RichTable  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415

        grid = RichTable.grid(padding=(0, 2))
        grid.add_column(style="dim", no_wrap=True)
        grid.add_column(overflow="fold")
        for name, value in self.facts:
            grid.add_row(Text(name), Text(value))
        return grid


@singledispatch
def card_of(thing: object) -> Card:
    """What a result says of itself.

    The cards of each room's results stand in `hhperf.show.<room>_cards`, which is imported with the
    first of them that is shown: a kernel that only analyses needs no client of any server.

    Raises:
        TypeError: nothing of its type has a card.
    """
    for room in rooms_of(type(thing)):
        import_module(f"hhperf.show.{room}_cards")
    made = card_of.dispatch(type(thing))
    if made is card_of.dispatch(object):
        raise TypeError(f"nothing is known of how {type(thing).__name__} looks")
    return made(thing)


def rooms_of(kind: type) -> list[str]:
    """The rooms of this package that a class and its bases come from, but for this one."""
    modules = (each.__module__.split(".") for each in kind.__mro__)
    homes = {parts[1]: None for parts in modules if parts[0] == "hhperf" and len(parts) > 2}
    return [room for room in homes if room != "show"]
