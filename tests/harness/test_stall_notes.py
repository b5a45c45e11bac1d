"""The stalls that may count, while a run goes on."""

import numpy as np

from hhperf.harness.stall_notes import StallNotes
from hhperf.runs.stalls import make_stalls

MS = 1_000_000


def test_what_is_too_short_to_count_is_not_kept() -> None:
    """And what is kept counts as all of it would, however quick the requests."""
    told = [(at * 50 * MS, length * MS) for at, length in enumerate([2, 9, 10, 11, 40, 3, 200])]
    notes = StallNotes(told)
    assert len(notes) == 4
    for median_s in (0.0, 0.5, 2.0):
        found, every = (
            notes.counting(median_s),
            make_stalls(*np.array(told).T, control_median_s=median_s),
        )
        assert found.begins_ns.tolist() == every.begins_ns.tolist()
        assert found.ends_ns.tolist() == every.ends_ns.tolist()
    assert len(notes.counting(2.0)) < len(notes.counting(0.0))


def test_nothing_told_is_no_stall() -> None:
    """Nor is it an error."""
    assert not StallNotes()
    assert len(StallNotes().counting(0.1)) == 0
