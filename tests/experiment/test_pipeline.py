"""Steps of one's own in any order."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from hhperf.errors import ScheduleError
from hhperf.experiment.callables import compare_callables
from hhperf.experiment.pipeline import Pipeline, Run, Step
from hhperf.forecast.what_if import what_if
from hhperf.harness.target import Reply
from hhperf.runs.observation import Arm
from hhperf.runs.run import load_run
from hhperf.workload.query_log import LoggedRequest, QueryLog

TAKES_S: Mapping[str, float] = {"profile": 0.010, "offers": 0.015, "page": 0.002}


def waiting(name: str) -> Run:
    """A step that waits and says what it was given."""

    async def run(_request: object, *inputs: object) -> object:
        await asyncio.sleep(TAKES_S[name])
        return Reply(results=((f"{name}{inputs}", 1.0),)) if name == "page" else name

    return run


@pytest.fixture
def pipeline() -> Pipeline:
    """Two lookups that need nothing of each other, and a page of both."""
    return Pipeline(
        {
            "profile": Step(waiting("profile")),
            "offers": Step(waiting("offers")),
            "page": Step(waiting("page"), ("profile", "offers")),
        }
    )


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("schedule", "ended"),
    [
        ("eager", ["profile", "offers", "page"]),
        ("sequential", ["profile", "offers", "page"]),
        ("profile < offers", ["offers", "profile", "page"]),
    ],
)
async def test_steps_get_their_inputs_in_any_order(
    pipeline: Pipeline, log: QueryLog, schedule: str, ended: list[str]
) -> None:
    """And are reported; the last step's result is the answer."""
    request: LoggedRequest = log[0]
    reply = await pipeline.ordered(schedule)(request)
    assert isinstance(reply, Reply)
    assert reply.results[0][0] == "page('profile', 'offers')"
    assert [span.stage for span in sorted(reply.spans, key=lambda each: each.end_ns)] == ended


def test_what_another_order_saves_is_predicted_and_measured(
    pipeline: Pipeline, log: QueryLog, tmp_path: Path
) -> None:
    """From the sequential order's steps alone, within a tenth."""
    out = tmp_path / "run"
    control, treatment = pipeline.ordered("sequential"), pipeline.ordered("eager")
    compare_callables(control, treatment, log.head(30), out=out, warm_up=1)
    run = load_run(out)
    assert run.metadata.design.arms[Arm.CONTROL] == "sequential order of 3 steps"
    predicted = what_if(run, schedule="eager", inputs=pipeline.inputs)
    pairs = run.pairs()
    measured = 1 - np.median(pairs.treatment) / np.median(pairs.control)
    assert predicted["p50"].point == pytest.approx(measured, abs=0.1)


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ({}, "one step or more"),
        ({"page": Step(waiting("page"), ("ofers",))}, "page takes what ofers gives"),
        (
            {"a": Step(waiting("a"), ("b",)), "b": Step(waiting("b"), ("a",))},
            "which waits for",
        ),
    ],
    ids=["none", "unknown input", "circle"],
)
def test_steps_that_cannot_be_run_are_refused(steps: dict[str, Step], said: str) -> None:
    """When they are declared."""
    with pytest.raises(ScheduleError, match=said):
        Pipeline(steps)
