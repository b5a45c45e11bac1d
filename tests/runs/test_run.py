"""Reading runs."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hhperf.errors import RunError
from hhperf.runs.metadata import Floor, SwitchbackDesign
from hhperf.runs.observation import Arm, CacheLayer, Outcome, Span
from hhperf.runs.run import HitRatio, Run, load_run
from hhperf.runs.writer import RunWriter
from tests.runs.conftest import DESIGN, METADATA, observe, observe_pair

Written = Callable[..., Path]


def test_counts_are_by_arm_and_outcome(written: Written) -> None:
    """Every outcome of every arm is counted, also those that never came."""
    run = load_run(
        written(observe(0), observe(1, outcome=Outcome.TIMEOUT), observe(0, Arm.TREATMENT))
    )
    counts = run.counts()
    assert counts[Arm.CONTROL] == {**dict.fromkeys(Outcome, 0), Outcome.OK: 1, Outcome.TIMEOUT: 1}
    assert sum(counts[Arm.CONTROL_AGAIN].values()) == 0


def test_cache_hits_leave_out_layers_not_asked(written: Written) -> None:
    """A layer that was not asked counts neither as hit nor as miss."""
    hits = [{CacheLayer.RESULT: True}, {CacheLayer.RESULT: False, CacheLayer.EMBEDDING: True}]
    run = load_run(written(*(observe(i, cache_hits=each) for i, each in enumerate(hits))))
    layers = run.cache_hits()[Arm.CONTROL]
    assert layers[CacheLayer.RESULT] == HitRatio(1, 2)
    assert layers[CacheLayer.EMBEDDING].ratio == 1.0
    assert math.isnan(layers[CacheLayer.RERANK].ratio)


def test_the_frame_has_both_latencies(written: Written) -> None:
    """Service time counts from the start, response time from the intended start."""
    frame = load_run(written(observe(3, intended_start_ns=2_500_000_000))).frame()
    assert frame["service_time_s"].tolist() == [1.0]
    assert frame["response_time_s"].tolist() == [1.5]
    assert "spans" not in frame


def test_spans_are_told_from_the_request_s_start(written: Written) -> None:
    """One row a span, in seconds, with the modelled delay beside it."""
    span = Span("vector", 2_250_000_000, 2_350_000_000, 50_000_000)
    frame = load_run(written(observe(1), observe(2, spans=(span,)))).spans()
    [row] = frame.to_dict("records")
    assert (row["pair"], row["arm"], row["stage"]) == (2, "control", "vector")
    assert (row["start_s"], row["duration_s"], row["modelled_s"]) == (0.25, 0.1, 0.05)


def test_a_run_of_no_pairs_says_what_to_do(written: Written) -> None:
    """Without a whole pair there is nothing to compare."""
    path = written(observe(0))
    with pytest.raises(RunError, match=f"{path}: has no pair to compare .*; record a longer run"):
        load_run(path).pairs()


def test_an_empty_run_has_no_pairs(written: Written) -> None:
    """A run killed before its first pair is told apart from a broken one."""
    with pytest.raises(RunError, match="no pair to compare"):
        load_run(written()).pairs()


def test_an_unknown_statistic_is_refused(written: Written) -> None:
    """Only the two latencies exist."""
    with pytest.raises(ValueError, match="median"):
        load_run(written(*observe_pair(0))).pairs("median")


def test_pairs_are_read_from_disk(written: Written) -> None:
    """Arms come out in seconds, whatever the order on disk."""
    second, first = observe_pair(1, (2.0, 1.5, 2.5)), observe_pair(0)
    pairs = load_run(written(*reversed(second), *first)).pairs()
    np.testing.assert_array_equal(pairs.pair, [0, 1])
    np.testing.assert_array_equal(pairs.control, [1.0, 2.0])
    np.testing.assert_array_equal(pairs.treatment, [0.5, 1.5])
    np.testing.assert_array_equal(pairs.control_again, [1.0, 2.5])


def test_the_repr_says_what_it_is(written: Written) -> None:
    """In a notebook a run shows its path, status and size."""
    assert "finished, 3 observations" in repr(load_run(written(*observe_pair(0))))


def test_lost_requests_say_nothing_about_latency(written: Written) -> None:
    """Their pair is incomplete, and they are counted."""
    lost = observe(1, Arm.TREATMENT, outcome=Outcome.LOST)
    run = load_run(written(*observe_pair(0), observe(1), lost, observe(1, Arm.CONTROL_AGAIN)))
    assert (run.pairs().pair.tolist(), run.pairs().incomplete) == ([0], 1)
    assert run.counts()[Arm.TREATMENT][Outcome.LOST] == 1


def test_the_design_of_a_load_run_comes_back(tmp_path: Path) -> None:
    """As what it was, not as that of a paired run."""
    design = SwitchbackDesign(
        arms=DESIGN.arms, blocks=tuple(Arm), rounds=1, pairs=10, load="10/s for 1 s",
        offered_hz=10.0, clients=None, order="log", cache_state="natural", warm_up=0,
        max_in_flight=100, timeout_s=1.0,
    )  # fmt: skip
    metadata = replace(METADATA, design=design, floor=Floor(100, 1e-4, 2e-4, 3e-4))
    with RunWriter(tmp_path, metadata):
        pass
    read = load_run(tmp_path).metadata
    ended = replace(metadata, status="finished", reason="its plan")
    assert read == replace(ended, anchor=read.anchor, files=read.files)


@pytest.mark.parametrize(
    ("vary", "advice"),
    [("limit", "limit was varied and seems to change the answers"), (None, "record a longer run")],
)
def test_where_every_answer_differs_a_field_that_was_varied_is_named(
    written: Written, vary: str | None, advice: str
) -> None:
    """Nothing else can be told of why."""
    control, treatment, again = observe_pair(0)
    run = load_run(written(control, replace(treatment, results_match=False), again))
    conditions = replace(run.metadata.conditions, vary=vary)
    with pytest.raises(RunError, match=advice):
        Run(run.path, replace(run.metadata, conditions=conditions)).pairs()


def test_a_varied_field_is_not_blamed_for_a_run_that_is_short(written: Written) -> None:
    """No answer differed."""
    run = load_run(written(observe(0)))
    conditions = replace(run.metadata.conditions, vary="limit")
    with pytest.raises(RunError, match="record a longer run"):
        Run(run.path, replace(run.metadata, conditions=conditions)).pairs()


def test_a_hit_ratio_is_a_share_of_askings() -> None:
    """Of none it is none."""
    assert HitRatio(3, 4).ratio == 0.75
    assert math.isnan(HitRatio(0, 0).ratio)


def test_damage_is_an_error_unless_it_is_to_be_left_out(written: Written) -> None:
    """Going on without it has to be asked for, also of a run that is made by hand."""
    run = load_run(written(*observe_pair(0)))
    path = run.path / "observations.parquet"
    data = bytearray(path.read_bytes())
    data[10] ^= 1
    path.write_bytes(data)
    with pytest.raises(RunError, match="is damaged in row group 0"):
        Run(run.path, run.metadata).pairs()
