"""Comparing two async callables."""

import asyncio
from pathlib import Path

from hhperf.analysis.decision import Verdict
from hhperf.experiment.callables import compare_callables
from hhperf.harness.target import Reply, Request
from hhperf.runs.observation import Arm
from hhperf.runs.run import load_run
from tests.harness.conftest import make_log


async def slow(request: Request) -> object:
    """Twenty milliseconds."""
    await asyncio.sleep(0.02)
    return {"anything": "will do"}


async def fast(request: Request) -> object:
    """One millisecond."""
    await asyncio.sleep(0.001)
    return None


def test_the_faster_one_is_found() -> None:
    """It takes a twentieth of the time, and shows a saving whatever else the machine does."""
    comparison = compare_callables(slow, fast, make_log(80), seed=3, progress=False)
    assert comparison.n_pairs == 60
    assert comparison["mean"].estimate.point > 0.3
    assert comparison["p99"].verdict is Verdict.NOT_MEASURABLE


def test_replies_are_compared(tmp_path: Path) -> None:
    """Different results void a pair; the run is kept where it is asked for."""

    async def odd(request: Request) -> Reply:
        is_odd = int(request.request_id[1:]) % 2
        return Reply(results=((f"c{is_odd}", 1.0),))

    async def even(request: Request) -> Reply:
        return Reply(results=(("c0", 1.0),))

    comparison = compare_callables(odd, even, make_log(60), out=tmp_path / "run", progress=False)
    run = load_run(tmp_path / "run")
    assert run.pairs().mismatches == {Arm.TREATMENT: 20, Arm.CONTROL_AGAIN: 0}
    assert run.metadata.design.arms[Arm.TREATMENT] == "even"
    assert comparison.verdict is Verdict.NOT_MEASURABLE


def test_results_that_cannot_be_compared_are_failures(tmp_path: Path) -> None:
    """Each says what is wrong with it, and the replay goes on."""

    async def odd(request: Request) -> Reply:
        return Reply(results=((request.request_id, None),))  # type: ignore[arg-type]

    comparison = compare_callables(
        odd, odd, make_log(6), out=tmp_path / "run", warm_up=0, progress=False
    )
    assert comparison.verdict is Verdict.NOT_MEASURABLE
    errors = load_run(tmp_path / "run").table(["error"])["error"].to_pylist()
    assert all("is no pair of an id (text) and a score" in error for error in errors)
