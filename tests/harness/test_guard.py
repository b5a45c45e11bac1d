"""What holds for replays to machines that are not this one; the far address is made up."""

from functools import partial
from pathlib import Path
from time import perf_counter

import pytest

from hhperf.errors import PlanError
from hhperf.experiment.prepared import prepare_deployments
from hhperf.experiment.replay import replay_sync
from hhperf.harness.guard import Guard, guard_of, peak_hz
from hhperf.harness.http_target import HttpTarget
from hhperf.harness.load_plan import LoadPlan, plan_load
from hhperf.harness.load_replay import replay_load
from hhperf.harness.local_crew import LocalCrew
from hhperf.harness.pace import Pace
from hhperf.harness.paired_plan import PairedPlan, plan_pairs
from hhperf.harness.paired_replay import replay_pairs
from hhperf.harness.safety import Safety
from hhperf.runs.observation import Arm, Outcome
from hhperf.workload.schedules import closed_loop, constant, evenly, poisson, ramp
from tests.harness.conftest import Callee, make_log
from tests.harness.http_server import Asked, Respond, answer_nothing, json_answer, serving

FAR = ("203.0.113.7",)
PLACES = {Arm.CONTROL: "https://old.example", Arm.TREATMENT: "https://new.example"}


def far(_host: str, _port: int) -> tuple[str, ...]:
    """A resolver to whom every name is another machine's."""
    return FAR


def make_far(port: int, safety: Safety) -> dict[Arm, HttpTarget]:
    """Targets that are taken for another machine's."""
    url = f"http://127.0.0.1:{port}"
    return {arm: HttpTarget(url, name=arm, safety=safety, resolve=far) for arm in Arm}


def pairs(count: int = 100, in_flight: int = 1) -> PairedPlan:
    """Requests one after the other."""
    log = make_log(count + 20)
    return plan_pairs(log, cache_state="natural", seed=0, in_flight=in_flight, warm_up=2,
                      pairs=count)  # fmt: skip


def load(rate_hz: float, seconds: float = 1.0, clients: int | None = None) -> LoadPlan:
    """One block an arm, evenly or by clients."""
    schedule = evenly(constant(rate_hz, seconds))
    loads = closed_loop(clients, 20) if clients else schedule
    return plan_load(make_log(20), loads, cache_state="natural", seed=0, rounds=1, warm_up=0,
                     extra_time_s=0, settle_s=1)  # fmt: skip


def failing_after(count: int) -> Respond:
    """Answers so many requests, then fails."""
    left = iter(range(count))

    async def respond(asked: Asked) -> bytes:
        if next(left, None) is None:
            return json_answer("{}", status="503 Service Unavailable")
        return await answer_nothing(asked)

    return respond


def test_a_plan_is_held_to_the_ceilings() -> None:
    """Fewer in flight where more would only be dropped; else it is refused, with what to do."""
    guard = Guard(Safety(), PLACES)
    assert guard.held(load(20)).max_in_flight == 20
    with pytest.raises(PlanError, match=r"21 pairs in flight to https://old.example and https://n"):
        guard.held(pairs(in_flight=21))
    with pytest.raises(PlanError, match=r"15 clients .* \(--max-in-flight\)"):
        Guard(Safety(max_in_flight=14), PLACES).held(load(1, clients=15))
    with pytest.raises(PlanError, match=r"100 requests a second .* at most 50 .* \(--max-rate\)"):
        guard.held(load(100))
    assert Guard(Safety(max_rate_hz=100), PLACES).held(load(100))


def test_the_rate_is_that_of_the_fullest_ten_seconds() -> None:
    """A ramp's end counts; chance does not."""
    assert peak_hz(evenly(ramp(0, 100, 100))) == pytest.approx(95, abs=1)
    guard = Guard(Safety(), PLACES)
    for seed in range(5):
        arrivals = poisson(constant(50, 120), seed=seed)
        guard.held(plan_load(make_log(9), arrivals, cache_state="cold", seed=0))


def test_the_sentence_names_hosts_and_load() -> None:
    """All plans together; an arm that is this machine does not count."""
    guard = Guard(Safety(), PLACES)
    assert guard.sentence([pairs(1_000, in_flight=10)]) == (
        "1,002 requests to https://old.example and 1,002 requests to https://new.example,"
        " at most 10 at once, 50 a second"
    )
    one = Guard(Safety(max_in_flight=3), {Arm.CONTROL: "https://old.example"})
    assert one.sentence([load(20), load(30)]) == (
        "50 requests to https://old.example, at most 3 at once, 50 a second"
    )


def test_what_is_this_machine_is_not_held_back() -> None:
    """Nor is what cannot tell, such as an arm or a function of one's own."""
    here = HttpTarget("http://127.0.0.1:1")
    assert guard_of({Arm.CONTROL: here, Arm.TREATMENT: Callee()}) is None


def test_nothing_is_sent_that_was_not_confirmed(tmp_path: Path) -> None:
    """The sentence is what is asked; no connection is made."""
    asked: list[str] = []

    def refuse(sentence: str) -> bool:
        asked.append(sentence)
        return False

    with pytest.raises(PlanError, match="not confirmed, and nothing was sent: 306 requests"):
        replay_sync(pairs(), make_far(1, Safety(confirm=refuse)), tmp_path / "run", progress=False)
    assert asked == ["306 requests to http://127.0.0.1:1, at most 1 at once, 50 a second"]


async def test_pairs_end_when_errors_climb(tmp_path: Path) -> None:
    """All that was measured is kept, and the run says why it was stopped."""
    async with serving(failing_after(120)) as served:
        targets = make_far(served.port, Safety(max_rate_hz=5_000))
        run = await replay_pairs(pairs(), targets, tmp_path / "run", progress=False)
    assert run.status == "stopped"
    assert "safety of the target" in run.metadata.reason
    assert len(served.asked) <= 120 + 3 * 6


@pytest.mark.parametrize("plan", [load(40), load(1, clients=2)], ids=["open", "closed"])
async def test_a_load_ends_when_errors_climb(plan: LoadPlan, tmp_path: Path) -> None:
    """Within its block."""
    async with serving(failing_after(8)) as served:
        targets = make_far(served.port, Safety(max_rate_hz=5_000))
        run = await replay_load(plan, targets, tmp_path / "run", progress=False)
    assert run.status == "stopped"
    assert 14 <= len(served.asked) <= 16  # those under way when the bound was passed
    outcomes = run.frame()["outcome"].value_counts()
    assert outcomes[Outcome.OK] == 8
    assert 6 <= outcomes[Outcome.ERROR] <= 8


async def test_workers_end_a_load_too(tmp_path: Path) -> None:
    """What they measured until then is kept."""
    async with serving(failing_after(8)) as served:
        make = partial(make_far, served.port, Safety())
        run = await replay_load(load(40, 2), make, tmp_path / "run", LocalCrew(2), progress=False)
    assert run.status == "stopped"
    assert "safety of the target" in run.metadata.reason
    assert run.frame()["outcome"].value_counts()[Outcome.OK] == 8


async def test_clients_wait_for_their_turn() -> None:
    """So many a second, and a wait that is no part of a latency."""
    pace, begun = Pace(100), perf_counter()
    for _ in range(6):
        await pace.turn()
    assert perf_counter() - begun >= 0.05


def test_deployments_are_given_what_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """From the arguments of `prepare_deployments` to each target."""
    monkeypatch.setattr("hhperf.harness.http_target.addresses_of", far)
    safety = Safety(max_rate_hz=7)
    made = prepare_deployments("http://a.example", "http://b.example", safety=safety).make_targets
    guard = guard_of(made())
    assert guard
    assert guard.safety == safety
    assert guard.places[Arm.CONTROL_AGAIN] == "http://a.example"
