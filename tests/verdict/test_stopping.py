"""Ending a run when its verdict is in."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hhperf.analysis.decision import Verdict
from hhperf.analysis.group_sequential import look_confidences
from hhperf.analysis.savings import compare_samples
from hhperf.analysis.sequential import sequential_test
from hhperf.experiment.study import Study
from hhperf.runs.ending import STOP_RULE, Ending
from hhperf.runs.observation import Arm, Outcome
from hhperf.runs.run import Run, load_run
from hhperf.runs.writer import RunWriter
from hhperf.show.findings import Findings
from hhperf.stack.stack import Stack
from hhperf.verdict.compare import compare
from hhperf.verdict.stopping import (
    LABEL,
    THRESHOLD_LABEL,
    Looks,
    UntilVerdict,
    judged_by_path,
    looks_at,
    sequence_of,
)
from hhperf.workload.query_log import QueryLog
from tests.runs.conftest import DESIGN, METADATA, observe_pair


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


def test_a_rule_claims_what_a_comparison_does() -> None:
    """A fifth saved at p95, failures cut at half a minute."""
    assert UntilVerdict().labels() == {LABEL: "p95", THRESHOLD_LABEL: "0.2"}
    assert UntilVerdict().timeout_s == 30.0


def looked_at(folder: Path, pairs: int, ending: Ending | None, looks: tuple[int, ...]) -> Run:
    """A run of so many of ten planned pairs, with looks planned."""
    design = replace(DESIGN, pairs=10, looks=looks)
    writer = RunWriter(folder, replace(METADATA, design=design), epoch_ns=0)
    for pair in range(pairs):
        writer.add(*observe_pair(pair))
    writer.close(ending)
    return load_run(folder)


BY_RULE = Ending("finished", STOP_RULE)
BY_PART = Ending("stopped", "PostgreSQL did not answer")
BY_PERSON = Ending("interrupted", "Ctrl-C")


@pytest.mark.parametrize(
    ("pairs", "ending", "at"),
    [
        (4, BY_RULE, (2, 4)),
        # More than were planned for the look, for those that stalls hid.
        (5, BY_RULE, (2, 4)),
        (3, BY_RULE, (2,)),
        # One that did not end at a look is looked at where it ended, as the last.
        (5, BY_PART, (2, 4, 5)),
        (4, BY_PART, (2, 4)),
        (10, None, (2, 4, 8, 10)),
        (12, None, (2, 4, 8, 12)),
        (1, BY_PART, (1,)),
        (1, BY_RULE, (1,)),
    ],
    ids=str,
)
def test_a_run_is_looked_at_where_it_might_have_ended(
    tmp_path: Path, pairs: int, ending: Ending | None, at: tuple[int, ...]
) -> None:
    """At the looks it passed, and at its end unless a look ended it."""
    looks = looks_at(looked_at(tmp_path / "run", pairs, ending, (2, 4, 8)))
    assert looks is not None
    assert (looks.at, looks.most) == (at, 10)


def test_a_run_without_pairs_or_looks_is_not_looked_at(tmp_path: Path) -> None:
    """Its intervals are those of one look."""
    assert looks_at(looked_at(tmp_path / "none", 0, BY_PART, (2, 4))) is None
    assert looks_at(looked_at(tmp_path / "one", 10, None, ())) is None


def test_a_run_that_a_person_stopped_was_looked_at_all_the_time(tmp_path: Path) -> None:
    """So that no planned look counts, but the sequence that holds at every one."""
    run = looked_at(tmp_path / "run", 5, BY_PERSON, (2, 4))
    assert looks_at(run) is None
    path = sequence_of(run, run.pairs())
    assert path is not None
    assert (path.statistic, path.verdict) == ("p95", Verdict.NOT_MEASURABLE)


def test_a_run_that_went_to_its_end_has_no_sequence(tmp_path: Path) -> None:
    """Nobody looked, or nobody acted on it."""
    run = looked_at(tmp_path / "run", 10, None, ())
    assert sequence_of(run, run.pairs()) is None


def test_each_look_is_surer_than_all_together() -> None:
    """The last of three looks pays for those before it."""
    looks = Looks((200, 400, 800), 800)
    assert looks.confidence == look_confidences((200, 400, 800), 800, confidence=0.95)[2]
    assert 0.95 < looks.confidence < 0.975
    assert str(looks).startswith(
        "looked at after 200 and 400 and 800 of 800 pairs: each interval is a 9"
    )


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
