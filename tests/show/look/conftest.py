"""Traces to look at."""

from pathlib import Path

import pytest

from hhperf.traces.trace_set import TraceSet
from tests.traces.made import call, imported, message

STEPS = (("embed", 1, 41), ("text", 42, 82), ("rank", 83, 95), ("text", 96, 98))


@pytest.fixture
def shop(tmp_path: Path) -> TraceSet:
    """Sixty equal calls of four steps, two of one name."""
    spans = [each for trace in range(1, 61) for each in call(trace, STEPS, 100.0)]
    return imported(tmp_path, message(spans))
