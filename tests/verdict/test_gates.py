"""The gates of a run."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hhperf.analysis.decision import Gate, GateState
from hhperf.errors import SampleError
from hhperf.runs.metadata import SwitchbackDesign
from hhperf.runs.observation import Arm, HealthSample, Observation, Outcome
from hhperf.runs.run import Run, load_run
from hhperf.runs.stalls import Stalls
from hhperf.runs.writer import RunWriter
from hhperf.verdict.compare import compare
from hhperf.verdict.gates import Evidence, gates_of, period_of
from hhperf.verdict.generator_health import schedule_ns, utilisation
from hhperf.verdict.sweeps import examine_sweep
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


def _stalls(*stalls: tuple[int, int]) -> Stalls:
    """From when each begins and how long it lasts, in ns."""
    begins_ns, lengths_ns = np.array(stalls).T
    return Stalls(begins_ns, begins_ns + lengths_ns, 100 * SECOND, 0.5, 0.01)


def gates(run: Run, stalls: Stalls | None = None) -> dict[str, Gate]:
    seen = Evidence(run, run.pairs("response_time"), stalls=stalls)
    return {gate.name: gate for gate in gates_of(seen)}


def test_a_prompt_generator_passes(write: Write) -> None:
    """Every gate that a load run has."""
    found = gates(write())
    assert all(gate.passed for gate in found.values())
    assert sorted(found) == [
        "A/A' p50", "arms share nothing", "dispatch lag, ms", "drop rates",
        "failure rates", "generator CPU", "identical results",
    ]  # fmt: skip


def test_lag_counts_from_the_intended_start(write: Write) -> None:
    """A tenth of a second late, of one second that is measured."""
    run = write(lambda pair, arm: {"start_ns": pair * SECOND + SECOND // 10})
    due_ns, sent_ns = schedule_ns(run)
    assert (sent_ns - due_ns).tolist() == [SECOND // 10] * 120
    assert gates(run)["dispatch lag, ms"].state is GateState.FAILED


def test_requests_that_waited_through_a_stall_are_left_out(write: Write) -> None:
    """The middle of such a wait lies within it."""
    run = write(lambda pair, arm: {"start_ns": pair * SECOND + (SECOND // 10 if pair < 9 else 0)})

    stalls = _stalls(*((pair * SECOND + SECOND // 50, SECOND // 20) for pair in range(9)))
    assert not gates(run)["dispatch lag, ms"].passed
    found = gates(run, stalls)["dispatch lag, ms"]
    assert found.passed
    assert found.figure.endswith("; 27 within stalls left out")


def test_time_of_a_stall_is_no_spare_time(write: Write) -> None:
    """A generator that worked all of the other half was full."""
    samples = tuple((second, 0.0 if second % 2 else 0.95, 0) for second in range(100))
    run = write(samples=samples)

    # A look covers the second before it, and every second look found nothing used.
    stalls = _stalls(*((second * SECOND, SECOND) for second in range(0, 100, 2)))
    assert gates(run)["generator CPU"].passed
    assert utilisation(run, stalls) == pytest.approx(0.95)
    assert gates(run, stalls)["generator CPU"].state is GateState.FAILED


def test_a_load_has_no_period_effect(write: Write) -> None:
    """Its arms take turns in blocks."""
    run = write()
    assert period_of(Evidence(run, run.pairs("response_time"))) is None


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
    found = gates(run)["generator CPU"]
    assert found.state is GateState.FAILED
    assert "a generator without time to spare measures itself" in found.text


def test_workers_clocks_are_told_where_there_are_several(tmp_path: Path) -> None:
    """Known to 80 ms, of one second that is measured; a gain of 1 ms in 100 s."""
    with RunWriter(tmp_path, replace(METADATA, design=LOAD), epoch_ns=0) as writer:
        for pair in range(40):
            writer.add(*(_seen(pair, arm, {}) for arm in Arm))
        for at_s, ahead_ns in ((0, 5 * SECOND), (100, 5 * SECOND + SECOND // 1_000)):
            writer.add_health(HealthSample("clock_ahead", at_s * SECOND, ahead_ns, 1))
            writer.add_health(HealthSample("clock_within", at_s * SECOND, 8 * SECOND // 100, 1))
    found = gates(load_run(tmp_path))["workers' clocks, ms"]
    assert found.figure == "known to 80, drift at most 10 ppm"
    assert found.state is GateState.FAILED


def test_what_arms_share_is_named(write: Write) -> None:
    """As the targets told it."""
    found = gates(write(shared=("pool: control and treatment",)))["arms share nothing"]
    assert (found.state, found.figure) == (GateState.FAILED, "pool: control and treatment")


def test_savings_under_load_are_those_of_the_response(write: Write) -> None:
    """The treatment takes half as long; a third of it waiting for its turn."""

    def halved(pair: int, arm: Arm) -> dict[str, object]:
        jitter = (pair * 7919) % 40 * 1_000_000
        took = SECOND + jitter if arm is not Arm.TREATMENT else (SECOND + jitter) // 2
        return {"end_ns": pair * SECOND + took}

    comparison = compare(write(halved), quantiles=(0.5,))
    assert comparison["p50"].estimate.point == pytest.approx(0.5, abs=0.02)
    assert comparison.warnings == ("at evenly, 1/s for 40 s",)


def test_a_paired_run_has_no_offered_load(tmp_path: Path) -> None:
    """It says what to use instead."""
    with RunWriter(tmp_path, METADATA):
        pass
    run = load_run(tmp_path)
    with pytest.raises(SampleError, match=r"use compare\(\)"):
        examine_sweep([run])
