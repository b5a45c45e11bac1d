"""Some pairs that stand for a run larger than memory."""

from pathlib import Path

import numpy as np
import pytest

from hhperf.errors import RunError
from hhperf.runs.observation import Arm
from hhperf.runs.run import Run, load_run
from hhperf.runs.run_sample import RunSample
from hhperf.runs.writer import RunWriter
from tests.runs.conftest import METADATA, observe, observe_pair

PAIRS = 2_000
"""More than one row group."""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A finished run whose latency tells the pair."""
    folder = tmp_path_factory.mktemp("sampled") / "run"
    with RunWriter(folder, METADATA, epoch_ns=0) as writer:
        for pair in range(PAIRS):
            writer.add(*observe_pair(pair, (1 + pair / PAIRS, 0.5, 1.0)))
    return load_run(folder)


def test_a_sample_is_whole_pairs_from_the_first_to_the_last(recorded: Run) -> None:
    """Of about as many observations as were asked for, each as it was recorded."""
    sample = RunSample(recorded, rows=600)
    pairs = np.unique(sample.table(["pair"])["pair"])
    assert 150 <= len(pairs) <= 200
    assert (pairs[0], pairs[-1]) == (0, PAIRS - 1)
    assert sample.sampled == "a sample of 2,000"
    assert recorded.sampled == ""
    found = sample.pairs()
    assert found.control == pytest.approx(1 + found.pair / PAIRS)
    assert len(sample) == 3 * len(found) == 3 * len(pairs)


def test_a_sample_reads_as_the_run(recorded: Run) -> None:
    """With the same columns and kinds, and the rows of its pairs in their order."""
    sample = RunSample(recorded)
    pairs = np.unique(sample.table(["pair"])["pair"])
    assert PAIRS - 20 < len(pairs) <= PAIRS  # those across row groups are left out
    frame, whole = sample.frame(), recorded.frame()
    theirs = whole[whole["pair"].isin(pairs)].reset_index(drop=True)
    assert frame.dtypes.equals(theirs.dtypes)
    assert frame.astype(str).equals(theirs.astype(str))


def test_the_observations_of_a_pair_may_lie_apart(tmp_path: Path) -> None:
    """All controls before all treatments: whole is what a row group has of it."""
    with RunWriter(tmp_path / "run", METADATA, epoch_ns=0) as writer:
        for arm in Arm:
            writer.add(*(observe(pair, arm) for pair in range(100)))
    sample = RunSample(load_run(tmp_path / "run"), rows=30)
    assert len(sample) == 30
    assert len(sample.pairs()) == 10


def test_pairs_that_are_not_whole_are_left_out(tmp_path: Path) -> None:
    """What an arm is missing of says nothing of a saving."""
    with RunWriter(tmp_path / "run", METADATA, epoch_ns=0) as writer:
        writer.add(*observe_pair(0), observe(1, Arm.CONTROL), *observe_pair(2))
    sample = RunSample(load_run(tmp_path / "run"))
    assert sample.table(["pair"])["pair"].to_pylist() == [0, 0, 0, 2, 2, 2]


def test_what_has_no_whole_pair_or_no_end_has_no_sample(tmp_path: Path) -> None:
    """Each is told."""
    with RunWriter(tmp_path / "run", METADATA, epoch_ns=0) as writer:
        writer.add(observe(1))
        writer.flush()
        with pytest.raises(RunError, match="is not finished"):
            RunSample(load_run(tmp_path / "run"))
    with pytest.raises(RunError, match="no pair whose observations lie together"):
        RunSample(load_run(tmp_path / "run"))
