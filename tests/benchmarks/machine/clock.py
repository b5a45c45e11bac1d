"""The stall clock against bursts whose beginnings and ends are known, on idle and on busy cores.

Run `python -m tests.benchmarks.machine.clock [SECONDS]`, as root. Says what share of the bursts
over 10 ms is found, how far off their beginnings and ends are, what is found that was none, and
what a probe takes of its core.
"""

import asyncio
import multiprocessing
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import psutil

from hhperf.harness import stall_probe
from hhperf.harness.stall_clock import stall_clock
from hhperf.runs.observation import HealthSample
from hhperf.runs.stalls import FLOOR_S
from tests.benchmarks.harness.tools import say
from tests.benchmarks.machine.neighbour import Burst, Neighbour, Truth, noisy

SETTINGS = (None, Neighbour(0.06, 0.06), Neighbour(0.2, 0.06), Neighbour(0.2, 0.4, "apart"))


@dataclass(frozen=True, slots=True)
class Watched:
    """What the clock saw, on the monotonic clock, and what a probe took of its core."""

    stalls: dict[int, list[Burst]]
    span_ns: Burst
    taken: float


def main(seconds: float) -> None:
    """A line for each setting."""
    say(f"{'':<46}{'bursts':>7}{'found':>7}{'start, ms':>16}{'end, ms':>16}{'none':>6}{'took':>7}")
    for neighbour in SETTINGS:
        for busy in (False, True):
            with busy_cores(busy), noisy(neighbour) as truth:
                watched = asyncio.run(watch(seconds))
            _report(f"{neighbour or 'quiet'}{', busy' if busy else ''}", watched, truth)


async def watch(seconds: float) -> Watched:
    """Run the clock for a while."""
    seen: list[HealthSample] = []
    async with stall_clock(seen.append) as clock:
        probes = [each for each in psutil.Process().children() if _is_probe(each)]
        await asyncio.sleep(seconds)
        clock.read()
        taken = [sum(each.cpu_times()[:2]) / seconds for each in probes]
    stalls: dict[int, list[Burst]] = {core: [] for core in os.sched_getaffinity(0)}
    for each in seen:
        if each.kind == "stall" and each.value_ns >= 1e9 * FLOOR_S and each.core is not None:
            stalls[each.core].append((each.at_ns, each.at_ns + each.value_ns))
    begun = max(each.at_ns for each in seen if each.kind == "watched")
    return Watched(stalls, (begun, max(each.at_ns for each in seen)), max(taken))


@contextmanager
def busy_cores(busy: bool) -> Iterator[None]:
    """Compute on every core twice over, as arms do, until the block is left."""
    context = multiprocessing.get_context("fork")
    crew = [context.Process(target=_compute, daemon=True) for _ in range(2 * (os.cpu_count() or 1))]
    for each in crew if busy else ():
        each.start()
    try:
        yield
    finally:
        for each in crew if busy else ():
            each.kill()
            each.join()


def _compute() -> None:
    while True:
        sum(range(10_000))


def _is_probe(process: psutil.Process) -> bool:
    return stall_probe.__file__ in process.cmdline()


def _report(name: str, watched: Watched, truth: Truth) -> None:
    first_ns, last_ns = watched.span_ns
    bursts, starts, ends, unknown = 0, [], [], 0
    for core, seen in watched.stalls.items():
        all_ = truth.bursts.get(core, [])
        for begin, end in all_:
            if end - begin < 1e9 * FLOOR_S or begin < first_ns or end > last_ns:
                continue
            bursts += 1
            met = [each for each in seen if each[0] < end and each[1] > begin]
            if met:
                starts.append((met[0][0] - begin) / 1e6)
                ends.append((met[-1][1] - end) / 1e6)
        unknown += sum(not any(a < end and b > begin for begin, end in all_) for a, b in seen)
    found = f"{len(starts) / bursts:.1%}" if bursts else "–"
    off = [_between(each) for each in (starts, ends)]
    say(f"{name:<46}{bursts:>7}{found:>7}{off[0]:>16}{off[1]:>16}{unknown:>6}{watched.taken:>7.1%}")


def _between(off_ms: list[float]) -> str:
    """Where 99 of 100 lie."""
    if not off_ms:
        return "–"
    low, high = np.quantile(off_ms, [0.005, 0.995])
    return f"{low:+.1f} to {high:+.1f}"


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 60.0)
