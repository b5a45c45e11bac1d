"""Whether what services tell of their stages fits the sums that they tell of them."""

from dataclasses import replace
from pathlib import Path

import pytest

from hhperf.runs.observation import Arm, Outcome
from hhperf.runs.run import load_run
from hhperf.runs.told_times import EXCESS_COLUMNS, Excess, excesses
from hhperf.runs.writer import RunWriter
from tests.runs.conftest import METADATA, observe

MS = 1_000_000


def told(folder: Path, *excess_ms: int | None, most: int | None = None) -> dict[str, Excess]:
    """Of answers that the service says took 100 ms, with what their stages take beyond that."""
    with RunWriter(folder, METADATA, epoch_ns=0) as writer:
        for pair, each in enumerate(excess_ms):
            seen = observe(pair, arm_schedule="s", service_ns=100 * MS)
            writer.add(replace(seen, excess_ns=None if each is None else each * MS))
        failed = observe(len(excess_ms), Arm.TREATMENT, arm_schedule="s", outcome=Outcome.ERROR)
        writer.add(replace(failed, excess_ns=80 * MS))
    return excesses(load_run(folder).table(EXCESS_COLUMNS), most)


def test_answers_that_tell_no_sum_count_in_nothing(tmp_path: Path) -> None:
    """Three of five answers tell one; beyond a twentieth of their time it is too much."""
    found = told(tmp_path / "run", None, 40, 5, 6, None)
    assert list(found) == ["s"]
    assert (found["s"].told, found["s"].over) == (3, 2)
    assert found["s"].excess_s == pytest.approx([0.040, 0.006])


def test_only_the_first_excesses_are_kept_where_there_are_many(tmp_path: Path) -> None:
    """All are counted."""
    found = told(tmp_path / "run", 10, 20, 30, most=2)["s"]
    assert (found.over, found.excess_s.tolist()) == (3, pytest.approx([0.010, 0.020]))
