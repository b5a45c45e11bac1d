"""A replay whose treatment has a stage that seems quicker."""

import pytest

from hhperf.errors import ScheduleError
from hhperf.experiment.study import Study
from hhperf.forecast.what_if import what_if
from hhperf.runs.observation import Arm
from hhperf.runs.run import Run
from hhperf.show.findings import Findings
from hhperf.stack.stack import Stack
from hhperf.workload.query_log import QueryLog


@pytest.fixture(scope="module")
def run(stack: Stack, log: QueryLog, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Sequential against itself with an embedding that takes half."""
    study = Study(
        treatment="sequential", profile="plan", rerank=False, pairs=8, warm_up=2, in_flight=4,
        extra_time_s=0, virtual_speedup={"embedding": 0.5},
    )  # fmt: skip
    return study.record_sync(log, stack, tmp_path_factory.mktemp("virtual") / "run")


def test_the_stage_takes_half_of_the_same_draw(run: Run) -> None:
    """Both arms of a pair meet the same delays, of which the treatment's is half as long."""
    spans = run.spans()
    spans = spans[spans["stage"].astype(str) == "embedding"].set_index("pair")
    arm = spans["arm"].astype(str)
    drawn, half = (spans[arm == each.value]["modelled_s"] for each in (Arm.CONTROL, Arm.TREATMENT))
    assert (half - drawn / 2).abs().max() < 1e-6
    lasted = spans[arm == Arm.TREATMENT.value]["duration_s"]
    assert (lasted >= half - 1e-6).all()


def test_stages_lie_within_the_request_on_the_virtual_clock(run: Run) -> None:
    """What was gained is off the request's end as well."""
    ends = run.spans().assign(end_s=lambda spans: spans["start_s"] + spans["duration_s"])
    last = ends.groupby(["pair", "arm"], observed=True)["end_s"].max()
    took = run.frame().set_index(["pair", "arm"])["service_time_s"]
    assert (took - last).min() >= 0


def test_it_is_labelled_as_modelled_wherever_it_shows(run: Run) -> None:
    """In the title, the verdict, and among the stages."""
    found = Findings.of(run)
    name = "sequential [embedding × 0.5 modelled]"
    assert name in found.title
    assert name in found.verdict
    assert found.breakdown is not None
    assert found.breakdown.treatment.stages["embedding"].is_modelled
    assert found.breakdown.expectation is None


def test_the_model_can_be_held_against_it(run: Run) -> None:
    """Its control is one to predict from; the same change is named the same."""
    assert what_if(run, stages={"embedding": 0.5})["mean"].point > 0


def test_an_arm_has_to_have_the_stage() -> None:
    """A slip is told before anything is measured."""
    with pytest.raises(ScheduleError, match="embedding"):
        Study(virtual_speedup={"embeding": 0.5})
    with pytest.raises(ScheduleError, match="one stage at a time"):
        Study(virtual_speedup={"embedding": 0.5, "text": 0.5})
