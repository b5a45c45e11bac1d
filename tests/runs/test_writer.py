"""Writing runs."""

import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hhperf.errors import RunError
from hhperf.runs.observation import Arm, CacheLayer, Cost, HealthSample, Observation, Outcome, Span
from hhperf.runs.run import load_run
from hhperf.runs.writer import RunWriter
from tests.runs.conftest import METADATA, observe

CLOCK = st.integers(0, 2**62)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
SPANS = st.lists(st.builds(Span, TEXT, CLOCK, CLOCK, CLOCK), max_size=4).map(tuple)
OBSERVATIONS = st.builds(
    Observation,
    pair=st.integers(0, 2**62),
    request_id=TEXT,
    arm=st.sampled_from(Arm),
    arm_schedule=TEXT,
    repetition=st.integers(0, 1_000),
    position=st.integers(0, 2),
    tenant=TEXT,
    session=st.none() | TEXT,
    text_key=st.integers(-(2**63), 2**63 - 1),
    intended_start_ns=CLOCK,
    dispatched_ns=CLOCK,
    start_ns=CLOCK,
    end_ns=CLOCK,
    outcome=st.sampled_from(Outcome),
    spans=SPANS,
    cache_hits=st.dictionaries(st.sampled_from(CacheLayer), st.booleans()),
    missing=st.lists(TEXT, max_size=3).map(tuple),
    result_count=st.integers(0, 200),
    result_digest=TEXT,
    results_match=st.none() | st.booleans(),
    error=TEXT,
    cost=st.builds(Cost, *[st.none() | st.integers(0, 2**62)] * len(Cost._fields)),
)


def as_row(observation: Observation) -> dict[str, object]:
    row = asdict(observation)
    hits = row.pop("cache_hits")
    row |= {f"cache_{layer}": hits.get(layer) for layer in CacheLayer}
    row |= {f"cost_{part}": taken for part, taken in row.pop("cost")._asdict().items()}
    return row | {"missing": list(row["missing"]), "spans": list(row["spans"])}


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40
)
@given(st.lists(OBSERVATIONS, max_size=8), st.integers(1, 4))
def test_every_observation_comes_back_as_it_was(
    fresh: Callable[[], Path], observations: list[Observation], per_flush: int
) -> None:
    """Whatever the batches, a finished run holds what was added, in order."""
    folder = fresh()
    with RunWriter(folder, METADATA, epoch_ns=0) as writer:
        for first in range(0, len(observations), per_flush):
            writer.add(*observations[first : first + per_flush])
            writer.flush()
    assert load_run(folder).observations.to_pylist() == list(map(as_row, observations))


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=20
)
@given(st.lists(OBSERVATIONS, min_size=1, max_size=8))
def test_an_unfinished_run_reads_like_a_finished_one(
    fresh: Callable[[], Path], observations: list[Observation]
) -> None:
    """What was flushed is readable while the run still goes on."""
    writer = RunWriter(fresh(), METADATA, epoch_ns=0)
    writer.add(*observations)
    writer.flush()
    before = load_run(writer.folder).observations
    writer.close()
    assert before.to_pylist() == load_run(writer.folder).observations.to_pylist()


def test_clocks_count_from_the_epoch(fresh: Callable[[], Path]) -> None:
    """The monotonic clock's arbitrary zero does not reach the disk."""
    with RunWriter(fresh(), METADATA, epoch_ns=1_000) as writer:
        writer.add(observe(0, start_ns=1_500, end_ns=2_500, spans=(Span("vector", 1_600, 1_700),)))
        writer.add_health(HealthSample("loop_lag", 1_800, 40))
    run = load_run(writer.folder)
    [row] = run.observations.to_pylist()
    assert (row["start_ns"], row["end_ns"], row["spans"][0]["start_ns"]) == (500, 1_500, 600)
    [sample] = run.health.to_pylist()
    assert sample == {"kind": "loop_lag", "at_ns": 800, "value_ns": 40, "worker": 0, "core": None}


def test_a_clean_end_leaves_parquet_alone(written: Callable[..., Path]) -> None:
    """The journals become one Parquet file each."""
    names = sorted(path.name for path in written(observe(0)).iterdir())
    assert names == ["health.parquet", "observations.parquet", "run.json"]


def test_the_anchor_leads_back_to_the_machines_clocks(fresh: Callable[[], Path]) -> None:
    """So that what another program noted can be laid beside the run."""
    before_ns = time.monotonic_ns(), time.time_ns()
    epoch_ns = time.perf_counter_ns()
    with RunWriter(fresh(), METADATA, epoch_ns=epoch_ns) as writer:
        pass
    anchor = load_run(writer.folder).metadata.anchor
    assert anchor is not None
    assert 0 <= anchor.monotonic_ns - before_ns[0] < 1_000_000_000
    assert abs(anchor.wall_ns - before_ns[1]) < 1_000_000_000


def test_an_open_run_says_it_is_running(fresh: Callable[[], Path]) -> None:
    """Before the first observation there is a run, with metadata."""
    writer = RunWriter(fresh(), METADATA)
    run = load_run(writer.folder)
    assert (run.status, len(run)) == ("running", 0)
    assert replace(run.metadata, anchor=None) == METADATA
    writer.close()


def test_a_run_is_never_written_over(written: Callable[..., Path]) -> None:
    """A folder with something in it is refused, by name."""
    folder = written(observe(0))
    with pytest.raises(RunError, match=f"{folder}: is not empty"):
        RunWriter(folder, METADATA)


def test_an_old_observation_is_on_disk_after_a_tick(fresh: Callable[[], Path]) -> None:
    """No observation waits longer than the interval when the next one is slow to come."""
    writer = RunWriter(fresh(), METADATA, interval_s=0.0)
    writer._observations.append(observe(0))
    writer.tick()
    assert len(load_run(writer.folder)) == 1
    writer.close()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """A file in the way is an error that says where."""
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="file/run: cannot be written"):
        RunWriter(tmp_path / "file" / "run", METADATA)


def test_a_look_taken_while_others_are_written_is_not_lost(tmp_path: Path) -> None:
    """The collector comes at any moment, and its pause goes with the next write."""

    class Disturbed(HealthSample):
        """A look during whose reading another one is taken."""

        def __getattribute__(self, name: str) -> object:
            if name == "value_ns":
                writer.add_health(HealthSample("gc_pause", 2, 3))
            return super().__getattribute__(name)

    with RunWriter(tmp_path / "run", METADATA, epoch_ns=0) as writer:
        writer.add_health(Disturbed("loop_lag", 1, 1))
        writer.flush()
    kinds = load_run(tmp_path / "run").health.column("kind").to_pylist()
    assert kinds == ["loop_lag", "gc_pause"]
