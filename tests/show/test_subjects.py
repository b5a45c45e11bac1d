"""From folders to what is said of them."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from hhperf.errors import RunError, SampleError
from hhperf.runs.metadata_file import read_metadata, write_metadata
from hhperf.show.findings import Findings
from hhperf.show.subjects import find_subjects
from hhperf.show.sweep_findings import SweepFindings
from hhperf.workload.shipped import data_dir
from tests.show.report.made import write_load, write_pairs


def test_a_folder_of_paired_runs_is_told_run_by_run(tmp_path: Path) -> None:
    """As `hhperf run` writes it."""
    for name in ("plan-rerank-off", "plan-rerank-on"):
        shutil.copytree(data_dir() / "runs" / name, tmp_path / name)
    subjects = find_subjects([tmp_path])
    assert [type(each) for each in subjects] == [Findings, Findings]
    assert subjects[0].title.endswith("rerank off")


def test_a_run_of_one_arm_has_nothing_to_compare() -> None:
    """It is named, and what is wrong with it."""
    with pytest.raises(RunError, match="freeze-open-loop: one arm alone"):
        find_subjects([data_dir() / "runs" / "freeze-open-loop"])


def test_three_loads_are_a_sweep(sweep: SweepFindings) -> None:
    """One subject over all of them, by ascending load."""
    assert [round(point.offered_hz) for point, _ in sweep.verdicts] == [10, 20, 40]
    assert sweep.title.startswith("eager against sequential under load")


def test_sweeps_of_a_factor_are_told_one_by_one(sweep_folder: Path, tmp_path: Path) -> None:
    """As `hhperf sweep --pool-max 4,20` writes them."""
    for name in ("pool-20", "pool-4"):
        shutil.copytree(sweep_folder, tmp_path / name)
    assert len(find_subjects([tmp_path])) == 2


def test_two_loads_are_two_runs(tmp_path: Path) -> None:
    """Too few for knees and crossovers."""
    for hz in (10.0, 20.0):
        write_load(tmp_path / f"{hz}", hz, 0.5)
    assert [type(each) for each in find_subjects([tmp_path])] == [Findings, Findings]


def test_a_load_that_was_cut_short_is_left_out(tmp_path: Path) -> None:
    """The ones before it were gone through."""
    for hz in (10.0, 20.0, 30.0, 40.0):
        write_load(tmp_path / f"{hz}", hz, 0.5)
    last = tmp_path / "40.0"
    write_metadata(last, replace(read_metadata(last), status="interrupted"))
    [found] = find_subjects([tmp_path])
    assert isinstance(found, SweepFindings)
    assert [round(point.offered_hz) for point, _ in found.verdicts] == [10, 20, 30]


def test_a_run_under_load_is_told_in_response_time(sweep_folder: Path) -> None:
    """Without what takes pairs: no score test, no shift, no request by request."""
    (found,) = find_subjects([min(sweep_folder.iterdir())])
    assert isinstance(found, Findings)
    assert "of the response time of sequential, more than" in found.verdict
    assert [table.title.split(",")[0] for table in found.tables] == [
        "Response time in ms", "Saving against the 20% claimed", "Validity gates",
    ]  # fmt: skip


def test_a_run_of_foreign_callables_has_no_stages(hostile: Findings) -> None:
    """And no profile and no rerank in its title."""
    assert hostile.breakdown is None
    assert "profile" not in hostile.title
    assert "rerank" not in hostile.title


def test_own_schedules_without_spans_have_no_stages(tmp_path: Path) -> None:
    """An arm may be called like one of this kit's and tell nothing of its stages."""
    assert Findings.of(write_pairs(tmp_path / "run", pairs=60)).breakdown is None


def test_threshold_and_statistic_are_the_callers(sweep_folder: Path) -> None:
    """For runs and for sweeps."""
    paths = [data_dir() / "runs" / "plan-rerank-off", sweep_folder]
    run, sweep = find_subjects(paths, threshold=0.5, statistic="p50")
    assert run.verdict.startswith("BELOW: at p50")
    assert sweep.verdict.startswith("At p50, eager saves more than the 50.0% claimed")


def test_a_statistic_that_is_not_there_is_named(sweep_folder: Path) -> None:
    """A run under load has no mean."""
    folder = min(sweep_folder.iterdir())
    with pytest.raises(SampleError, match="no statistic 'mean' here; there are p50, p90"):
        find_subjects([folder], statistic="mean")


@pytest.mark.parametrize("name", ["nowhere", "."])
def test_what_is_no_run_is_refused(name: str, tmp_path: Path) -> None:
    """The error names the folder and what was looked for."""
    with pytest.raises(RunError, match=r"neither a run nor a folder of runs \(no run\.json"):
        find_subjects([tmp_path / name])
