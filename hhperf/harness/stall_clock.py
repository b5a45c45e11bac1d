"""The stall clock: a probe on every core says when this machine stood still.

A virtual machine loses time to its neighbours, in bursts in which nothing runs. Which requests met
one decides what their latencies are worth, so every run records them.
"""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from time import perf_counter_ns
from typing import NoReturn

from hhperf.harness import stall_probe
from hhperf.runs.observation import HealthSample
from hhperf.runs.stalls import FLOOR_S

READY_WITHIN_S = 5.0
LAST_WORDS_S = 0.005
READ_EVERY_S = 0.1
TAKE_OVER_S = 1.0
_PIPE_BYTES = 65_536

Record = Callable[[HealthSample], None]


class StallClock:
    """Takes in what the probes say; made by `stall_clock`.

    Args:
        record: where each look goes.
    """

    def __init__(self, record: Record) -> None:
        self._record = record
        self._ours, self._theirs = os.pipe()
        os.set_blocking(self._ours, False)
        self._begun: list[bytes] = []
        self._cores: set[int] = set()
        self._began_ns = perf_counter_ns()
        self._stalled_ns = 0
        self.longest_ns = 0

    @property
    def lost(self) -> float:
        """The share of the cores' time so far that stalls took, in 0..1."""
        watched_ns = (perf_counter_ns() - self._began_ns) * max(len(self._cores), 1)
        return self._stalled_ns / watched_ns

    def in_words(self) -> str:
        """What a machine that goes on measuring has lost; empty when that is nothing."""
        if not self._stalled_ns:
            return ""
        return f"this machine lost {self.lost:.1%} so far, {self.longest_ns / 1e6:.0f} ms at most"

    def read(self) -> None:
        """Take in what has been said since."""
        while data := self._available():
            *lines, rest = (b"".join(self._begun) + data).split(b"\n")
            self._begun = [rest]
            for line in lines:
                self._take_in(line.decode("ascii"))

    def _available(self) -> bytes:
        try:
            return os.read(self._ours, _PIPE_BYTES)
        except BlockingIOError:
            return b""

    def _take_in(self, line: str) -> None:
        kind, core, at_ns, value_ns = line.split()
        self._record(HealthSample(kind, int(at_ns), int(value_ns), core=int(core)))
        if kind == "watched":
            self._cores.add(int(core))
        elif kind == "stall" and int(value_ns) >= FLOOR_S * 1e9:
            self._stalled_ns += int(value_ns)
            self.longest_ns = max(self.longest_ns, int(value_ns))

    @contextmanager
    def probing(self) -> Iterator[None]:
        """Run the probes until the block is left."""
        with ExitStack() as stack:
            stack.callback(os.close, self._ours)
            stack.callback(self.read)
            try:
                for core in sorted(_cores()):
                    stack.enter_context(_probe(core, self._theirs))
            finally:
                os.close(self._theirs)
            yield

    async def ready(self) -> None:
        """Wait until every probe looks at its core, or does not come."""
        until_ns = perf_counter_ns() + round(READY_WITHIN_S * 1e9)
        while len(self._cores) < len(_cores()) and perf_counter_ns() < until_ns:
            await asyncio.sleep(0.005)
            self.read()
        self._began_ns = perf_counter_ns()


@asynccontextmanager
async def stall_clock(record: Record) -> AsyncIterator[StallClock]:
    """A clock that is running, until the block is left.

    Args:
        record: where each look goes; called by `StallClock.read`.
    """
    clock = StallClock(record)
    with clock.probing():
        await clock.ready()
        try:
            yield clock
        finally:
            await asyncio.sleep(LAST_WORDS_S)  # a stall is told of when it is over


async def watch_machine(
    record: Record, begun: asyncio.Event, say: Callable[[str], object], name: str | None
) -> None:
    """Run the stall clock until cancelled, unless another generator of this machine does.

    Should that one end, this one takes over.

    Args:
        record: where each look goes.
        begun: set when the machine is watched.
        say: told now and then, in words, what the machine has lost so far.
        name: what the generators of a run have in common; None for one that is alone.
    """
    try:
        while True:
            with only_one(name) as is_mine:
                if is_mine:
                    await _read_on(record, begun, say)
            begun.set()
            await asyncio.sleep(TAKE_OVER_S)
    finally:
        begun.set()


async def _read_on(record: Record, begun: asyncio.Event, say: Callable[[str], object]) -> NoReturn:
    async with stall_clock(record) as clock:
        begun.set()
        while True:
            await asyncio.sleep(READ_EVERY_S)
            clock.read()
            say(clock.in_words())


@contextmanager
def only_one(name: str | None) -> Iterator[bool]:
    """Whether this process is the only one of its machine that is in a block of this name.

    The name is held by a socket that the kernel closes with the process, whatever ends it.
    """
    if name is None:
        yield True
        return
    with socket.socket(socket.AF_UNIX) as held:
        try:
            held.bind(f"\0{name}")
        except OSError:
            yield False
        else:
            yield True


def _cores() -> frozenset[int]:
    """Those that this process may run on; none where the system has no such thing to keep to."""
    return frozenset(os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else ())


@contextmanager
def _probe(core: int, out: int) -> Iterator[None]:
    command = [sys.executable, "-I", "-S", stall_probe.__file__, str(core), str(os.getpid())]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield
        finally:
            process.kill()
