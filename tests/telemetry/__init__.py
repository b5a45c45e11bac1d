"""Tests of `hhperf.telemetry`."""
