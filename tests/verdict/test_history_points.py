"""From runs to the points of a history."""

import math
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from hhperf.errors import SampleError
from hhperf.runs.metadata import Conditions, RunMetadata
from hhperf.runs.run import Run
from hhperf.verdict.history_points import Question, home_of, is_comparable, moments_of, series_of
from hhperf.verdict.restarts import RESTART
from tests.runs.conftest import DESIGN, METADATA
from tests.show.report.made import write_pairs


def recorded(folder: Path, day: int = 0, ratio: float = 0.6, **changes: object) -> Run:
    """A run of that day."""
    metadata = replace(METADATA, created=METADATA.created + timedelta(days=day), **changes)  # type: ignore[arg-type]
    return write_pairs(folder, ratio=ratio, pairs=420, metadata=metadata)


def with_settings(**settings: object) -> RunMetadata:
    """The metadata of a run under these settings."""
    return replace(METADATA, conditions=Conditions(settings=settings))


def test_a_run_becomes_a_point_with_its_commit_and_its_log_ratio(tmp_path: Path) -> None:
    """The ratio is that of the statistic asked for."""
    run = recorded(tmp_path / "a", conditions=Conditions(labels={"commit": "4bb4011"}))
    (found,) = moments_of([run], tmp_path, Question())
    assert (found.name, found.commit, found.claim) == ("a", "4bb4011", "EXCEEDS")
    assert found.logs[0] == pytest.approx(math.log(0.6), abs=0.02)
    assert 0 < found.within < 1e-3


RESTARTED = Conditions(labels={RESTART: "1 of 2"})


def test_restarts_are_one_point(tmp_path: Path) -> None:
    """Each has a log; their folder has the name."""
    runs = [recorded(tmp_path / "c1" / f"run-{n:02}", conditions=RESTARTED) for n in (1, 2)]
    (found,) = moments_of(runs, tmp_path, Question(statistic="p50"))
    assert (found.name, len(found.logs)) == ("c1", 2)


def test_a_restart_of_several_regimes_keeps_its_regime(tmp_path: Path) -> None:
    """`run` puts a folder of regimes into each restart."""
    place = tmp_path / "x" / "run-03" / "plan"
    restarted = replace(METADATA, conditions=RESTARTED)
    assert home_of(Run(place, restarted)) == tmp_path / "x" / "plan"
    assert home_of(Run(place, METADATA)) == place


def test_an_arms_latency_is_followed_in_seconds(tmp_path: Path) -> None:
    """The control of these runs takes 0.1 s at the median."""
    (found,) = moments_of([recorded(tmp_path / "a")], tmp_path, Question("control", "p50"))
    assert math.exp(found.log) == pytest.approx(0.1, rel=0.1)
    assert found.claim is None


def test_a_latency_of_another_machine_is_no_point(tmp_path: Path) -> None:
    """It says so, and has no number."""
    other = replace(METADATA.host, cpu="another")
    runs = [recorded(tmp_path / "a"), recorded(tmp_path / "b", 1, host=other)]
    _, found = moments_of(runs, tmp_path, Question("treatment"))
    assert found.logs == ()
    assert "another machine" in found.notes[0]


def test_a_run_that_failed_a_gate_has_no_number(tmp_path: Path) -> None:
    """The control differs from itself."""
    run = write_pairs(tmp_path / "a", again=1.3, pairs=420)
    (found,) = moments_of([run], tmp_path, Question())
    assert found.logs == ()
    assert "validity gates failed" in found.notes[0]


@pytest.mark.parametrize("measure", ["saving", "treatment"])
def test_a_statistic_that_lies_among_failures_has_no_number(tmp_path: Path, measure: str) -> None:
    """Every tenth request is answered under neither arm: no p95 is known, while the median is."""
    run = write_pairs(tmp_path / "a", pairs=420, unanswered=42)
    (p95,) = moments_of([run], tmp_path, Question(measure))
    (p50,) = moments_of([run], tmp_path, Question(measure, statistic="p50"))
    assert (len(p95.logs), len(p50.logs)) == (0, 1)
    assert p95.notes


def test_a_partial_run_has_no_number(tmp_path: Path) -> None:
    """What was cut off may be what was slow."""
    run = recorded(tmp_path / "a")
    partial = Run(run.path, replace(run.metadata, status="interrupted"))
    (found,) = moments_of([partial], tmp_path, Question())
    assert "partial run" in found.notes[0]


def test_runs_of_other_arms_are_another_history() -> None:
    """So are those of other settings, but for a setting that only one of them knows."""
    assert not is_comparable(METADATA, replace(METADATA, design=replace(DESIGN, in_flight=2)))
    assert not is_comparable(with_settings(ENABLE_RERANK=True), with_settings(ENABLE_RERANK=False))
    assert is_comparable(with_settings(OLD=1), with_settings(OLD=1, NEW=2))
    assert is_comparable(METADATA, replace(METADATA, versions={"hhperf": "0.2.0"}))


def test_histories_keep_the_order_of_their_first_runs(tmp_path: Path) -> None:
    """Runs of two conditions in turns are two histories."""
    designs = [DESIGN, replace(DESIGN, in_flight=2)] * 2
    runs = [
        Run(tmp_path / str(n), replace(METADATA, design=each)) for n, each in enumerate(designs)
    ]
    assert [[run.path.name for run in each] for each in series_of(runs)] == [["0", "2"], ["1", "3"]]


def test_an_unknown_measure_is_refused() -> None:
    """With those there are."""
    with pytest.raises(SampleError, match="saving"):
        Question(measure="savings")


def test_a_restart_without_a_number_leaves_the_others_theirs(tmp_path: Path) -> None:
    """Whichever it is."""
    runs = [recorded(tmp_path / "c1" / f"run-{n:02}", conditions=RESTARTED) for n in (1, 2)]
    partial = Run(runs[0].path, replace(runs[0].metadata, status="interrupted"))
    (found,) = moments_of([partial, runs[1]], tmp_path, Question())
    assert len(found.logs) == 1
    assert "partial run" in found.notes[0]


def test_a_saving_of_another_machine_is_a_point_that_says_so(tmp_path: Path) -> None:
    """The first point's own says nothing of it."""
    other = replace(METADATA.host, cpu="another")
    runs = [recorded(tmp_path / "a"), recorded(tmp_path / "b", 1, host=other)]
    first, second = moments_of(runs, tmp_path, Question())
    assert not any("another machine" in note for note in first.notes)
    assert any("another machine" in note for note in second.notes)
    assert len(second.logs) == 1


def test_of_several_warnings_the_last_says_why_there_is_no_number(tmp_path: Path) -> None:
    """Answers that were cut off move the mean; that the control differs from itself voids it."""
    run = write_pairs(tmp_path / "a", again=1.3, pairs=420, unanswered=4)
    (found,) = moments_of([run], tmp_path, Question(statistic="mean"))
    assert found.logs == ()
    assert "validity gates failed" in found.notes[0]
