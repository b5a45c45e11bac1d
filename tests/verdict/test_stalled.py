"""Laying stalls beside the pairs of a run."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hhperf.runs.observation import Arm, HealthSample, Outcome
from hhperf.runs.run import Run, load_run
from hhperf.runs.writer import RunWriter
from hhperf.verdict.compare import compare
from hhperf.verdict.stalled import censored_by, stalls_in, without_stalled_time
from tests.runs.conftest import METADATA, observe
from tests.verdict.test_gates import LOAD

MS = 1_000_000
S = 1_000 * MS

Stall = tuple[int, int]


@pytest.fixture
def record(tmp_path: Path) -> Callable[..., Run]:
    """A run of pairs of 3 s: control in the first second, treatment in the second, and again."""

    def write(
        pairs: int, stalls: list[Stall], failed: tuple[int, ...] = (), *, watched: bool = True
    ) -> Run:
        with RunWriter(tmp_path, METADATA, epoch_ns=0) as writer:
            for pair in range(pairs):
                for place, arm in enumerate(Arm):
                    begin_ns = (3 * pair + place) * S
                    is_failed = pair in failed and arm is Arm.CONTROL
                    seen = observe(pair, arm, position=place, start_ns=begin_ns)
                    outcome = Outcome.ERROR if is_failed else Outcome.OK
                    writer.add(replace(seen, end_ns=begin_ns + 900 * MS, outcome=outcome))
            if watched:
                writer.add_health(HealthSample("watched", 0, 5 * MS, core=0))
            for at_ms, length_ms in stalls:
                writer.add_health(HealthSample("stall", at_ms * MS, length_ms * MS, core=0))
        return load_run(tmp_path)

    return write


def test_a_latency_is_clean_until_the_first_stall_after_its_start(
    record: Callable[..., Run],
) -> None:
    """Also where that comes after its end; without one for ever."""
    run = record(3, [(400, 100), (4_950, 100)])
    pairs = run.pairs()
    stalls = stalls_in(run, pairs)
    assert stalls is not None
    found = censored_by(stalls, pairs)
    assert found.control_clean.tolist() == [0.4, 1.95, np.inf]
    assert found.treatment_clean == pytest.approx([3.95, 0.95, np.inf])
    assert found.control_onset.tolist() == [0, -1, -1]
    assert found.treatment_onset.tolist() == [-1, -1, -1]
    assert found.control_stalled.tolist() == [0.1, 0.0, 0.0]


def test_a_window_reaches_from_the_first_start_to_the_last_end(
    record: Callable[..., Run],
) -> None:
    """Of control and treatment."""
    run = record(2, [(1_800, 100)])
    stalls = stalls_in(run, run.pairs())
    assert stalls is not None
    found = censored_by(stalls, run.pairs())
    assert found.joint_length == pytest.approx([1.9, 1.9])
    assert found.joint_clean.tolist() == [1.8, np.inf]


def test_what_begins_within_a_stall_was_never_clean(record: Callable[..., Run]) -> None:
    """It met that stall."""
    run = record(2, [(2_950, 100)])
    stalls = stalls_in(run, run.pairs())
    assert stalls is not None
    found = censored_by(stalls, run.pairs())
    assert found.control_clean.tolist() == [2.95, 0.0]
    assert found.control_onset.tolist() == [-1, 0]


def test_a_failure_before_any_stall_is_one_for_good(record: Callable[..., Run]) -> None:
    """One that met a stall may have been none."""
    run = record(2, [(3_400, 100)], failed=(0, 1))
    stalls = stalls_in(run, run.pairs())
    assert stalls is not None
    found = censored_by(stalls, run.pairs())
    assert found.control_clean.tolist() == [np.inf, 0.4]


def test_short_stalls_do_not_count(record: Callable[..., Run]) -> None:
    """30 ms of requests that take 900."""
    run = record(2, [(400, 30)])
    stalls = stalls_in(run, run.pairs())
    assert stalls is not None
    assert len(stalls) == 0
    assert stalls.floor_s == pytest.approx(0.045)


def test_stalled_time_is_taken_off(record: Callable[..., Run]) -> None:
    """As far as it lies within the request."""
    run = record(2, [(850, 100)])
    pairs = run.pairs()
    stalls = stalls_in(run, pairs)
    assert stalls is not None
    assert without_stalled_time(stalls, pairs, Arm.CONTROL) == pytest.approx([0.85, 0.9])


def test_stretches_of_time_hold_two_pairs(record: Callable[..., Run]) -> None:
    """One request after the other, of 1.9 s each with gaps of 1.1 s."""
    run = record(6, [(400, 100)])
    stalls = stalls_in(run, run.pairs())
    assert stalls is not None
    assert len(set(censored_by(stalls, run.pairs()).blocks.tolist())) in (4, 5)


def test_a_comparison_says_what_stalls_hid(record: Callable[..., Run]) -> None:
    """As a share of each arm's requests, with all data beside the saving."""
    run = record(100, [(3_000 * pair + 400, 100) for pair in range(0, 100, 4)])
    found = compare(run)
    assert found.censored is not None
    assert found.censored.control == pytest.approx(0.25)
    assert found.censored.treatment == 0
    assert found["p50"].all_data is not None


def test_a_run_that_nobody_watched_is_compared_as_it_stands(record: Callable[..., Run]) -> None:
    """No stalls are known of it."""
    run = record(100, [], watched=False)
    assert stalls_in(run, run.pairs()) is None
    assert compare(run).censored is None


def test_a_load_says_what_was_left_out_and_keeps_all_data(tmp_path: Path) -> None:
    """After the load itself, which whoever shows several of them takes off the front."""
    metadata = replace(METADATA, design=LOAD)
    with RunWriter(tmp_path, metadata, epoch_ns=0) as writer:
        for pair in range(400):
            for place, arm in enumerate(Arm):
                due_ns = (1_000 * place + pair) * S
                took_ns = (900 if arm is not Arm.TREATMENT else 600) * MS + pair * MS // 10
                seen = observe(pair, arm, block=place, intended_start_ns=due_ns, start_ns=due_ns)
                writer.add(replace(seen, end_ns=due_ns + took_ns))
        writer.add_health(HealthSample("watched", 0, 5 * MS, core=0))
        for at_ms in range(10_500, 2_400_000, 40_000):
            writer.add_health(HealthSample("stall", at_ms * MS, 100 * MS, core=0))
    found = compare(load_run(tmp_path))
    assert found.warnings[0] == f"at {LOAD.load}"
    assert "were due in a stall of the machine" in found.warnings[1]
    assert found["p50"].all_data is not None
    assert found["p50"].estimate.method.startswith("product limit")
    assert found["p50"].estimate.point == pytest.approx(1 / 3, abs=0.02)
