"""Paired replays."""

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from hhperf.errors import RunError
from hhperf.experiment.replay import replay_sync
from hhperf.harness.paired_plan import PairedPlan, plan_pairs
from hhperf.harness.paired_replay import replay_pairs
from hhperf.harness.target import Reply, Request
from hhperf.runs.metadata import Conditions, PairedDesign, ProfileFacts
from hhperf.runs.observation import Arm, Outcome
from hhperf.runs.run import Run, load_run
from tests.harness.conftest import ANSWER, Callee, Log, arms, make_log


def planned(log: Log, **arguments: Any) -> PairedPlan:
    usual: dict[str, Any] = {"cache_state": "natural", "seed": 1, "warm_up": 0}
    return plan_pairs(log, **(usual | arguments))


async def hang(request: Request) -> Reply:
    await asyncio.Event().wait()
    return ANSWER


async def test_every_request_goes_to_every_arm(log: Log, tmp_path: Path) -> None:
    """A finished run has three observations of each pair, in the planned order."""
    plan = planned(log)
    run = await replay_pairs(plan, arms(), tmp_path / "run")
    frame = run.frame()
    assert (run.status, len(run)) == ("finished", 18)
    sent = [tuple(group["arm"]) for _, group in frame.groupby("pair")]
    assert sent == [pair.order for pair in plan.pairs()]
    assert frame["position"].tolist() == [0, 1, 2] * 6


async def test_another_treatment_shares_the_control(log: Log, tmp_path: Path) -> None:
    """Its run has the same controls, its own treatment, and says what was measured beside it."""
    other = Callee("eager")
    run = await replay_pairs(planned(log), arms(), tmp_path / "a", beside={tmp_path / "b": other})
    beside = load_run(tmp_path / "b")
    assert other.seen == [pair.request.request_id for pair in planned(log).pairs()]
    one, two = run.frame(), beside.frame()
    for arm, is_same in ((Arm.CONTROL, True), (Arm.CONTROL_AGAIN, True), (Arm.TREATMENT, False)):
        clocks = [each[each["arm"] == arm.value]["end_ns"].tolist() for each in (one, two)]
        assert (clocks[0] == clocks[1]) is is_same
    assert sorted(two["position"]) == sorted(one["position"])
    design = run.metadata.design
    assert isinstance(design, PairedDesign)
    assert design.beside == ("eager",)
    assert beside.metadata.design.arms[Arm.TREATMENT] == "eager"
    anchors = [each.metadata.anchor for each in (run, beside)]
    assert len({each.monotonic_ns for each in anchors if each}) == 1


async def test_a_look_ends_the_replay_when_it_is_enough(log: Log, tmp_path: Path) -> None:
    """It sees what there is then, of every treatment, while nothing is in flight."""
    seen: list[list[int]] = []

    def enough(runs: Sequence[Run]) -> bool:
        seen.append([len(run) for run in runs])
        return len(seen) == 2

    plan = planned(log, looks=(2, 3), in_flight=2)
    beside = {tmp_path / "b": Callee("eager")}
    run = await replay_pairs(plan, arms(), tmp_path / "a", enough=enough, beside=beside)
    assert seen == [[6, 6], [9, 9]]
    assert (len(run), run.status) == (9, "finished")


async def test_looks_that_are_never_enough_change_nothing(log: Log, tmp_path: Path) -> None:
    """All that was planned is measured."""
    plan = planned(log, looks=(2, 3))
    run = await replay_pairs(plan, arms(), tmp_path, enough=lambda _: False)
    assert run.frame()["pair"].tolist() == [number for number in range(6) for _ in Arm]


async def test_the_metadata_tell_what_was_run(log: Log, tmp_path: Path) -> None:
    """Design, log, seed and the caller's conditions."""
    conditions = Conditions({"SEARCH_RRF_K": 60}, ProfileFacts("plan"))
    run = await replay_pairs(planned(log, seed=9), arms(), tmp_path, conditions=conditions)
    told = run.metadata
    assert told.design.arms[Arm.TREATMENT] == "treatment-schedule"
    assert (told.log.source, told.log.requests, told.seed) == ("memory", 6, 9)
    assert told.conditions == conditions


async def test_latencies_are_those_of_the_target(log: Log, tmp_path: Path) -> None:
    """A slower arm is slower by what it waits."""

    async def slow(request: Request) -> Reply:
        await asyncio.sleep(0.02)
        return ANSWER

    pairs = (await replay_pairs(planned(log), arms(control=slow), tmp_path)).pairs()
    assert pairs.control.min() >= 0.02
    assert pairs.treatment.max() < 0.02


async def test_failures_are_observations(log: Log, tmp_path: Path) -> None:
    """An arm that fails now and then, or hangs, leaves a whole run."""

    async def shaky(request: Request) -> Reply:
        if request.request_id == "r1":
            raise ConnectionError("refused")
        return await hang(request) if request.request_id == "r2" else ANSWER

    plan = planned(log, timeout_s=0.05)
    run = await replay_pairs(plan, arms(treatment=shaky), tmp_path)
    counts = run.counts()[Arm.TREATMENT]
    assert (counts[Outcome.OK], counts[Outcome.ERROR], counts[Outcome.TIMEOUT]) == (4, 1, 1)
    assert run.pairs().treatment[1:3].tolist() == [float("inf")] * 2
    assert "ConnectionError: refused" in run.frame()["error"].tolist()


async def test_differing_results_are_seen(log: Log, tmp_path: Path) -> None:
    """A treatment that answers otherwise voids its pairs."""

    async def otherwise(request: Request) -> Reply:
        return Reply(results=(("c9", 0.1),)) if request.request_id == "r3" else ANSWER

    pairs = (await replay_pairs(planned(log), arms(treatment=otherwise), tmp_path)).pairs()
    assert (len(pairs), pairs.voided, pairs.mismatches[Arm.TREATMENT]) == (5, 1, 1)


async def test_the_warm_up_is_sent_and_discarded(log: Log, tmp_path: Path) -> None:
    """Every arm gets it alike, the run has none of it."""
    targets = arms()
    run = await replay_pairs(planned(log, warm_up=2), targets, tmp_path)
    assert {tuple(target.seen[:2]) for target in targets.values()} == {("r0", "r1")}
    assert "r0" not in run.frame()["request_id"].tolist()


async def test_warm_caches_have_seen_every_request(tmp_path: Path) -> None:
    """Each distinct request goes once through every arm before it is measured."""
    targets = arms()
    await replay_pairs(planned(make_log(3), cache_state="warm"), targets, tmp_path)
    for target in targets.values():
        assert sorted(target.seen[:3]) == ["r0", "r1", "r2"]
        assert target.seen[3:] == ["r0", "r1", "r2"]


@pytest.mark.parametrize("cache_state", ["cold", "natural"])
async def test_other_caches_are_left_alone(log: Log, tmp_path: Path, cache_state: str) -> None:
    """Nothing but the plan reaches the target."""
    targets = arms()
    await replay_pairs(planned(log, cache_state=cache_state), targets, tmp_path)
    assert all(len(target.seen) == len(log) for target in targets.values())


async def test_connections_are_warmed_first(log: Log, tmp_path: Path) -> None:
    """A target that can warm its connections is asked to, before any request."""

    class Warmed(Callee):
        async def warm_connections(self) -> None:
            self.seen.append("connections")

    targets = {arm: Warmed() for arm in Arm}
    await replay_pairs(planned(log, cache_state="warm"), targets, tmp_path)
    assert all(target.seen.index("connections") == 0 for target in targets.values())


async def test_pairs_overlap_but_their_sends_do_not(tmp_path: Path) -> None:
    """With three in flight, three pairs are under way and each sends one request at a time."""
    busy: list[str] = []
    most = 0

    async def watch(request: Request) -> Reply:
        nonlocal most
        assert request.request_id not in busy
        busy.append(request.request_id)
        most = max(most, len(busy))
        await asyncio.sleep(random.Random(request.request_id).uniform(0.001, 0.004))
        busy.remove(request.request_id)
        return ANSWER

    targets = arms(**{arm.value: watch for arm in Arm})
    run = await replay_pairs(planned(make_log(20), in_flight=3), targets, tmp_path)
    assert (most, run.counts()[Arm.CONTROL][Outcome.OK]) == (3, 20)


async def test_a_cancelled_replay_keeps_what_was_measured(log: Log, tmp_path: Path) -> None:
    """The request under way is `cancelled`, the run `interrupted`, targets are closed."""
    under_way = asyncio.Event()

    async def stuck(request: Request) -> Reply:
        if request.request_id != "r4":
            return ANSWER
        under_way.set()
        return await hang(request)

    targets = arms(treatment=stuck)
    task = asyncio.create_task(replay_pairs(planned(log), targets, tmp_path))
    await under_way.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    run = load_run(tmp_path)
    assert (run.status, len(run.pairs()), run.pairs().incomplete) == ("interrupted", 4, 1)
    assert run.counts()[Arm.TREATMENT][Outcome.CANCELLED] == 1
    assert {target.state for target in targets.values()} == {"closed"}


async def test_targets_are_closed_when_one_cannot_open(log: Log, tmp_path: Path) -> None:
    """The error goes to the caller, nothing stays open, and the folder stays free."""

    class Broken(Callee):
        async def open(self) -> None:
            raise ConnectionError("no database")

    targets = {**arms(), Arm.CONTROL_AGAIN: Broken()}
    with pytest.raises(ConnectionError, match="no database"):
        await replay_pairs(planned(log), targets, tmp_path)
    assert {target.state for target in targets.values()} == {"closed"}
    assert (await replay_pairs(planned(log), arms(), tmp_path)).status == "finished"


async def test_a_used_folder_is_refused_before_anything_is_sent(log: Log, tmp_path: Path) -> None:
    """No run is written over, and no time is lost finding out."""
    (tmp_path / "thesis.txt").touch()
    targets = arms()
    with pytest.raises(RunError, match="is not empty"):
        await replay_pairs(planned(log), targets, tmp_path)
    assert {target.state for target in targets.values()} == {"new"}


async def test_arms_do_not_share_a_target(log: Log, tmp_path: Path) -> None:
    """One target for two arms would warm one for the other."""
    with pytest.raises(ValueError, match="same target"):
        await replay_pairs(planned(log), dict.fromkeys(Arm, Callee()), tmp_path)


async def test_every_arm_needs_a_target(log: Log, tmp_path: Path) -> None:
    """The missing one is named."""
    with pytest.raises(ValueError, match="no target for treatment, control_again"):
        await replay_pairs(planned(log), {Arm.CONTROL: Callee()}, tmp_path)


def test_scripts_need_no_event_loop(log: Log, tmp_path: Path) -> None:
    """The synchronous form starts its own."""
    assert len(replay_sync(planned(log), arms(), tmp_path).pairs()) == 6


async def test_the_synchronous_form_works_within_a_running_loop(log: Log, tmp_path: Path) -> None:
    """As in a notebook's cell."""
    assert len(replay_sync(planned(log), arms(), tmp_path).pairs()) == 6


def test_off_a_terminal_there_is_no_bar(
    log: Log, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A build log stays clean."""
    replay_sync(planned(log), arms(), tmp_path)
    assert capsys.readouterr() == ("", "")


def test_a_bar_can_be_asked_for(
    log: Log, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It counts pairs, on stderr."""
    replay_sync(planned(log), arms(), tmp_path, progress=True)
    assert "6/6" in capsys.readouterr().err


@pytest.mark.parametrize("shared", [["a pool"], "a:prefix"])
async def test_what_arms_share_is_recorded(log: Log, tmp_path: Path, shared: object) -> None:
    """A part that two targets have in common, an object or a text."""

    class Owner(Callee):
        own: object = None

        def parts(self) -> dict[str, object]:
            return {"part": self.own}

    targets = {arm: Owner(arm.value) for arm in Arm}
    for arm, target in targets.items():
        target.own = [] if arm is Arm.TREATMENT else shared
    run = await replay_pairs(planned(log), targets, tmp_path)
    assert run.metadata.shared == ("part: control and control_again",)
