"""How results speak of themselves: figures in words, and a card when somebody looks.

A result knows nothing of how it looks: `hhperf.show` does, and is asked when a terminal or a
notebook shows the result, not before.
"""

import math
from typing import Any


class Displayed:
    """Shows itself by the card that `hhperf.show` has for its type."""

    __slots__ = ()

    def __rich__(self) -> Any:
        """For a terminal: `rich.print(...)`."""
        return self._card().__rich__()

    def _repr_html_(self) -> str:
        """For a notebook."""
        html: str = self._card()._repr_html_()
        return html

    def _card(self) -> Any:
        from hhperf.show.card import card_of  # noqa: PLC0415  (only what is looked at needs a form)

        return card_of(self)


def milliseconds(seconds: float) -> str:
    """Three significant digits and more, never a false precision."""
    if not math.isfinite(seconds):
        return "endless" if seconds > 0 else "undefined"
    return significant(seconds * 1e3)


def significant(figure: float) -> str:
    """A figure from 0 on with three significant digits and more, and never beyond hundredths."""
    if not math.isfinite(figure):
        return "unbounded" if figure > 0 else "undefined"
    return (
        f"{figure:,.0f}" if figure >= 100 else f"{figure:.1f}" if figure >= 10 else f"{figure:.2f}"
    )


def percent(share: float) -> str:
    """One decimal, none from 1,000% on; an unbounded or undefined share in words."""
    if math.isnan(share):
        return "undefined"
    if math.isinf(share):
        return "unbounded"
    return f"{share:.1%}" if abs(share) < 10 else f"{share:,.0%}"


def counted(count: int, noun: str) -> str:
    """A count with its noun, which takes an s: `1 pair`, `2,400 pairs`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def duration(seconds: float) -> str:
    """Milliseconds, seconds up to two minutes, then minutes, then hours."""
    if seconds < 1:
        return f"{milliseconds(seconds)} ms"
    if seconds < 120:
        return f"{seconds:.3g} s"
    return f"{seconds / 60:.1f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def clipped(text: str, most: int = 60) -> str:
    """The text on one line, with an ellipsis for what is beyond so many characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
