"""The `hhperf` command."""

from hhperf.cli.main import app, main

__all__ = ["app", "main"]
