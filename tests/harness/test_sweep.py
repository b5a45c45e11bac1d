"""A sweep over loads against arms whose capacity is known."""

import asyncio
from pathlib import Path

import pytest

from hhperf.errors import RunError
from hhperf.harness.preparation import Targets
from hhperf.harness.replay_plan import CacheState
from hhperf.harness.sweep import answered_share, load_sweep, plan_sweep, record_sweep
from hhperf.harness.target import CallableTarget, Reply, Request
from hhperf.runs.observation import Arm, Span
from hhperf.runs.run import Run
from hhperf.show.verdict_cards import savings_by_load_table
from hhperf.verdict.sweeps import Sweep, examine_sweep
from tests.harness.conftest import make_log


class Workers:
    """A service with so many workers, each busy for a while with a request."""

    def __init__(self, workers: int, service_s: float) -> None:
        self._free = asyncio.Semaphore(workers)
        self._service_s = service_s

    async def answer(self, request: Request) -> Reply:
        """Wait for a worker, and for it to end; tells the wait as a span."""
        clock = asyncio.get_running_loop().time
        asked = clock()
        async with self._free:
            got = clock()
            await asyncio.sleep(self._service_s)
        return Reply(spans=(Span("pool", round(asked * 1e9), round(got * 1e9)),))


def targets() -> Targets:
    """The control serves 200/s at 40 ms, the treatment is twice as fast but has half as many."""
    return {
        Arm.CONTROL: CallableTarget(Workers(8, 0.040).answer, "control"),
        Arm.TREATMENT: CallableTarget(Workers(2, 0.020).answer, "treatment"),
        Arm.CONTROL_AGAIN: CallableTarget(Workers(8, 0.040).answer, "again"),
    }


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, ...]:
    """Loads on either side of the treatment's capacity of 100/s."""
    plans = plan_sweep(
        make_log(20), [30, 60, 160, 280, 900], seconds=0.6, seed=2, rounds=1, warm_up=4,
        cache_state=CacheState.NATURAL, timeout_s=5,
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("sweep")
    return asyncio.run(record_sweep(plans, targets, folder, progress=False))


@pytest.fixture(scope="module")
def found(runs: tuple[Run, ...]) -> Sweep:
    """What the sweep shows."""
    return examine_sweep(runs)


def test_it_ends_when_no_arm_keeps_up(runs: tuple[Run, ...]) -> None:
    """The last load is not sent any more."""
    assert len(runs) == 4
    assert answered_share(runs[0], Arm.CONTROL) > 0.9
    assert answered_share(runs[-1], Arm.CONTROL) < 0.95


def test_the_treatment_pays_until_its_workers_run_out(found: Sweep) -> None:
    """Half the latency at little load, more than the control's beyond 100/s.

    A machine that is busy itself has them run out before, but not at the least load.
    """
    assert found.points[0].comparison["p50"].estimate.point == pytest.approx(0.5, abs=0.15)
    crossing = found.crossovers["p50"]
    assert crossing is not None
    assert 25 < crossing.point < 160


def test_each_arm_has_its_own_saturation(found: Sweep) -> None:
    """That of the treatment comes first."""
    control, treatment = (found.saturations[arm] for arm in (Arm.CONTROL, Arm.TREATMENT))
    assert control is not None
    assert treatment is not None
    assert treatment.point < control.point
    assert found.knees[Arm.TREATMENT].point <= found.knees[Arm.CONTROL].point


def test_the_wait_for_the_pool_grows_with_the_load(found: Sweep) -> None:
    """From nothing to more than a request takes."""
    frame = found.to_frame()
    waits = frame["treatment_pool_wait_p95_s"]
    assert waits.iloc[0] < 0.03
    assert waits.iloc[-1] > 0.2
    assert frame["offered_hz"].is_monotonic_increasing
    assert not found.labels


def test_a_sweep_is_read_back_in_order(runs: tuple[Run, ...]) -> None:
    """By its folder."""
    again = load_sweep(runs[0].path.parent)
    assert [run.path for run in again] == [run.path for run in runs]


def test_a_folder_without_runs_is_no_sweep(tmp_path: Path) -> None:
    """It says what to name."""
    with pytest.raises(RunError, match="no run under load"):
        load_sweep(tmp_path)


def test_a_sweep_shows_where_savings_end(found: Sweep) -> None:
    """In its repr, and among the facts of its card."""
    assert repr(found).startswith("Sweep(4 loads, ")
    end = found.crossovers["p95"]  # on a busy machine there may be none
    said = "at p95 the saving does not end" if end is None else f"at p95 the saving ends at {end}"
    assert said in repr(found)
    if end is not None:
        assert dict(found._card().facts)["saving at p95 ends"] == str(end)


def test_a_sweep_shows_both_arms_at_each_load(found: Sweep) -> None:
    """One table of savings, one of response times."""
    savings, responses = found._card().tables
    assert [row[3] for row in savings.rows] == [
        str(point.comparison["p95"].verdict) for point in found.points
    ]
    assert [row[1] for row in responses.rows] == ["control", "treatment"] * 4


def test_the_notes_of_single_loads_are_counted(found: Sweep) -> None:
    """So few requests are not enough for a verdict anywhere."""
    card = found._card()
    assert card.warnings == (
        f"{len(card.details[0].rows)} notes on single loads, below 'Notes by load'",
    )


def test_savings_stand_at_the_statistic_asked_for(found: Sweep) -> None:
    """At the deciding one where none is."""
    assert savings_by_load_table(found, "p50").title.startswith("Saving in response time at p50")
    assert "at p95" in savings_by_load_table(found).title
