"""Requests taken apart: of this kit's arms, of services that tell durations, of callables."""

import asyncio
from pathlib import Path
from time import perf_counter_ns

import numpy as np
import pytest

from hhperf.errors import RunError
from hhperf.experiment.callables import compare_callables
from hhperf.forecast.recorded import take_apart
from hhperf.forecast.taken_apart import latencies
from hhperf.harness.target import Call, Reply, Request
from hhperf.runs.observation import Arm, Span
from hhperf.runs.run import Run, load_run
from hhperf.workload.query_log import QueryLog
from hhperf.workload.shipped import data_dir


@pytest.mark.parametrize("arm", [Arm.CONTROL, Arm.TREATMENT])
def test_parts_add_up_to_what_was_recorded(shipped_run: Run, arm: Arm) -> None:
    """In its own order each request takes what it took, to the microsecond."""
    requests = take_apart(shipped_run, arm=arm)
    frame = shipped_run.frame()
    own = frame[frame["arm"].astype(str) == arm.value].sort_values("intended_start_ns")
    found = latencies(requests, queued=True)
    assert found == pytest.approx(own["service_time_s"].to_numpy(), abs=1e-6)


def test_waits_for_connections_are_told_from_stages() -> None:
    """Where four connections are too few, requests wait for them, and stages last no longer."""
    few = take_apart(load_run(data_dir() / "runs/sweep-plan/pool-4/000022.575"))
    many = take_apart(load_run(data_dir() / "runs/sweep-plan/pool-20/000022.575"))
    waited = [np.median(each.parts["vector"].wait) for each in (few, many)]
    lasted = [np.median(each.parts["vector"].own) for each in (few, many)]
    assert waited[0] > 0.1
    assert waited[1] < 0.001
    assert lasted[0] == pytest.approx(lasted[1], rel=0.05)


def test_what_tells_nothing_of_its_stages_is_refused() -> None:
    """And named."""
    run = load_run(data_dir() / "runs/gather-waits")
    with pytest.raises(RunError, match="told nothing of its stages"):
        take_apart(run)


def test_a_service_tells_how_long_and_not_when() -> None:
    """Its stages are taken to follow each other when they fit into its answers' times."""
    requests = take_apart(load_run(data_dir() / "runs/two-deployments"))
    assert requests.schedule.name == "sequential"
    assert latencies(requests).min() > 0
    retrieval = requests.parts["retrieval"]
    assert retrieval.held == pytest.approx(retrieval.own)  # a connection, for all we know


def staged(*names: str) -> Call:
    """A function that takes a millisecond for each of its stages, and reports them."""

    async def call(_request: Request) -> Reply:
        spans = []
        for name in names:
            start = perf_counter_ns()
            await asyncio.sleep(0.001)
            spans.append(Span(name, start, perf_counter_ns()))
        return Reply(results=(("a", 1.0),), spans=tuple(spans))

    return call


def test_stages_of_callables_are_ordered_as_they_were_seen(log: QueryLog, tmp_path: Path) -> None:
    """And with their inputs given, any order can be asked for."""
    out = tmp_path / "run"
    compare_callables(staged("b", "a"), staged("b", "a"), log.head(20), out=out, warm_up=1)
    run = load_run(out)
    assert take_apart(run).schedule.waits == {"b": (), "a": ("b",)}
    free = take_apart(run, inputs={"a": (), "b": ()})
    assert (free.schedule.name, free.schedule.inputs["a"]) == ("a < b", ())
