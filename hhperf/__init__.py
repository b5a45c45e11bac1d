"""hhperf measures whether running a search's independent steps in parallel pays."""

__version__ = "0.1.0"
