"""Tests of `hhperf.traces`."""
