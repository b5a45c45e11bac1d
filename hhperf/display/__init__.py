"""How results show themselves: as plain text, in a terminal and in a notebook.

Needs the standard library alone, so that every part may use it; rich is loaded by what is shown in
a terminal.
"""

from hhperf.display.card import Card, Displayed
from hhperf.display.table import Table
from hhperf.display.words import clipped, counted, duration, milliseconds, percent

__all__ = [
    "Card",
    "Displayed",
    "Table",
    "clipped",
    "counted",
    "duration",
    "milliseconds",
    "percent",
]
