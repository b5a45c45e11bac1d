"""Measures until its input ends: `python -m tests.harness.measuring FOLDER`."""

import asyncio
import sys

from hhperf.harness.paired_plan import plan_pairs
from hhperf.harness.paired_replay import replay_pairs
from hhperf.harness.target import Reply, Request
from tests.harness.conftest import ANSWER, arms, make_log


async def wait(request: Request) -> Reply:
    """Say once that it measures, then wait for the end of the input."""
    if request.request_id not in told:
        told.add(request.request_id)
        print("measures", flush=True)
        await asyncio.to_thread(sys.stdin.read)
    return ANSWER


told: set[str] = set()

if __name__ == "__main__":
    plan = plan_pairs(make_log(1), cache_state="cold", seed=1, warm_up=0, pairs=1)
    asyncio.run(replay_pairs(plan, arms(control=wait), sys.argv[1]))
