"""One request's stages."""

from pathlib import Path

import numpy as np
import pytest

from hhperf.errors import RunError
from hhperf.runs.observation import Arm, Outcome, Span
from hhperf.runs.run import Run, load_run
from hhperf.runs.writer import RunWriter
from hhperf.why.timelines import Bar, median_pair, timeline_of
from hhperf.workload.shipped import data_dir
from tests.runs.conftest import METADATA, observe, observe_pair


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Pairs of 1 s under the control and 0.5, 0.6, 0.4 s and a timeout under the treatment."""
    spans = (
        Span("text", 300_000_000, 700_000_000, 250_000_000),
        Span("cache", 100_000_000, 200_000_000),
    )
    with RunWriter(tmp_path / "run", METADATA, epoch_ns=0) as writer:
        writer.add(observe(0, Arm.CONTROL, spans=spans), *observe_pair(0)[1:])
        for pair, seconds in enumerate((0.6, 0.4), 1):
            writer.add(*observe_pair(pair, (1.0, seconds, 1.0)))
        control, _, again = observe_pair(3)
        writer.add(control, observe(3, Arm.TREATMENT, outcome=Outcome.TIMEOUT), again)
    return load_run(tmp_path / "run")


def test_stages_stand_in_the_order_they_began(run: Run) -> None:
    """With what was modelled of each."""
    control = timeline_of(run, 0).arms[0]
    assert control.bars == (Bar("cache", 0.1, 0.1, 0.0), Bar("text", 0.3, 0.4, 0.25))
    assert control.stages == ("cache", "text")


def test_control_and_treatment_stand_there_in_this_order(run: Run) -> None:
    """The control's second measurement is left out."""
    found = timeline_of(run, 1)
    assert [(arm.arm, arm.schedule, arm.total_s) for arm in found.arms] == [
        (Arm.CONTROL, "sequential", 1.0), (Arm.TREATMENT, "eager", 0.6),
    ]  # fmt: skip
    assert found.request_id == "r1"


def test_a_request_without_an_answer_has_its_outcome(run: Run) -> None:
    """And no stages here."""
    treatment = timeline_of(run, 3).arms[1]
    assert treatment.outcome is Outcome.TIMEOUT
    assert treatment.bars == ()


def test_an_unknown_pair_is_refused(run: Run) -> None:
    """With how to find one."""
    with pytest.raises(RunError, match="has no pair 99; median_pair"):
        timeline_of(run, 99)


def test_the_typical_pair_is_nearest_to_both_medians(run: Run) -> None:
    """Of 0.4, 0.5 and 0.6 s the middle one; the timeout does not count."""
    assert median_pair(run) == 0


def test_the_typical_pair_of_a_real_run_is_typical() -> None:
    """Within 1% of the medians of both arms."""
    run = load_run(data_dir() / "runs" / "plan-rerank-off")
    control, treatment = (arm.total_s for arm in timeline_of(run, median_pair(run)).arms)
    pairs = run.pairs()
    assert control == pytest.approx(np.median(pairs.control), rel=0.01)
    assert treatment == pytest.approx(np.median(pairs.treatment), rel=0.01)


def test_no_answer_no_typical_pair(tmp_path: Path) -> None:
    """It is said which run."""
    with RunWriter(tmp_path / "run", METADATA, epoch_ns=0) as writer:
        writer.add(*(observe(0, arm, outcome=Outcome.ERROR) for arm in Arm))
    with pytest.raises(RunError, match="no pair that both arms answered"):
        median_pair(load_run(tmp_path / "run"))
