"""Ending a run when its verdict is in."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hhperf.analysis.decision import Verdict
from hhperf.analysis.savings import compare_samples
from hhperf.analysis.sequential import sequential_test
from hhperf.experiment.study import Study
from hhperf.harness.stopper import Stopper
from hhperf.runs.observation import Arm, Outcome
from hhperf.show.findings import Findings
from hhperf.stack.stack import Stack
from hhperf.verdict.compare import compare
from hhperf.verdict.stopping import UntilVerdict, judged_by_path
from hhperf.workload.query_log import QueryLog
from tests.runs.conftest import observe_pair


def pairs(ratio: float, n: int) -> Iterator[tuple[float, float]]:
    """Lognormal pairs whose treatment takes `ratio` of the control."""
    rng = np.random.default_rng(8)
    for _ in range(n):
        control = float(np.exp(0.3 * rng.standard_normal()))
        yield control, ratio * control * float(np.exp(0.05 * rng.standard_normal()))


@pytest.mark.parametrize(("ratio", "verdict"), [(0.6, Verdict.EXCEEDS), (0.95, Verdict.BELOW)])
def test_the_rule_stops_at_the_look_that_settles_it(ratio: float, verdict: Verdict) -> None:
    """It stops where a test of the whole path says it may, and for the same verdict."""
    rule, seen = UntilVerdict("mean"), []
    for pair in pairs(ratio, 3_000):
        seen.append(pair)
        if rule(*pair):
            break
    control, treatment = zip(*seen, strict=True)
    path = sequential_test(control, treatment, "mean")
    assert (path.verdict, path.stopped_at) == (verdict, len(seen))


def test_the_rule_goes_on_where_nothing_is_settled() -> None:
    """A saving of exactly the threshold never ends the run."""
    rule = UntilVerdict("mean")
    assert not any(rule(*pair) for pair in pairs(0.8, 1_500))


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


def test_only_the_sequences_statistic_keeps_a_verdict() -> None:
    """Fixed-size intervals of a run that stopped when it looked good are too narrow."""
    control, treatment = zip(*pairs(0.6, 800), strict=True)
    path = sequential_test(control, treatment, "mean")
    judged = judged_by_path(compare_samples(control, treatment), path)
    assert judged.verdict is Verdict.EXCEEDS
    assert judged.primary == "mean"
    assert {each.verdict for each in judged.results if each.statistic != "mean"} == {
        Verdict.NOT_MEASURABLE
    }


def test_a_run_stops_on_its_verdict(stack: Stack, log: QueryLog, tmp_path: Path) -> None:
    """Under `plan` the mean is settled by the first looks, long before the plan's end."""
    study = Study(
        profile="plan", rerank=False, until_verdict="mean", pairs=2_000, in_flight=16, warm_up=4
    )
    run = study.record_sync(log, stack, tmp_path / "run")
    assert run.status == "finished"
    assert 100 <= run.counts()[Arm.CONTROL][Outcome.OK] < 1_000
    assert compare(run).primary == "mean"
    assert "Stopped on the verdict at mean after" in " ".join(Findings.of(run).sentences)
