"""Faults that would fake a saving, switched on: a gate must catch each, and name its cause.

The same set-up without its fault does not fail the same gate, so that none fails for nothing.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from hhperf.analysis.decision import Gate, GateState, Verdict
from hhperf.experiment.replay import replay_sync
from hhperf.harness.load_plan import plan_load
from hhperf.harness.paired_plan import plan_pairs
from hhperf.harness.target import CallableTarget, Reply, Request, Target
from hhperf.runs.observation import Arm, CacheLayer
from hhperf.runs.run import Run
from hhperf.search.coalescing import RequestCoalescer
from hhperf.verdict.compare import compare
from hhperf.workload.schedules import constant, evenly
from tests.harness.conftest import make_log

WORK_S = 0.002


def recorded(targets: Mapping[Arm, Target], out: Path, pairs: int = 120, in_flight: int = 2) -> Run:
    plan = plan_pairs(
        make_log(pairs),
        cache_state="natural",
        seed=4,
        warm_up=0,
        in_flight=in_flight,
        timeout_s=5,
    )
    return replay_sync(plan, targets, out, progress=False)


def gate(run: Run, name: str) -> Gate:
    """The gate of that name, of a comparison whose verdicts stand or fall with it."""
    comparison = compare(run, clusters="pairs")
    found = next(each for each in comparison.gates if each.name == name)
    if found.state is GateState.FAILED:
        assert {each.verdict for each in comparison.results if found.concerns(each.statistic)} == {
            Verdict.NOT_MEASURABLE
        }
    return found


def fails(run: Run, name: str) -> bool:
    """Whether the run fails a gate; a busy machine may leave one unable to tell."""
    return gate(run, name).state is GateState.FAILED


def going_second_saves(run: Run) -> float:
    """What the period effect says."""
    period = compare(run, clusters="pairs").period
    assert period is not None
    return period.effect.point


class Backend:
    """Something behind the arms that answers a request faster the second time."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()

    async def answer(self, request: Request) -> Reply:
        """Says whether it knew the request."""
        first = not self.seen[request.request_id]
        self.seen[request.request_id] += 1
        await asyncio.sleep(WORK_S * (2.5 if first else 1))
        return Reply(cache_hits={CacheLayer.EMBEDDING: not first})


@pytest.mark.parametrize("shared", [True, False])
def test_a_slow_first_position_is_told(tmp_path: Path, shared: bool) -> None:
    """Whoever comes first pays: every arm equally often, so nothing is voided for it.

    With a backend of its own each arm pays every time.
    """
    common = Backend()
    targets = {
        arm: CallableTarget((common if shared else Backend()).answer, arm.value) for arm in Arm
    }
    run = recorded(targets, tmp_path)
    assert (going_second_saves(run) > 0.15) is shared
    assert not fails(run, "arm by place")


@pytest.mark.parametrize("for_one", [True, False])
def test_a_first_place_slow_for_one_arm_is_caught(tmp_path: Path, for_one: bool) -> None:
    """Whoever comes first pays, the treatment three times what the controls do."""
    seen: Counter[str] = Counter()

    def arm_of(each: Arm) -> CallableTarget:
        pays = 3 if for_one and each is Arm.TREATMENT else 1

        async def answer(request: Request) -> Reply:
            first = not seen[request.request_id]
            seen[request.request_id] += 1
            await asyncio.sleep(WORK_S * (1 + first * pays))
            return Reply()

        return CallableTarget(answer, each.value)

    run = recorded({arm: arm_of(arm) for arm in Arm}, tmp_path)
    assert fails(run, "arm by place") is for_one
    assert not for_one or gate(run, "arm by place").figure.startswith("place 1 adds -")


@pytest.mark.parametrize("warms", [True, False])
def test_an_arm_that_leaves_the_next_one_something_warm_is_caught(
    tmp_path: Path, warms: bool
) -> None:
    """A page that the treatment alone reads ahead, which no target tells of."""
    warm: set[str] = set()

    async def treat(request: Request) -> Reply:
        await asyncio.sleep(WORK_S)
        if warms:
            warm.add(request.request_id)
        return Reply()

    async def control(request: Request) -> Reply:
        is_warm = request.request_id in warm
        warm.discard(request.request_id)
        await asyncio.sleep(WORK_S * (1 if is_warm else 2))
        return Reply()

    targets = {
        Arm.CONTROL: CallableTarget(control, "control"),
        Arm.TREATMENT: CallableTarget(treat, "treatment"),
        Arm.CONTROL_AGAIN: CallableTarget(control, "again"),
    }
    run = recorded(targets, tmp_path)
    assert fails(run, "carry-over") is warms
    assert gate(run, "arms share nothing").passed


class Caching:
    """An arm with a cache that it may share."""

    def __init__(self, name: str, cache: dict[str, Reply]) -> None:
        self.name = name
        self.cache = cache

    async def open(self) -> None:
        """The cache is there."""

    async def close(self) -> None:
        """The cache stays."""

    def parts(self) -> dict[str, object]:
        """What could be shared."""
        return {"cache": self.cache}

    async def send(self, request: Request) -> Reply:
        """From the cache, or working."""
        hit = request.request_id in self.cache
        if not hit:
            await asyncio.sleep(WORK_S)
            self.cache[request.request_id] = Reply()
        return Reply(cache_hits={CacheLayer.RESULT: hit})


@pytest.mark.parametrize("shared", [True, False])
def test_a_shared_cache_is_caught(tmp_path: Path, shared: bool) -> None:
    """By what the targets say they own; whoever goes first works for all, which is told."""
    common: dict[str, Reply] = {}
    targets = {arm: Caching(arm.value, common if shared else {}) for arm in Arm}
    run = recorded(targets, tmp_path)
    assert gate(run, "arms share nothing").passed is not shared
    assert (going_second_saves(run) > 0.5) is shared


def test_a_cache_that_one_arm_warms_for_another_is_caught(tmp_path: Path) -> None:
    """Only the treatment profits: hit ratios differ."""
    common: dict[str, Reply] = {}

    class Uncached(Caching):
        async def send(self, request: Request) -> Reply:
            await asyncio.sleep(WORK_S)
            self.cache[request.request_id] = Reply()
            return Reply(cache_hits={CacheLayer.RESULT: False})

    targets: dict[Arm, Target] = {
        Arm.CONTROL: Uncached("control", common),
        Arm.TREATMENT: Caching("treatment", common),
        Arm.CONTROL_AGAIN: Uncached("again", common),
    }
    assert not gate(recorded(targets, tmp_path), "result cache hit ratios").passed


class Coalescing:
    """An arm that fetches through a coalescer."""

    def __init__(self, name: str, coalescer: RequestCoalescer[Reply]) -> None:
        self.name = name
        self.coalescer = coalescer

    async def open(self) -> None:
        """The coalescer is there."""

    async def close(self) -> None:
        """Nothing is left in it."""

    def parts(self) -> dict[str, object]:
        """What could be shared."""
        return {"coalescer": self.coalescer}

    async def send(self, request: Request) -> Reply:
        """Whatever the coalescer has."""

        async def fetch() -> Reply:
            await asyncio.sleep(WORK_S)
            return Reply()

        return await self.coalescer.get_or_fetch("one key", fetch)


@pytest.mark.parametrize("shared", [True, False])
def test_a_shared_coalescer_is_caught(tmp_path: Path, shared: bool) -> None:
    """An arm that waits for another's fetch is measured too fast."""
    common = RequestCoalescer[Reply]()
    targets = {
        arm: Coalescing(arm.value, common if shared else RequestCoalescer[Reply]()) for arm in Arm
    }
    found = gate(recorded(targets, tmp_path), "arms share nothing")
    assert found.passed is not shared
    assert ("coalescer: control and treatment" in found.figure) is shared


async def _busy(request: Request) -> Reply:
    """Takes the generator's processor for itself."""
    until = time.perf_counter() + 0.004
    while time.perf_counter() < until:
        pass
    return Reply()


async def _prompt(request: Request) -> Reply:
    """Waits, as for somebody else's work."""
    await asyncio.sleep(WORK_S)
    return Reply()


@pytest.mark.parametrize("in_flight", [1, 2])
def test_computing_that_holds_up_another_s_answer_is_caught(tmp_path: Path, in_flight: int) -> None:
    """With one in flight the same computing is the treatment's own time, and no fault."""
    targets = {
        Arm.CONTROL: CallableTarget(_prompt, "control"),
        Arm.TREATMENT: CallableTarget(_busy, "treatment"),
        Arm.CONTROL_AGAIN: CallableTarget(_prompt, "again"),
    }
    run = recorded(targets, tmp_path, in_flight=in_flight)
    found = gate(run, "event-loop lag, ms")
    assert found.passed is (in_flight == 1)
    cause = "the arm's own computing" if in_flight == 1 else "holds up the answers of the others"
    assert cause in found.text


def test_an_overloaded_generator_is_caught(tmp_path: Path) -> None:
    """Four milliseconds of its own work for each request, at 500 requests a second."""
    plan = plan_load(
        make_log(50),
        evenly(constant(500, 0.6)),
        cache_state="natural",
        seed=1,
        warm_up=0,
        extra_time_s=0,
    )
    targets = {arm: CallableTarget(_busy, arm.value) for arm in Arm}
    comparison = compare(replay_sync(plan, targets, tmp_path, progress=False))
    found = next(each for each in comparison.gates if each.name == "dispatch lag, ms")
    assert found.state is GateState.FAILED
    assert "sent late" in found.text
    assert comparison.verdict is Verdict.NOT_MEASURABLE
