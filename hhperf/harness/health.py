"""The generator watched while it measures: event-loop lag, processor time, garbage collection.

The machine it runs on is watched too, by the stall clock.

Collection stays on, as it is in the service under study. What is alive when measuring starts (the
log, the plan, the modules) is frozen, so that no collection goes through it again.
"""

import asyncio
import gc
from bisect import bisect_left
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from time import perf_counter_ns, process_time_ns
from typing import Any, Protocol

from tqdm import tqdm

from hhperf.errors import RunError
from hhperf.harness.stall_clock import watch_machine
from hhperf.harness.stall_notes import StallNotes
from hhperf.runs.observation import HealthSample

SAMPLE_EVERY_S = 0.05
SHORTEST_PAUSE_NS = 100_000

Record = Callable[[HealthSample], None]


class HealthWriter(Protocol):
    """Where samples go."""

    def add_health(self, sample: HealthSample) -> None:
        """Take in a look at the generator."""

    def tick(self) -> None:
        """Called after each look at the event loop."""


class Watch:
    """What has been seen so far of a generator and its machine.

    Args:
        writer: where it goes.
        pauses: of the garbage collector.
        stalls: told those of the machine; None where nobody asks for them.
    """

    def __init__(self, writer: HealthWriter, pauses: "GcPauses", stalls: StallNotes | None) -> None:
        self._writer = writer
        self.pauses = pauses
        self._stalls = stalls

    def note(self, sample: HealthSample) -> None:
        """Take in what the stall clock says."""
        self._writer.add_health(sample)
        if sample.kind == "stall" and self._stalls is not None:
            self._stalls.note(sample.at_ns, sample.value_ns)


@asynccontextmanager
async def watched(
    writer: HealthWriter,
    bar: "tqdm[Any] | None" = None,
    *,
    every_s: float = SAMPLE_EVERY_S,
    pauses: "GcPauses | None" = None,
    stalls: StallNotes | None = None,
    machine: str | None = None,
) -> AsyncIterator[Watch]:
    """Record the health of generator and machine into the run, and keep its disk copy fresh.

    Gives what has been seen so far, to be asked which requests it hit.

    Args:
        writer: where samples go; its `tick` is called at each sample.
        bar: says what the machine has lost so far; None to say nothing.
        every_s: the time between two looks at the event loop, in whole milliseconds: epoll rounds
            up to them, which would look like lag.
        pauses: what to collect pauses in; a new one when None.
        stalls: told those of the machine; None where nobody asks for them.
        machine: a name that the generators of a run have in common, so that one on each machine
            watches it; None for a generator that is alone.
    """
    pauses = pauses or GcPauses(writer.add_health)
    gc.collect()
    gc.freeze()
    gc.callbacks.append(pauses)
    watch = Watch(writer, pauses, stalls)
    begun = asyncio.Event()
    watching = [
        asyncio.create_task(_sample_loop(writer, every_s)),
        asyncio.create_task(watch_machine(watch.note, begun, _telling(bar), machine)),
    ]
    try:
        await begun.wait()
        if watching[1].done():  # it could not begin, which is better told before than after
            watching[1].result()
        yield watch
    finally:
        for each in watching:
            each.cancel()
        gc.callbacks.remove(pauses)
        gc.unfreeze()
        for failure in await asyncio.gather(*watching, return_exceptions=True):
            # A write that failed there fails again in the writer, where the caller sees it.
            if isinstance(failure, Exception) and not isinstance(failure, RunError):
                raise failure


def _telling(bar: "tqdm[Any] | None") -> Callable[[str], object]:
    return partial(bar.set_postfix_str, refresh=False) if bar is not None else _nobody_asked


def _nobody_asked(_: str) -> None:
    pass


class GcPauses:
    """A `gc.callbacks` entry that records each collection of 0.1 ms or more."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._began_ns = 0
        self._begins: list[int] = []
        self._ends: list[int] = []
        self._paused_before: list[int] = [0]

    def add(self, begin_ns: int, end_ns: int) -> None:
        """Remember a pause that is later than those before it."""
        self._begins.append(begin_ns)
        self._ends.append(end_ns)
        self._paused_before.append(self._paused_before[-1] + end_ns - begin_ns)

    def within_ns(self, start_ns: int, end_ns: int) -> int:
        """How long collections ran between two points in time, both in the past."""
        return self._paused_until(end_ns) - self._paused_until(start_ns)

    def _paused_until(self, at_ns: int) -> int:
        begun = bisect_left(self._begins, at_ns)
        under_way = begun and self._ends[begun - 1] > at_ns
        return self._paused_before[begun] - (self._ends[begun - 1] - at_ns if under_way else 0)

    def __call__(self, phase: str, _: Mapping[str, int]) -> None:
        """Called by the collector at the `start` and the `stop` of each collection."""
        now_ns = perf_counter_ns()
        if phase == "start":
            self._began_ns = now_ns
        elif self._began_ns and now_ns - self._began_ns >= SHORTEST_PAUSE_NS:
            self._record(HealthSample("gc_pause", self._began_ns, now_ns - self._began_ns))
            self.add(self._began_ns, now_ns)


async def _sample_loop(writer: HealthWriter, every_s: float) -> None:
    every_ns, used_ns = round(every_s * 1e9), process_time_ns()
    while True:
        asleep_ns = perf_counter_ns()
        await asyncio.sleep(every_s)
        awake_ns, before_ns, used_ns = perf_counter_ns(), used_ns, process_time_ns()
        lag_ns = max(0, awake_ns - asleep_ns - every_ns)
        writer.add_health(HealthSample("loop_lag", asleep_ns + every_ns, lag_ns))
        writer.add_health(HealthSample("cpu", awake_ns, used_ns - before_ns))
        writer.tick()
