"""An arm in this process as a target: what its requests leave in Redis."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import uuid4

import pytest
import redis.asyncio

from hhperf.experiment.arm_target import ArmTarget
from hhperf.experiment.latency_profiles import load_profile
from hhperf.harness.load_plan import plan_load
from hhperf.harness.load_replay import replay_load
from hhperf.harness.replay_plan import CacheState
from hhperf.runs.observation import Arm
from hhperf.search.connect import Endpoints
from hhperf.stack.stack import Stack
from hhperf.workload.query_log import QueryLog
from hhperf.workload.schedules import constant, evenly


def make_target(
    stack: Stack, state: CacheState, prefix: str, endpoints: Endpoints | None = None
) -> ArmTarget:
    """The sequential arm under a prefix of the test's own."""
    profile = load_profile("local")
    where = endpoints or stack.endpoints
    return ArmTarget("sequential", stack.settings, where, profile, state, prefix=prefix)


@asynccontextmanager
async def opened(target: ArmTarget) -> AsyncIterator[ArmTarget]:
    """The target, closed at the end."""
    await target.open()
    try:
        yield target
    finally:
        await target.close()


async def keys_under(stack: Stack, prefix: str) -> int:
    """How many there are."""
    async with redis.asyncio.Redis(**stack.endpoints.redis) as client:
        return len([key async for key in client.scan_iter(match=f"{prefix}:*", count=1_000)])


@pytest.mark.parametrize(
    ("state", "left"), [(CacheState.COLD, 0), (CacheState.WARM, 3), (CacheState.NATURAL, 4)]
)
async def test_what_only_an_ended_request_read_is_removed(
    state: CacheState, left: int, stack: Stack, log: QueryLog
) -> None:
    """Lookups that are to be known stay, and so do results in natural use."""
    prefix = f"test:{uuid4().hex}"
    async with opened(make_target(stack, state, prefix)) as target:
        await target.send(log[0])
        assert await keys_under(stack, prefix) == 4  # result, embedding, specialty, rerank
        await target.tidy()
        assert await keys_under(stack, prefix) == left


async def test_a_cache_that_is_gone_is_told_with_the_answer(stack: Stack, log: QueryLog) -> None:
    """The search succeeds without it, so that nobody else would say so."""
    nowhere = replace(stack.endpoints, redis={"unix_socket_path": "/nowhere/valkey.sock"})
    for endpoints, failures in ((stack.endpoints, 0), (nowhere, 8)):
        prefix = f"test:{uuid4().hex}"
        async with opened(make_target(stack, CacheState.COLD, prefix, endpoints)) as target:
            reply = await target.send(log[0])
        assert reply.results
        assert reply.cache_failures == failures  # asked for and told of four things


async def test_what_cannot_be_removed_is_told(
    stack: Stack, log: QueryLog, caplog: pytest.LogCaptureFixture
) -> None:
    """And the search goes on: nothing but memory is lost."""
    nowhere = replace(stack.endpoints, redis={"unix_socket_path": "/nowhere/valkey.sock"})
    target = make_target(stack, CacheState.COLD, f"test:{uuid4().hex}", nowhere)
    async with opened(target):
        await target.send(log[0])
        await target.tidy()
        assert "4 keys of ended requests stay until their time to live ends" in caplog.text
        assert (await target.send(log[0])).results


async def test_a_cold_load_leaves_no_key_when_its_blocks_have_ended(
    stack: Stack, log: QueryLog, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Those of its warm-up neither; asked before the target is closed, which removes the rest."""
    prefix, left = f"test:{uuid4().hex}", []

    class Asked(ArmTarget):
        async def close(self) -> None:
            left.append(await keys_under(stack, prefix))
            await super().close()

    plan = plan_load(
        log, evenly(constant(20, 0.5)), cache_state="cold", seed=0, rounds=1, arms=[Arm.CONTROL],
        warm_up=2, extra_time_s=0,
    )  # fmt: skip
    profile = load_profile("local")
    target = Asked("sequential", stack.settings, stack.endpoints, profile, CacheState.COLD,
                   prefix=prefix)  # fmt: skip
    run = await replay_load(plan, {Arm.CONTROL: target}, tmp_path_factory.mktemp("cold") / "run")
    assert (len(run), left) == (10, [0])
