"""A card: what one result says of itself, the most important first."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hhperf.display import markup
from hhperf.display.table import Table
from hhperf.display.tones import style_of

if TYPE_CHECKING:
    from rich.console import Group, RenderableType
    from rich.table import Table as RichTable


@dataclass(frozen=True, slots=True)
class Card:
    """A result as plain data.

    Attributes:
        title: what it is.
        badge: its verdict or state, one word.
        lead: what it says, in a sentence.
        facts: names with their values.
        tables: always shown.
        details: tables that a notebook folds up under their titles.
        warnings: what a reader has to know before trusting the numbers.
    """

    title: str
    badge: str = ""
    lead: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    tables: tuple[Table, ...] = ()
    details: tuple[Table, ...] = ()
    warnings: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Card({self.title!r})"

    def __str__(self) -> str:
        """Plain text, the same on every terminal."""
        head = f"{self.title}: {self.badge}" if self.badge else self.title
        widest = max((len(name) for name, _ in self.facts), default=0)
        facts = [f"{name.ljust(widest)}  {value}" for name, value in self.facts]
        opening = "\n".join(filter(None, [head, self.lead, *facts]))
        notes = "\n".join(f"Note: {warning}" for warning in self.warnings)
        return "\n\n".join(filter(None, [opening, *map(str, self._all_tables), notes]))

    def __rich__(self) -> "Group":
        """For a terminal."""
        from rich.console import Group  # noqa: PLC0415  (not needed by analysis alone)

        return Group(*self._renderables())

    def _repr_html_(self) -> str:
        """For a notebook."""
        return markup.framed(
            markup.head(self.title, self.badge),
            markup.paragraph(self.lead),
            markup.facts(self.facts),
            *(table.to_html() for table in self.tables),
            *(markup.folded(table.title, table.to_html()) for table in self.details),
            markup.notes(self.warnings),
        )

    @property
    def _all_tables(self) -> tuple[Table, ...]:
        return (*self.tables, *self.details)

    def _renderables(self) -> Iterator["RenderableType"]:
        from rich.text import Text  # noqa: PLC0415

        head = Text(self.title, style="bold")
        if self.badge:
            head.append("  ").append(self.badge, style=style_of(self.badge) or "bold")
        yield head
        if self.lead:
            yield Text(self.lead)
        if self.facts:
            yield self._facts()
        for table in self._all_tables:
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


class Displayed:
    """Shows itself by its card; a subclass says what is on it."""

    __slots__ = ()

    def _card(self) -> Card:
        """What is shown."""
        raise NotImplementedError

    def __rich__(self) -> "Group":
        """For a terminal: `rich.print(...)`."""
        return self._card().__rich__()

    def _repr_html_(self) -> str:
        """For a notebook."""
        return self._card()._repr_html_()
