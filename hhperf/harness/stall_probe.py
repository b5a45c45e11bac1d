"""A look at one processor core every 1.5 milliseconds: how late does it wake?

Run as a program of its own, one a core, without the rest of the package: what holds up the
generator must not hold up this. A line on stdout says what was seen: kind, core, the point in time
on the monotonic clock, and how long, both in nanoseconds. A `stall` runs from the last sign of
life to the next. The kernel's own accounts stand beside it, as what was added since the last look:
`steal` (time the hypervisor gave to others), `pressure` (time in which a task waited for a core)
and `throttled` (time that a quota took from this group of processes). Pressure and throttling come
of the load itself: they are told, never taken for stalls.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

EVERY_S = 0.0015
SHORTEST_NS = 5_000_000
"""Waking later than this is told; busy cores alone are late by up to some milliseconds."""

LOOK_NS = 1_000_000_000
"""Between two looks at the kernel's accounts, and at whether anybody still listens."""

Account = Callable[[], int]
"""The kernel's running total in nanoseconds."""


def watch(core: int, parent: int, tell: Callable[[str, int, int], None]) -> None:
    """Look until the parent has gone.

    Args:
        core: the core to keep to.
        parent: the process to look for.
        tell: given kind, beginning and length, in nanoseconds.
    """
    sleep, clock = time.sleep, time.perf_counter_ns
    accounts = dict(_accounts(core))
    totals = {kind: read() for kind, read in accounts.items()}
    tell("watched", clock(), SHORTEST_NS)
    alive_ns = clock()
    look_ns = alive_ns + LOOK_NS
    while True:
        sleep(EVERY_S)
        now_ns = clock()
        late = now_ns - alive_ns >= SHORTEST_NS
        if late:
            tell("stall", alive_ns, now_ns - alive_ns)
        if now_ns >= look_ns:
            if os.getppid() != parent:
                return
            for kind, read in accounts.items():
                before_ns, totals[kind] = totals[kind], read()
                tell(kind, now_ns, totals[kind] - before_ns)
            look_ns = now_ns + LOOK_NS
        alive_ns = clock() if late else now_ns


def _accounts(core: int) -> Iterator[tuple[str, Account]]:
    """The accounts that this kernel keeps; those of the whole machine are read on one core."""
    candidates: dict[str, Account] = {"steal": partial(_steal_ns, core)}
    if core == min(os.sched_getaffinity(os.getppid())):
        candidates |= {"pressure": _pressure_ns, "throttled": _throttled_ns}
    for kind, read in candidates.items():
        with suppress(OSError, ValueError, StopIteration):
            read()
            yield kind, read


def _steal_ns(core: int) -> int:
    """The eighth figure of the core's line, in ticks."""
    lines = Path("/proc/stat").read_text(encoding="ascii").splitlines()
    figures = next(line for line in lines if line.startswith(f"cpu{core} ")).split()
    return int(figures[8]) * 1_000_000_000 // os.sysconf("SC_CLK_TCK")


def _pressure_ns() -> int:
    """The total of `some avg10=... total=MICROSECONDS`."""
    first = Path("/proc/pressure/cpu").read_text(encoding="ascii").splitlines()[0]
    return int(first.rpartition("=")[2]) * 1_000


def _throttled_ns() -> int:
    """Of this process's own control group, by either version of them."""
    for line in Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines():
        _, controllers, path = line.split(":", 2)
        if not controllers:
            stat, name, unit = Path(f"/sys/fs/cgroup{path}/cpu.stat"), "throttled_usec", 1_000
        elif "cpu" in controllers.split(","):
            stat, name, unit = (
                Path(f"/sys/fs/cgroup/{controllers}{path}/cpu.stat"),
                "throttled_time",
                1,
            )
        else:
            continue
        with suppress(OSError):
            told = dict(each.split() for each in stat.read_text(encoding="ascii").splitlines())
            if name in told:
                return int(told[name]) * unit
    raise ValueError("no account of a quota")


def _claim(core: int) -> None:
    """Keep to the core, ahead of whatever else runs there where that is allowed.

    What keeps even this from running is no work of this machine's own.
    """
    os.sched_setaffinity(0, {core})
    with suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))


def main() -> None:
    """Watch the core that the command line names, for the parent that it names."""
    core, parent = int(sys.argv[1]), int(sys.argv[2])

    def tell(kind: str, at_ns: int, value_ns: int) -> None:
        os.write(1, b"%s %d %d %d\n" % (kind.encode(), core, at_ns, value_ns))

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupted run still has its end to watch
    _claim(core)
    with suppress(BrokenPipeError):
        watch(core, parent, tell)


if __name__ == "__main__":
    main()
