"""The runs of a sweep as one thing."""

import pytest

from hhperf.errors import SampleError
from hhperf.show.recorded_sweep import RecordedSweep, load_sweep
from hhperf.workload.shipped import data_dir

FOLDER = data_dir() / "runs" / "sweep-plan" / "pool-4"


def test_a_sweep_is_a_sequence_of_its_runs_and_shows_itself() -> None:
    """With the verdict by load on its card, and a figure."""
    sweep = RecordedSweep(load_sweep(FOLDER)[:3], FOLDER)
    first, *others = sweep
    assert sweep[0] == first
    assert sweep[1:] == tuple(others)
    assert repr(sweep).endswith("4.2/s, 8.25/s, 12.8/s)")
    assert "offered loads" in sweep._repr_html_()
    assert sweep.figure().axes[0].get_title(loc="left") == "Saving by load"


def test_two_loads_are_told_as_runs() -> None:
    """There is no answer over loads, and the card says what one takes."""
    two = RecordedSweep(load_sweep(FOLDER)[:2], FOLDER)
    assert "takes 3 or more" in str(two._card())
    with pytest.raises(SampleError):
        two.figure()
