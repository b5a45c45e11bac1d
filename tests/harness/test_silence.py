"""When nothing answers any more."""

import re
from pathlib import Path

from hhperf.experiment.replay import replay_sync
from hhperf.harness.paired_plan import plan_pairs
from hhperf.harness.silence import ENOUGH, Silence
from hhperf.harness.target import Reply, Request
from hhperf.runs.observation import Outcome
from tests.harness.conftest import ANSWER, arms, make_log
from tests.runs.conftest import observe

REFUSED = observe(0, outcome=Outcome.ERROR, error="ConnectionRefusedError")


def test_one_answer_is_enough_to_go_on() -> None:
    """Requests that are refused count only in a row."""
    silence = Silence()
    for _ in range(3):
        assert not silence.note([REFUSED] * (ENOUGH - 1))
        assert not silence.note([observe(0)])


def test_what_is_slow_is_not_gone() -> None:
    """A timeout is a measurement."""
    assert not Silence().note([observe(0, outcome=Outcome.TIMEOUT)] * 2 * ENOUGH)


def test_silence_is_told_with_the_last_words() -> None:
    """Which arm said what."""
    told = Silence().note([REFUSED] * ENOUGH)
    assert re.match(r"none of the last 60 requests .* ConnectionRefusedError", told)


def test_a_replay_that_nobody_answers_any_more_is_stopped(tmp_path: Path) -> None:
    """What was measured before is kept, and is returned."""
    left = iter(range(90))

    async def answer_for_a_while(request: Request) -> Reply:
        if next(left, None) is None:
            raise ConnectionRefusedError("nobody is there")
        return ANSWER

    plan = plan_pairs(make_log(200), cache_state="natural", seed=0, warm_up=0)
    gone = dict.fromkeys(("control", "treatment", "control_again"), answer_for_a_while)
    run = replay_sync(plan, arms(**gone), tmp_path / "run", patience_s=0, progress=False)
    assert run.status == "stopped"
    assert "ConnectionRefusedError: nobody is there" in run.metadata.reason
    assert run.pair_count == 50


def test_an_arm_that_fails_alone_is_measured_to_the_end(tmp_path: Path) -> None:
    """How often it fails is a finding."""

    async def refuse(request: Request) -> Reply:
        raise ConnectionRefusedError

    plan = plan_pairs(make_log(80), cache_state="natural", seed=0, warm_up=0)
    run = replay_sync(plan, arms(treatment=refuse), tmp_path / "run", progress=False)
    assert (run.status, run.pair_count) == ("finished", 80)
