"""The real components that a search runs on: embedded (managed by hhperf) or external (yours)."""

from hhperf.stack.made_of import DEFAULT_CANDIDATES, Corpus
from hhperf.stack.probe import Part
from hhperf.stack.stack import Stack

__all__ = ["DEFAULT_CANDIDATES", "Corpus", "Part", "Stack"]
