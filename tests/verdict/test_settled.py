"""Looks at a run: when it has said enough, and what its intervals allow for."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from hhperf.analysis.decision import Verdict
from hhperf.runs.ending import STOP_RULE
from hhperf.runs.metadata import PairedDesign
from hhperf.runs.run import Run, load_run
from hhperf.verdict.compare import compare
from hhperf.verdict.settled import Settled
from hhperf.verdict.stopping import looks_at

SHIPPED = Path("data/runs")


def looked_at(name: str, looks: Sequence[int], pairs: int | None = None) -> Run:
    """A shipped run as if it had been planned with these looks."""
    run = load_run(SHIPPED / name)
    design = run.metadata.design
    assert isinstance(design, PairedDesign)
    planned = replace(design, looks=tuple(looks), pairs=pairs or design.pairs)
    return Run(run.path, replace(run.metadata, design=planned))


@pytest.mark.parametrize(("threshold", "is_enough"), [(0.20, True), (0.28, False)])
def test_it_is_enough_when_p95_has_its_verdict(threshold: float, is_enough: bool) -> None:
    """A claim of 28% is too near to what the run saves."""
    run = looked_at("plan-rerank-off", [400])
    assert Settled(threshold)([run]) is is_enough


def test_the_first_run_decides() -> None:
    """One beside it that is open keeps nothing going, and one that is settled ends nothing."""
    runs = [looked_at("plan-rerank-off", [400]), looked_at("plan-rerank-on", [400])]
    assert Settled(0.17)(runs)
    assert not Settled(0.17)(runs[::-1])


def test_intervals_allow_for_the_looks() -> None:
    """They are wider than those of a run that was never looked at; the point is the same."""
    plain, looked = (
        compare(looked_at("plan-rerank-off", looks))["p95"].estimate for looks in ([], [400, 560])
    )
    assert looked.point == plain.point
    assert looked.lower < plain.lower < plain.upper < looked.upper
    assert looked.confidence > plain.confidence == 0.95


def test_a_look_that_never_came_costs_nothing() -> None:
    """A run that ended before it has spent nothing there."""
    run = looked_at("plan-rerank-off", [400, 2_000], pairs=4_000)
    looks = looks_at(run)
    assert looks is not None
    assert looks.at == (400, run.pair_count)


def test_a_look_that_waited_for_stalls_is_the_one_that_was_planned() -> None:
    """It has spent that share of the error, however many pairs it took."""
    run = looked_at("plan-rerank-off", [400, 1_500], pairs=3_000)
    stopped = Run(run.path, replace(run.metadata, reason=STOP_RULE))
    looks = looks_at(stopped)
    assert looks is not None
    assert (looks.at, stopped.pair_count) == ((400,), 1_010)


def test_the_looks_are_told() -> None:
    """How often, and what that makes of an interval."""
    comparison = compare(looked_at("plan-rerank-off", [400]))
    assert comparison.confidence == 0.95
    assert any(
        "looked at after 400 and 1,010 of 1,000 pairs" in each for each in comparison.warnings
    )


def test_nothing_to_compare_is_not_enough(tmp_path: Path) -> None:
    """A replay that has no whole pair yet goes on."""
    empty = load_run(SHIPPED / "plan-rerank-off")

    class Empty(Run):
        @property
        def pair_count(self) -> int:
            return 0

    assert Settled(0.20)([Empty(tmp_path, empty.metadata)]) is False
    assert compare(empty).verdict is Verdict.EXCEEDS
