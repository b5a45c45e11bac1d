"""When targets are asked to remove what their requests left."""

import asyncio
from pathlib import Path

import pytest

from hhperf.harness import tidying
from hhperf.harness.paired_plan import plan_pairs
from hhperf.harness.paired_replay import replay_pairs
from hhperf.harness.tidying import tidied, tidy
from hhperf.runs.observation import Arm
from tests.harness.conftest import Callee, make_log


class Tidy(Callee):
    """A target that counts what it has been sent when it is asked to tidy."""

    def __init__(self) -> None:
        super().__init__()
        self.asked_after: list[int] = []
        self.has_been_asked_often = asyncio.Event()

    async def tidy(self) -> None:
        """It is asked."""
        self.asked_after.append(len(self.seen))
        if len(self.asked_after) > 2:
            self.has_been_asked_often.set()


async def test_only_what_leaves_keys_is_asked() -> None:
    """Whatever else is a target as well."""
    target = Tidy()
    await tidy([Callee(), target])
    assert target.asked_after == [0]


async def test_under_load_it_is_asked_now_and_then_and_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A block may last for hours."""
    monkeypatch.setattr(tidying, "EVERY_S", 0.001)
    target = Tidy()
    async with tidied(target):
        async with asyncio.timeout(5):
            await target.has_been_asked_often.wait()
        target.seen.append("the last")
    assert target.asked_after[-1] == 1


async def test_a_replay_of_pairs_asks_between_pairs(tmp_path: Path) -> None:
    """With one pair in flight no request is under way then: each arm has been sent as many."""
    targets = {arm: Tidy() for arm in Arm}
    plan = plan_pairs(make_log(40), cache_state="cold", seed=0, warm_up=0)
    await replay_pairs(plan, targets, tmp_path / "run", progress=False)
    assert [each.asked_after for each in targets.values()] == [[1, 17, 33]] * 3
