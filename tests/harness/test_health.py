"""Watching the generator."""

import asyncio
import gc
import time
from pathlib import Path

import pytest

from hhperf.harness.health import GcPauses, watched
from hhperf.runs.observation import HealthSample
from hhperf.runs.run import load_run
from hhperf.runs.writer import RunWriter
from tests.runs.conftest import METADATA, observe


async def test_a_blocked_loop_shows_as_lag(tmp_path: Path) -> None:
    """A call that blocks for 60 ms delays a sample by most of it."""
    with RunWriter(tmp_path / "run", METADATA) as writer:
        async with watched(writer, every_s=0.01):
            await asyncio.sleep(0.002)
            time.sleep(0.06)  # noqa: ASYNC251  blocking is the point
            await asyncio.sleep(0.02)
    health = load_run(writer.folder).health.to_pandas()
    assert health[health["kind"] == "loop_lag"]["value_ns"].max() >= 40_000_000


async def test_watching_puts_old_observations_on_disk(tmp_path: Path) -> None:
    """Also while a slow request keeps the next one from coming."""
    with RunWriter(tmp_path / "run", METADATA, interval_s=0.03) as writer:
        async with watched(writer, every_s=0.01):
            writer.add(observe(0))
            await asyncio.sleep(0.2)
            assert len(load_run(writer.folder)) == 1


async def test_a_watch_that_breaks_is_told() -> None:
    """A run without the looks at its generator would pass for a sound one."""

    class Broken:
        def add_health(self, sample: HealthSample) -> None:
            raise ValueError("a defect")

        def tick(self) -> None: ...

    with pytest.raises(ValueError, match="a defect"):
        async with watched(Broken(), every_s=0.01):
            await asyncio.sleep(0.05)


async def test_a_stall_clock_that_cannot_begin_is_told_before_anything_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an hour's run it would be too late."""
    monkeypatch.setattr("hhperf.harness.stall_clock.sys.executable", str(tmp_path / "gone"))
    with RunWriter(tmp_path / "run", METADATA) as writer:
        watching = watched(writer)
        with pytest.raises(FileNotFoundError):
            await watching.__aenter__()


async def test_the_collector_is_left_as_it_was(tmp_path: Path) -> None:
    """Neither callbacks nor frozen objects stay behind."""
    before = list(gc.callbacks)
    with RunWriter(tmp_path / "run", METADATA) as writer:
        async with watched(writer):
            assert gc.isenabled()
            assert gc.get_freeze_count() > 0
    assert gc.callbacks == before
    assert gc.get_freeze_count() == 0


def test_long_collections_are_recorded() -> None:
    """A collection of a large heap takes longer than 0.1 ms."""
    samples: list[HealthSample] = []
    pauses = GcPauses(samples.append)
    heap = [[number] for number in range(200_000)]
    gc.callbacks.append(pauses)
    gc.collect()
    gc.callbacks.remove(pauses)
    assert len(heap) == 200_000
    assert samples[0].kind == "gc_pause"
    assert samples[0].value_ns >= 100_000


@pytest.mark.parametrize(
    ("start", "end", "within"), [(0, 5, 0), (0, 15, 5), (12, 18, 6), (15, 45, 10), (41, 60, 0)]
)
def test_pauses_are_shared_out_to_the_requests_they_hit(start: int, end: int, within: int) -> None:
    """Only as far as they overlap."""
    pauses = GcPauses(lambda sample: None)
    pauses.add(10, 20)
    pauses.add(30, 35)
    assert pauses.within_ns(start, end) == within


async def test_processor_time_is_sampled(tmp_path: Path) -> None:
    """What was used since the sample before."""
    with RunWriter(tmp_path / "run", METADATA) as writer:
        async with watched(writer, every_s=0.01):
            await asyncio.sleep(0.005)
            until = time.process_time() + 0.05
            while time.process_time() < until:
                pass
            await asyncio.sleep(0.03)
    health = load_run(writer.folder).health.to_pandas()
    assert health[health["kind"] == "cpu"]["value_ns"].max() >= 45_000_000
