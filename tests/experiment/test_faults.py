"""Faults that would fake a saving, switched on: a gate must catch each.

The same set-up without its fault passes the same gate, so that none of them fails for nothing.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest
from hhperf.verdict.gate_arithmetic import order_gate

from hhperf.analysis.decision import Gate, Verdict
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


def recorded(targets: Mapping[Arm, Target], out: Path, pairs: int = 120) -> Run:
    plan = plan_pairs(
        make_log(pairs), cache_state="natural", seed=4, warm_up=0, in_flight=2, timeout_s=5
    )
    return replay_sync(plan, targets, out, progress=False)


def gate(run: Run, name: str) -> Gate:
    """The gate of that name, of a comparison whose verdict stands or falls with it."""
    comparison = compare(run, clusters="pairs")
    found = next(each for each in comparison.gates if each.name == name)
    assert found.passed or comparison.verdict is Verdict.NOT_MEASURABLE
    return found


def order_is_harmless(run: Run) -> bool:
    """The order gate, without the noise of a busy machine: below 10%."""
    gate(run, "order effect")
    pairs = run.pairs()
    first = pairs.positions[Arm.CONTROL] < pairs.positions[Arm.TREATMENT]
    return order_gate(pairs.control, pairs.treatment, first, harmless=0.10).passed


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
def test_a_slow_first_position_is_caught(tmp_path: Path, shared: bool) -> None:
    """Whoever comes first pays: with a backend of its own each arm pays alike."""
    common = Backend()
    targets = {
        arm: CallableTarget((common if shared else Backend()).answer, arm.value) for arm in Arm
    }
    assert order_is_harmless(recorded(targets, tmp_path)) is not shared


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
    """By what the targets say they own, and by the order effect if they did not say it."""
    common: dict[str, Reply] = {}
    targets = {arm: Caching(arm.value, common if shared else {}) for arm in Arm}
    run = recorded(targets, tmp_path)
    assert gate(run, "arms share nothing").passed is not shared
    assert order_is_harmless(run) is not shared


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


def test_an_overloaded_generator_is_caught(tmp_path: Path) -> None:
    """Four milliseconds of its own work for each request, at 500 requests a second."""
    plan = plan_load(
        make_log(50), evenly(constant(500, 0.6)), cache_state="natural", seed=1, warm_up=0
    )
    targets = {arm: CallableTarget(_busy, arm.value) for arm in Arm}
    comparison = compare(replay_sync(plan, targets, tmp_path, progress=False))
    found = next(each for each in comparison.gates if each.name == "dispatch lag, ms")
    assert not found.passed
    assert comparison.verdict is Verdict.NOT_MEASURABLE
