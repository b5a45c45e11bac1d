"""Gates on the generator, from runs that were written by hand."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from hhperf.analysis import Gate
from hhperf.comparing_load import compare_load
from hhperf.errors import SampleError
from hhperf.generator_gates import generator_gates, schedule_lags_s, utilisation
from hhperf.runs import (
    Arm,
    HealthSample,
    Observation,
    Outcome,
    Run,
    RunWriter,
    SwitchbackDesign,
    load_run,
)
from tests.runs.conftest import DESIGN, METADATA, observe

LOAD = SwitchbackDesign(
    arms=DESIGN.arms, blocks=tuple(Arm), rounds=1, pairs=40, load="evenly, 1/s for 40 s",
    offered_hz=1.0, clients=None, order="log", cache_state="natural", warm_up=0,
    max_in_flight=100, timeout_s=1.0,
)  # fmt: skip
SECOND = 1_000_000_000

Write = Callable[..., Run]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a load run of forty pairs; changes are by arm, samples are (second, cpu, worker)."""

    def written(
        changes: Callable[[int, Arm], dict[str, object]] = lambda pair, arm: {},
        samples: tuple[tuple[int, float, int], ...] = (),
        shared: tuple[str, ...] = (),
    ) -> Run:
        metadata = replace(METADATA, design=LOAD, shared=shared)
        with RunWriter(tmp_path, metadata, epoch_ns=0) as writer:
            for pair in range(40):
                writer.add(*(_seen(pair, arm, changes(pair, arm)) for arm in Arm))
            for at_s, cpu, worker in samples:
                writer.add_health(HealthSample("cpu", at_s * SECOND, round(cpu * SECOND), worker))
        return load_run(tmp_path)

    return written


def _seen(pair: int, arm: Arm, changes: dict[str, object]) -> Observation:
    return observe(pair, arm, block=list(Arm).index(arm), **changes)


def gates(run: Run) -> dict[str, Gate]:
    return {gate.name: gate for gate in generator_gates(run, run.pairs("response_time"))}


def test_a_prompt_generator_passes(write: Write) -> None:
    """Every gate that a load run has."""
    found = gates(write())
    assert all(gate.passed for gate in found.values())
    assert sorted(found) == [
        "arms share nothing", "dispatch lag, ms", "drop rates", "generator CPU",
    ]  # fmt: skip


def test_lag_counts_from_the_intended_start(write: Write) -> None:
    """A tenth of a second late, of one second that is measured."""
    run = write(lambda pair, arm: {"start_ns": pair * SECOND + SECOND // 10})
    assert schedule_lags_s(run) == pytest.approx([0.1] * 120)
    assert not gates(run)["dispatch lag, ms"].passed


def test_drops_of_one_arm_are_caught(write: Write) -> None:
    """Half of the treatment's requests; a drop is no lag."""

    def dropped(pair: int, arm: Arm) -> dict[str, object]:
        is_dropped = arm is Arm.TREATMENT and pair % 2
        late = {"start_ns": pair * SECOND + SECOND // 2, "outcome": Outcome.DROPPED}
        return late if is_dropped else {}

    found = gates(write(dropped))
    assert not found["drop rates"].passed
    assert found["dispatch lag, ms"].passed


def test_a_busy_worker_is_caught_among_idle_ones(write: Write) -> None:
    """Also when it was busy for a tenth of the time only."""
    idle = tuple((second, 0.1, 0) for second in range(100))
    busy = tuple((second, 0.97 if second >= 90 else 0.2, 1) for second in range(100))
    run = write(samples=(*idle, *busy))
    assert utilisation(run) == pytest.approx(0.97)
    assert not gates(run)["generator CPU"].passed


def test_what_arms_share_is_named(write: Write) -> None:
    """As the targets told it."""
    found = gates(write(shared=("pool: control and treatment",)))["arms share nothing"]
    assert (found.passed, found.figure) == (False, "pool: control and treatment")


def test_savings_under_load_are_those_of_the_response(write: Write) -> None:
    """The treatment takes half as long; a third of it waiting for its turn."""

    def halved(pair: int, arm: Arm) -> dict[str, object]:
        jitter = (pair * 7919) % 40 * 1_000_000
        took = SECOND + jitter if arm is not Arm.TREATMENT else (SECOND + jitter) // 2
        return {"end_ns": pair * SECOND + took}

    comparison = compare_load(write(halved), quantiles=(0.5,))
    assert comparison["p50"].estimate.point == pytest.approx(0.5, abs=0.02)
    assert comparison.warnings == ("at evenly, 1/s for 40 s",)


def test_a_paired_run_has_no_offered_load(tmp_path: Path) -> None:
    """It says what to use instead."""
    with RunWriter(tmp_path, METADATA):
        pass
    run = load_run(tmp_path)
    with pytest.raises(SampleError, match=r"use compare\(\)"):
        compare_load(run)
