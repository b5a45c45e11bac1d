"""What a sweep over loads shows, of runs that were made."""

import math
from dataclasses import replace
from pathlib import Path

import pytest

from hhperf.harness.sweep import load_sweep
from hhperf.runs.observation import Arm, Outcome, Span
from hhperf.runs.run import Run, load_run
from hhperf.runs.writer import RunWriter
from hhperf.verdict.sweeps import Sweep, examine_sweep
from tests.runs.conftest import METADATA, observe
from tests.show.report.made import LOADS, load_design, write_sweep

S = 1_000_000_000
LATE = 45
"""Of fifty requests of each arm, the first of those that wait for a connection."""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    """The treatment takes half the time under the lowest load, and more under the highest."""
    return examine_sweep(load_sweep(write_sweep(tmp_path_factory.mktemp("made"))))


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    """The control takes 1 s, the treatment 2 s; the last five of each wait twice, and one fails."""
    folder = tmp_path_factory.mktemp("waiting")
    return examine_sweep([_waiting(folder / f"{hz:g}", hz) for hz in (10.0, 20.0, 40.0)])


def _waiting(folder: Path, hz: float) -> Run:
    metadata = replace(METADATA, design=load_design(f"{hz:g}/s", hz))
    with RunWriter(folder, metadata, epoch_ns=0) as writer:
        for block, arm in enumerate(Arm):
            takes_s = 2 if arm is Arm.TREATMENT else 1
            for pair in range(50):
                due_ns = round((block * 60 + pair) / hz * S)
                wait_ns = takes_s * S // 10 if pair >= LATE and arm is not Arm.CONTROL else 0
                spans = [Span("pool", due_ns, due_ns + wait_ns)] * 2 if wait_ns else []
                writer.add(
                    observe(
                        pair, arm, block=block, spans=tuple(spans), intended_start_ns=due_ns,
                        dispatched_ns=due_ns, start_ns=due_ns, end_ns=due_ns + takes_s * S,
                        outcome=Outcome.ERROR if pair == 0 else Outcome.OK,
                        results_match=None if arm is Arm.CONTROL else True,
                    )
                )  # fmt: skip
    return load_run(folder)


def test_each_arm_is_told_at_each_load(waiting: Sweep) -> None:
    """By the requests that were answered, and by all of them at a quantile."""
    for point in waiting.points:
        control, treatment = point.arms[Arm.CONTROL], point.arms[Arm.TREATMENT]
        assert (control.mean_s, treatment.mean_s) == (1.0, 2.0)
        assert (control.p50_s, control.p95_s, treatment.p50_s) == (1.0, 1.0, 2.0)
        assert (control.failed, treatment.failed) == (1, 1)


def test_the_wait_for_the_pool_is_that_of_a_whole_request(waiting: Sweep) -> None:
    """Twice a fifth of a second; where nobody waited it is not known."""
    arms = waiting.points[0].arms
    assert arms[Arm.TREATMENT].pool_wait_p95_s == pytest.approx(0.4)
    assert math.isnan(arms[Arm.CONTROL].pool_wait_p95_s)


def test_the_table_has_both_arms_beside_the_saving(found: Sweep) -> None:
    """One row a load, in order."""
    frame = found.to_frame()
    assert frame["offered_hz"].tolist() == sorted(LOADS)
    assert frame["p50_saving"].tolist() == pytest.approx(
        [1 - ratio for ratio in LOADS.values()], abs=0.02
    )
    ratios = frame["treatment_p50_s"] / frame["control_p50_s"]
    assert ratios.tolist() == pytest.approx(list(LOADS.values()), abs=0.02)


def test_a_saving_ends_between_the_loads_it_is_seen_at(found: Sweep) -> None:
    """The line says so; where it does not end it says that."""
    end = found.crossovers["p95"]
    assert end is not None
    assert 20 < end.point < 40
    assert f"at p95 the saving ends at {end})" in repr(found)
    endless = replace(found, crossovers={"p95": None})
    assert repr(endless) == "Sweep(3 loads, 10/s to 40/s; at p95 the saving does not end)"
