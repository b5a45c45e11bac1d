"""What a run recorded of its generators' clocks."""

import pandas as pd
import pytest

from hhperf.verdict.generator_health import drift_of


def looks(*rows: tuple[str, int, int, int]) -> pd.DataFrame:
    """Kind, seconds, nanoseconds, worker."""
    frame = pd.DataFrame(rows, columns=["kind", "at_ns", "value_ns", "worker"])
    return frame.assign(at_ns=frame["at_ns"] * 10**9)


def test_the_clock_that_drifts_most_counts() -> None:
    """In whichever direction, from its first look to its last."""
    found = drift_of(
        looks(
            ("clock_ahead", 10, 70_000, 0),
            ("clock_ahead", 0, 50_000, 0),
            ("clock_ahead", 0, 9_000_000, 1),
            ("clock_ahead", 10, 8_000_000, 1),
            ("clock_within", 10, 1, 1),
        )
    )
    assert found == pytest.approx(-1e-4)


def test_one_look_shows_no_drift() -> None:
    """Nor does none."""
    assert drift_of(looks(("clock_ahead", 0, 5, 0))) == 0
    assert drift_of(looks()) == 0
