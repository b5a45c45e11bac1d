"""Several runs together: the verdict over them, and their gates."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from hhperf.analysis.comparison import Comparison, Failures
from hhperf.analysis.decision import Gate, GateState
from hhperf.errors import RunError
from hhperf.runs.metadata import Conditions
from hhperf.runs.run import Run
from hhperf.show.comparing import compare
from hhperf.show.restarts_card import restarts_card
from hhperf.verdict.restarts import (
    RESTART,
    Restarts,
    compare_restarts,
    explained_by_chance,
    gates_over,
    restart_sets,
    restarts_in,
)
from hhperf.verdict.stopping import LABEL
from tests.runs.conftest import DESIGN, METADATA
from tests.show.report.made import write_pairs

RATIOS = (0.56, 0.60, 0.64)


def labelled(number: int, of: int) -> Conditions:
    """Conditions of a run that is one of several."""
    return Conditions(labels={RESTART: f"{number} of {of}"})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three restarts whose savings differ by four points."""
    home = tmp_path_factory.mktemp("restarts")
    for number, ratio in enumerate(RATIOS, 1):
        metadata = replace(METADATA, conditions=labelled(number, len(RATIOS)), seed=number)
        write_pairs(home / f"run-{number:02}", ratio=ratio, pairs=420, metadata=metadata)
    return home


@pytest.fixture(scope="module")
def found(folder: Path) -> Restarts:
    """What they say together."""
    return compare_restarts(restarts_in(folder))


def test_the_unit_is_the_run(found: Restarts) -> None:
    """The interval is many times as wide as one from all pairs, since runs differ."""
    over, alone = found.comparison["p50"].estimate, found.each[0]["p50"].estimate
    assert found.comparison.n_clusters == 3
    assert over.point == pytest.approx(0.4, abs=0.02)
    assert over.upper - over.lower > 3 * (alone.upper - alone.lower)
    assert found.parts["p50"].between > 0


def test_a_folder_of_restarts_is_compared_over_its_runs(folder: Path) -> None:
    """By the word for every comparison."""
    over = compare(folder, quantiles=(0.5,))
    assert (over.cluster_level, over.n_clusters, over["p50"].verdict) == ("run", 3, "EXCEEDS")


def test_the_card_has_each_run_and_the_noise_between_them(found: Restarts) -> None:
    """And the verdict in a sentence."""
    said = str(restarts_card(found))
    assert "over 3 runs, each in a fresh process" in said
    assert "s.d. between runs" in said
    assert "3 of 3" in said


def test_runs_that_only_lie_together_are_no_restarts(tmp_path: Path) -> None:
    """Nothing says that they measured the same."""
    for name in ("run-01", "run-02"):
        write_pairs(tmp_path / name, pairs=20)
    assert restarts_in(tmp_path) == ()


def test_restarts_of_several_regimes_are_told_apart(tmp_path: Path) -> None:
    """As `run --runs` records them."""
    for number in (1, 2):
        for regime in ("plan", "local"):
            metadata = replace(METADATA, conditions=labelled(number, 2))
            write_pairs(tmp_path / f"run-{number:02}" / regime, pairs=4, metadata=metadata)
    found = restart_sets(tmp_path)
    assert sorted(runs[0].path.name for runs in found) == ["local", "plan"]
    assert [len(runs) for runs in found] == [2, 2]


def test_a_partial_run_is_left_out(folder: Path) -> None:
    """And told; of one whole run alone nothing can be said."""
    first, *rest = restarts_in(folder)
    partial = Run(first.path, replace(first.metadata, status="interrupted"))
    found = compare_restarts([partial, *rest], quantiles=(0.5,))
    assert len(found.runs) == 2
    assert "run-01 is left out" in found.comparison.warnings[0]
    with pytest.raises(RunError, match="1 of 2 runs went to its end"):
        compare_restarts([partial, rest[0]])


def test_runs_of_different_conditions_are_not_pooled(folder: Path) -> None:
    """What differs is named, and so are both runs."""
    first, second, _ = restarts_in(folder)
    other = Run(second.path, replace(second.metadata, design=replace(DESIGN, in_flight=9)))
    with pytest.raises(RunError, match=f"{first.path} and {other.path} differ in design"):
        compare_restarts([first, other])


def test_what_stands_in_front_is_what_does_in_the_first_run(folder: Path) -> None:
    """A run that ended on its verdict at another statistic does not change it for all."""
    first, second, third = restarts_in(folder)
    labels = {**third.metadata.conditions.labels, LABEL: "p50"}
    conditions = replace(third.metadata.conditions, labels=labels)
    last = Run(third.path, replace(third.metadata, conditions=conditions))
    found = compare_restarts([first, second, last], quantiles=(0.5, 0.9))
    assert [each.primary for each in found.each] == ["p90", "p90", "p50"]
    assert found.comparison.primary == "p90"


def gated(states: Sequence[GateState], name: str, bias: float | None = 0.02) -> list[Comparison]:
    """Runs with one gate each."""
    empty = Comparison(0.2, 0.95, 10, None, None, "p95", (), Failures(0, 0))
    return [
        replace(empty, gates=(Gate(name, state, "0", "0", needs=700, bias=bias),))
        for state in states
    ]


PASSED, FAILED, TOO_FEW = GateState.PASSED, GateState.FAILED, GateState.TOO_FEW


@pytest.mark.parametrize(
    ("name", "states", "state"),
    [
        ("A/A' p95", [FAILED, PASSED, PASSED], PASSED),
        ("A/A' p95", [FAILED, PASSED, FAILED], FAILED),
        ("A/A' p95", [FAILED, PASSED], FAILED),
        ("arms share nothing", [FAILED, PASSED, PASSED], FAILED),
        ("carry-over", [PASSED, TOO_FEW, PASSED], TOO_FEW),
    ],
)
def test_a_gate_over_runs(name: str, states: list[GateState], state: GateState) -> None:
    """A test fails now and then in a sound run; any other gate has to hold in each."""
    (found,), _ = gates_over(gated(states, name))
    assert found.state is state


def test_a_failure_that_chance_explains_is_told() -> None:
    """With the run's number."""
    _, (told,) = gates_over(gated([PASSED, FAILED, PASSED], "carry-over"))
    assert "carry-over failed in run 2 of 3" in told


def test_what_is_unknown_of_one_run_counts_by_its_share() -> None:
    """A bias of 2 points in two of four runs moves their mean by one."""
    (found,), _ = gates_over(gated([TOO_FEW, PASSED, TOO_FEW, PASSED], "A/A' mean"))
    assert found.bias == pytest.approx(0.01)


def test_chance_explains_more_failures_among_more_runs() -> None:
    """Sound runs fail a test in one of a hundred."""
    assert [explained_by_chance("A/A' p50", k) for k in (1, 2, 3, 10, 40)] == [0, 0, 1, 1, 2]
