"""The generator watched while it measures: event-loop lag and garbage collection.

Collection stays on, as it is in the service under study. What is alive when measuring starts (the
log, the plan, the modules) is frozen, so that no collection goes through it again.
"""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from time import perf_counter_ns

from hhperf.runs import HealthSample, RunWriter

SAMPLE_EVERY_S = 0.05
SHORTEST_PAUSE_NS = 100_000

Record = Callable[[HealthSample], None]


@asynccontextmanager
async def watched(writer: RunWriter, every_s: float = SAMPLE_EVERY_S) -> AsyncIterator[None]:
    """Record the generator's health into the run, and keep the run's disk copy fresh.

    Args:
        writer: where samples go; its `tick` is called at each sample.
        every_s: the time between two looks at the event loop, in whole milliseconds: epoll rounds
            up to them, which would look like lag.
    """
    pauses = GcPauses(writer.add_health)
    gc.collect()
    gc.freeze()
    gc.callbacks.append(pauses)
    sampling = asyncio.create_task(_sample_loop(writer, every_s))
    try:
        yield
    finally:
        sampling.cancel()
        gc.callbacks.remove(pauses)
        gc.unfreeze()
        # A write that failed there fails again in the writer, where the caller sees it.
        await asyncio.gather(sampling, return_exceptions=True)


class GcPauses:
    """A `gc.callbacks` entry that records each collection of 0.1 ms or more."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._began_ns = 0

    def __call__(self, phase: str, _: Mapping[str, int]) -> None:
        """Called by the collector at the `start` and the `stop` of each collection."""
        now_ns = perf_counter_ns()
        if phase == "start":
            self._began_ns = now_ns
        elif self._began_ns and now_ns - self._began_ns >= SHORTEST_PAUSE_NS:
            self._record(HealthSample("gc_pause", self._began_ns, now_ns - self._began_ns))


async def _sample_loop(writer: RunWriter, every_s: float) -> None:
    every_ns = round(every_s * 1e9)
    while True:
        asleep_ns = perf_counter_ns()
        await asyncio.sleep(every_s)
        lag_ns = perf_counter_ns() - asleep_ns - every_ns
        writer.add_health(HealthSample("loop_lag", asleep_ns + every_ns, max(0, lag_ns)))
        writer.tick()
