"""Parts that go while pairs are sent, and runs that go on."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from hhperf.errors import RunError
from hhperf.experiment.replay import replay_sync
from hhperf.harness.paired_plan import PairedPlan, plan_pairs
from hhperf.harness.parts import MakeAsker
from hhperf.harness.target import Reply, Request
from hhperf.runs.observation import Arm, Outcome
from hhperf.runs.run import Run, load_run
from hhperf.verdict.compare import compare
from tests.harness.conftest import ANSWER, Callee, Send, arms, make_log
from tests.harness.test_supervision import Part

ROW = ("pair", "request_id", "arm", "position", "repetition")


def planned(pairs: int = 60, seed: int = 3, **more: object) -> PairedPlan:
    usual = {"cache_state": "natural", "warm_up": 0, "extra_time_s": 0}
    return plan_pairs(make_log(pairs), seed=seed, **(usual | more))  # type: ignore[arg-type]


def sent(run: Run) -> list[tuple[object, ...]]:
    """What was measured of each pair, in the order of sending."""
    return [
        tuple(row[name] for name in ROW)
        for row in run.observations.sort_by("start_ns").to_pylist()
        if row["outcome"] == Outcome.OK
    ]


def broken_off(plan: PairedPlan, out: Path, after: int = 100) -> Run:
    """A run that nobody answers any more after so many requests."""
    left = iter(range(after))

    async def answer_for_a_while(request: Request) -> Reply:
        if next(left, None) is None:
            raise ConnectionRefusedError("nobody is there")
        return ANSWER

    gone = dict.fromkeys(("control", "treatment", "control_again"), answer_for_a_while)
    return replay_sync(plan, arms(**gone), out, patience_s=0, progress=False)


@pytest.mark.parametrize("in_flight", [1, 3])
def test_a_run_that_is_gone_on_with_has_the_pairs_of_an_unbroken_one(
    tmp_path: Path, in_flight: int
) -> None:
    """The same requests, with the arms in the same places; one at a time in the same order too."""
    plan = planned(in_flight=in_flight)
    unbroken = sent(replay_sync(plan, arms(), tmp_path / "unbroken", progress=False))
    assert broken_off(plan, tmp_path / "run").status == "stopped"
    run = replay_sync(plan, arms(), tmp_path / "run", resume=True, progress=False)
    assert run.status == "finished"
    assert sorted(sent(run)) == sorted(unbroken)
    assert in_flight > 1 or sent(run) == unbroken
    (gap,) = (each for each in run.metadata.gaps if each.anchor)
    assert gap.sent_again
    assert gap.reason.startswith("stopped: none of the last 60 requests")
    assert any("gone on with" in said for said in compare(run, clusters="pairs").warnings)


def test_a_run_can_be_gone_on_with_more_than_once(tmp_path: Path) -> None:
    """Its clock only ever goes on, and each gap is told."""
    plan = planned()
    broken_off(plan, tmp_path / "run", after=40)
    left = iter(range(50))

    async def answer_for_a_while(request: Request) -> Reply:
        if next(left, None) is None:
            raise ConnectionRefusedError("nobody is there")
        return ANSWER

    gone = dict.fromkeys(("control", "treatment", "control_again"), answer_for_a_while)
    for respond in (gone, {}):
        run = replay_sync(
            plan, arms(**respond), tmp_path / "run", patience_s=0, resume=True, progress=False
        )
    assert (run.status, len(run.pairs())) == ("finished", 60)
    starts = [each.from_ns for each in run.metadata.gaps]
    assert starts == sorted(starts)
    assert len([each for each in run.metadata.gaps if each.anchor]) == 2


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"seed": 4}, r"seed \(3 there, 4 now\)"),
        ({"timeout_s": 5.0}, r"timeout_s \(30.0 there, 5.0 now\)"),
        ({"pairs": 50}, r"log.sha256, pairs \(60 there, 50 now\)"),
    ],
)
def test_another_plan_is_refused_by_what_differs(
    tmp_path: Path, changed: Mapping[str, int], named: str
) -> None:
    """And the run stays as it was."""
    before = len(broken_off(planned(), tmp_path / "run"))
    other = planned(**changed)
    if "pairs" in changed:
        other.log.sha256 = "cd" * 32  # type: ignore[misc]
    with pytest.raises(RunError, match=named):
        replay_sync(other, arms(), tmp_path / "run", resume=True, progress=False)
    assert (load_run(tmp_path / "run").status, len(load_run(tmp_path / "run"))) == (
        "stopped",
        before,
    )


def test_a_finished_run_is_refused(tmp_path: Path) -> None:
    """Nothing of it is missing."""
    replay_sync(planned(6), arms(), tmp_path / "run", progress=False)
    with pytest.raises(RunError, match="is finished"):
        replay_sync(planned(6), arms(), tmp_path / "run", resume=True, progress=False)


class Standing(Callee):
    """A target that stands on a part."""

    part: Part

    def needs(self) -> Mapping[str, MakeAsker]:
        """The part, by one name for all arms."""
        return {"PostgreSQL": lambda: self.part}


def standing_on(part: Part, respond: Send) -> dict[Arm, Standing]:
    """An arm of each kind on one part."""
    made = {arm: Standing(f"{arm}-schedule", respond) for arm in Arm}
    for each in made.values():
        each.part = part
    return made


def failing_from(number: int, part: Part) -> Callable[[Request], object]:
    """Answers until a request comes; that one fails, and the part is gone for three questions."""

    async def respond(request: Request) -> Reply:
        if request.request_id == f"r{number}" and not part.away_for:
            part.away_from, part.away_for = part.asked + 1, 3
            raise ConnectionResetError("gone")
        return ANSWER

    return respond


def test_the_pair_that_met_a_missing_part_is_not_compared(tmp_path: Path) -> None:
    """All others are, and the pause stands in the run."""
    part = Part()
    targets = standing_on(part, failing_from(7, part))  # type: ignore[arg-type]
    run = replay_sync(planned(20), targets, tmp_path / "run", progress=False)
    assert run.status == "finished"
    assert sorted(set(range(20)) - set(run.pairs().pair.tolist())) == [7]
    (gap,) = run.metadata.gaps
    assert (gap.pairs, gap.sent_again, gap.anchor) == (1, False, None)
    assert gap.until_ns > gap.from_ns > 0
    assert any(
        "paused at" in said and "PostgreSQL did not answer" in said
        for said in compare(run, clusters="pairs").warnings
    )
