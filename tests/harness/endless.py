"""A replay that goes on until something ends it; run as a script with the run's folder."""

import asyncio
import sys

from hhperf.experiment.replay import replay_sync
from hhperf.harness.paired_plan import plan_pairs
from hhperf.harness.target import Reply, Request
from tests.harness.conftest import ANSWER, arms, make_log


async def answer_soon(request: Request) -> Reply:
    """Takes about two milliseconds."""
    await asyncio.sleep(0.002)
    return ANSWER


def main() -> None:
    """Replays 100,000 pairs and says how the run ended."""
    log = make_log(10)
    plan = plan_pairs(log, cache_state="natural", seed=1, order="draw", pairs=100_000, warm_up=0)
    targets = arms(control=answer_soon, treatment=answer_soon, control_again=answer_soon)
    run = replay_sync(plan, targets, sys.argv[1])
    print(run.status, len(run.pairs()))


if __name__ == "__main__":
    main()
