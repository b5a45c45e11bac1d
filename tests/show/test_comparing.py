"""What `compare` takes, and what it says of anything else."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hhperf.analysis.savings import compare_samples
from hhperf.errors import HhperfError
from hhperf.show.comparing import compare
from hhperf.show.comparisons import Comparisons
from hhperf.show.recorded_sweep import RecordedSweep, load_sweep
from hhperf.verdict.sweeps import Sweep
from hhperf.workload.shipped import data_dir

RUNS = data_dir() / "runs"


def test_latencies_are_the_same_from_anywhere(tmp_path: Path, rng: np.random.Generator) -> None:
    """Two arrays, a table and a file of it."""
    control = rng.lognormal(0, 0.5, 200)
    table = pd.DataFrame({"control": control, "treatment": 0.6 * control})
    table.to_csv(tmp_path / "a.csv", index=False)
    wanted = compare_samples(table["control"], table["treatment"], threshold=0.3)
    assert compare(table["control"], list(table["treatment"]), threshold=0.3) == wanted
    assert compare(table, threshold=0.3) == wanted
    assert compare(str(tmp_path / "a.csv"), threshold=0.3) == wanted


def test_a_sweep_is_examined_as_one() -> None:
    """Savings against load, rather than one saving."""
    folder = RUNS / "sweep-plan" / "pool-4"
    found = compare(RecordedSweep(load_sweep(folder)[:3], folder), quantiles=(0.5,))
    assert isinstance(found, Sweep)
    assert [each.offered_hz for each in found.points] == [4.2, 8.25, 12.8]


def test_several_runs_by_name_stand_side_by_side() -> None:
    """Paths among them."""
    found = compare({"a": RUNS / "claim" / "plan", "b": str(RUNS / "claim" / "plan-rerank")})
    assert isinstance(found, Comparisons)
    assert list(found) == ["a", "b"]
    assert found.shown_by == ("a",)


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (3, "compare takes a run, .* not int"),
        ([1.0, 2.0], r"one array has nothing to compare with: compare\(control, treatment\)"),
        ({}, "the mapping is empty"),
        ({"pool": RUNS / "sweep-plan" / "pool-4"}, "pool: has a saving for each of its runs"),
        (RUNS / "clam", "clam: there is no such file or folder: did you mean claim"),
        (RUNS.parent / "service", "no run.json|there is no such file"),
        (pd.DataFrame({"controll": [1.0]}), "no column 'control': did you mean controll"),
        (pd.DataFrame({"control": ["a"], "treatment": [1]}), "control's latencies are no numbers"),
    ],
    ids=["number", "array", "empty", "sweep", "path", "folder", "column", "word"],
)
def test_what_cannot_be_compared_is_answered_by_what_can(what: object, said: str) -> None:
    """With the name most like the one given."""
    with pytest.raises(HhperfError, match=said):
        compare(what)


def test_arrays_of_rows_are_refused() -> None:
    """Their shape is told."""
    with pytest.raises(HhperfError, match=r"shape \(2, 2\), must be \(n,\)"):
        compare([[1, 2], [3, 4]], [1, 2])
