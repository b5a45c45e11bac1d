"""What the gates of a run in parts go by."""

import math
from collections import Counter
from typing import Any

import numpy as np
import pytest

from hhperf.analysis.clusters import SINGLE_PAIRS, ClusterChoice
from hhperf.analysis.selection import Selection
from hhperf.runs.observation import Arm
from hhperf.verdict.large_gates import levels
from hhperf.verdict.large_run import LargeRun
from tests.analysis.test_selection import in_parts


def seen(*control_s: float) -> LargeRun:
    """A run of which only the control's latencies are known."""
    parts: Any = in_parts(**{Arm.CONTROL.value: np.array(control_s)})
    n = len(control_s)
    choice = ClusterChoice(SINGLE_PAIRS, None, n, float(n))
    run: Any = None
    return LargeRun(run, parts, Counter(pairs=n), [], choice, None, Selection(parts))


def test_the_controls_levels_are_those_of_its_answers() -> None:
    """In ms: the mean of three answers, the second of four; p95 is the failure, and has none."""
    found = levels(seen(6.0, math.inf, 1.0, 2.0), (0.5, 0.95))
    assert found == pytest.approx({"mean": 3_000.0, "p50": 2_000.0})


def test_a_control_without_an_answer_has_no_level() -> None:
    """Neither a mean nor a quantile."""
    assert levels(seen(math.inf, math.inf), (0.5,)) == {}
