"""Commands between requests, run by a real shell."""

import asyncio
from pathlib import Path

import pytest

from hhperf.errors import PlanError, TargetError
from hhperf.harness.paired_plan import plan_pairs
from hhperf.harness.paired_replay import replay_pairs
from hhperf.harness.purge import Purge, program_of
from hhperf.harness.target import Reply, Request
from hhperf.runs.observation import Arm
from hhperf.runs.run import load_run
from tests.harness.conftest import ANSWER, Log, arms


async def test_a_command_runs_before_each_request_and_knows_the_arm(
    log: Log, tmp_path: Path
) -> None:
    """In the order of sending, and no part of what is measured."""
    told = tmp_path / "told"

    async def send(request: Request) -> Reply:
        with told.open("a") as file:
            file.write("sent\n")
        return ANSWER

    plan = plan_pairs(
        log, cache_state="cold", seed=3, warm_up=0, pairs=2,
        before_each=f'sleep 0.05; echo "$HHPERF_ARM" >> {told}',
    )  # fmt: skip
    run = await replay_pairs(plan, arms(**dict.fromkeys(Arm, send)), tmp_path / "run")
    asked = [arm.value for pair in plan.pairs() for arm in pair.order]
    assert told.read_text().split() == [word for arm in asked for word in (arm, "sent")]
    assert run.frame()["service_time_s"].min() < 0.05
    assert run.metadata.caches == "cache cold, sleep before each request"


async def test_a_command_that_fails_ends_the_run_with_what_it_said(
    log: Log, tmp_path: Path
) -> None:
    """What was measured is kept, and the command is in neither: it may hold a password."""
    plan = plan_pairs(
        log, cache_state="cold", seed=3, warm_up=0,
        before_each="true -a secret; echo no server >&2; exit 3",
    )  # fmt: skip
    with pytest.raises(TargetError, match="true failed with exit code 3: no server") as failed:
        await replay_pairs(plan, arms(), tmp_path / "run")
    assert "exit 3" not in str(failed.value)
    assert load_run(tmp_path / "run").status == "interrupted"
    assert "secret" not in (tmp_path / "run" / "run.json").read_text()


async def test_a_command_that_hangs_is_ended(tmp_path: Path) -> None:
    """With all that it has started."""
    late = tmp_path / "late"
    with pytest.raises(TargetError, match=r"did not end within 0\.1 s"):
        await Purge(f"(sleep 0.4; touch {late}); true", timeout_s=0.1).run(Arm.CONTROL)
    await asyncio.sleep(0.5)
    assert not late.exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"in_flight": 2}, "in_flight is 2, must be 1"),
        ({"cache_state": "natural"}, "'natural'"),
        ({"before_each": " "}, "give a command"),
        ({"before_each": "echo 'a"}, "cannot be read"),
    ],
    ids=["in flight", "natural", "no command", "no end of a quotation"],
)
def test_what_does_not_go_with_a_command_is_said(
    log: Log, options: dict[str, object], said: str
) -> None:
    """Before anything is sent."""
    given = {"cache_state": "cold", "before_each": "true", "warm_up": 0, **options}
    with pytest.raises(PlanError, match=said):
        plan_pairs(log, seed=0, **given)  # type: ignore[arg-type]


def test_a_command_is_known_by_its_program() -> None:
    """Without the path, variables before it, and what follows."""
    assert program_of("REDISCLI_AUTH=x /usr/bin/redis-cli -a y flushdb") == "redis-cli"
