"""Runs of older formats, kept as they were written, are read."""

from pathlib import Path

import numpy as np
import pytest

from hhperf.runs.run import load_run

KEPT = Path(__file__).parent / "kept"


@pytest.mark.parametrize(
    ("name", "control_s"),
    [
        ("format_1", 1.617206),
        ("format_2", 1.541261),
        ("format_3", 2.347368),
        ("format_3_cut_off", 2.347368),
    ],
)
def test_a_run_of_an_older_format_is_read(name: str, control_s: float) -> None:
    """Its pairs are what they were; columns that it does not have are nulls."""
    run = load_run(KEPT / name)
    pairs = run.pairs(run.statistic)
    assert len(pairs) == 4
    assert len(run.health) == 6
    assert round(float(np.sum(pairs.control)), 6) == control_s
    assert run.observations["block"].null_count == (0 if name == "format_2" else 12)
