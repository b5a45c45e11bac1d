"""Tables as plain data, shown alike in a terminal, in a notebook and in Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hhperf.display import markup
from hhperf.display.tones import style_of

if TYPE_CHECKING:
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
