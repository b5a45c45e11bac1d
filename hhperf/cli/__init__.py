"""The `hhperf` command."""
