"""When a paired replay ends before its plan does."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hhperf.harness.stopper import Stopper, StopRule
from hhperf.runs.observation import Observation, Outcome
from hhperf.runs.run import Run, load_run
from hhperf.runs.writer import RunWriter
from tests.runs.conftest import METADATA, observe_pair


def test_pairs_are_told_in_the_plans_order_however_they_end() -> None:
    """The second pair ends first, and is told second."""
    told: list[float] = []

    def rule(control_s: float, _treatment_s: float) -> bool:
        told.append(control_s)
        return False

    stopper = Stopper(rule)
    for pair in (1, 0, 2):
        stopper.note(pair, observe_pair(pair, (1.0 + pair, 1.0, 1.0)))
    assert told == [1.0, 2.0, 3.0]


def test_no_further_pair_is_taken_once_it_is_enough() -> None:
    """The items end with the pair that settled it."""
    stopper = Stopper(lambda control_s, _treatment_s: control_s >= 2)
    taken = []
    for pair in stopper.until_enough(range(100)):
        taken.append(pair)
        stopper.note(pair, observe_pair(pair, (float(pair), 1.0, 1.0)))
    assert taken == [0, 1, 2]


def test_a_failed_request_is_endless_and_a_voided_pair_is_left_out() -> None:
    """What the comparison does with a pair, the rule does too."""
    told: list[tuple[float, float]] = []

    def rule(control_s: float, treatment_s: float) -> bool:
        told.append((control_s, treatment_s))
        return False

    stopper = Stopper(rule)
    control, treatment, again = observe_pair(0)
    stopper.note(0, [control, replace(treatment, outcome=Outcome.ERROR), again])
    control, treatment, again = observe_pair(1)
    stopper.note(1, [control, replace(treatment, results_match=False), again])
    assert told == [(1.0, np.inf)]


@pytest.mark.parametrize(
    "change",
    [
        lambda pair: [*pair[:2], replace(pair[2], outcome=Outcome.CANCELLED)],
        lambda pair: [replace(pair[0], outcome=Outcome.CANCELLED), *pair[1:]],
        lambda pair: pair[:2],
    ],
    ids=["a cancelled second control", "a cancelled control", "no second control"],
)
def test_a_pair_that_is_not_whole_is_left_out(
    change: Callable[[list[Observation]], list[Observation]],
) -> None:
    """Neither told nor waited for: the next pair is told."""
    told: list[tuple[float, float]] = []

    def rule(control_s: float, treatment_s: float) -> bool:
        told.append((control_s, treatment_s))
        return False

    stopper = Stopper(rule)
    stopper.note(0, change(observe_pair(0)))
    stopper.note(1, observe_pair(1, (2.0, 0.5, 1.0)))
    assert told == [(2.0, 0.5)]


def test_what_ends_after_it_is_enough_changes_nothing() -> None:
    """Pairs in flight still end; the rule is asked no more."""
    told: list[float] = []

    def rule(control_s: float, _treatment_s: float) -> bool:
        told.append(control_s)
        return control_s == 2.0

    stopper = Stopper(rule)
    for pair in range(3):
        stopper.note(pair, observe_pair(pair, (1.0 + pair, 1.0, 1.0)))
    assert told == [1.0, 2.0]
    assert stopper.is_enough


def test_without_a_rule_nothing_is_ever_enough() -> None:
    """A replay without a rule takes every pair."""
    stopper = Stopper(None)
    stopper.note(0, observe_pair(0))
    assert not stopper.is_enough
    assert list(stopper.until_enough(range(3))) == [0, 1, 2]


def test_a_run_gone_on_with_tells_the_rule_what_it_has_measured(
    tmp_path: Path,
) -> None:
    """In the plan's order, and of the pairs that are whole alone."""
    told: list[tuple[float, float]] = []

    def rule(control_s: float, treatment_s: float) -> bool:
        told.append((control_s, treatment_s))
        return False

    with RunWriter(tmp_path / "run", METADATA, epoch_ns=0) as writer:
        for pair in (2, 0, 1):
            for each in observe_pair(pair, (1.0 + pair, 0.5, 1.0)):
                writer.add(each)
    Stopper(rule).recall(load_run(tmp_path / "run"), frozenset({0, 1}))
    assert told == [(1.0, 0.5), (2.0, 0.5)]


@pytest.mark.parametrize(
    ("rule", "done"),
    [(None, frozenset({0})), (lambda *_: True, frozenset())],
    ids=["no rule", "no pair"],
)
def test_a_run_is_not_read_again_where_there_is_nothing_to_tell(
    tmp_path: Path, rule: StopRule | None, done: frozenset[int]
) -> None:
    """Without a rule, or a whole pair: its observations need not even be there."""
    stopper = Stopper(rule)
    stopper.recall(Run(tmp_path / "nowhere", METADATA), done)
    assert not stopper.is_enough
