"""A noisy neighbour made on purpose: every core loses a share of its time, in bursts.

A process a core, ahead of all others (which takes root), computes through its bursts. Gaps are
exponential and bursts lognormal, as seen on shared machines; when each really began and ended is
kept, to hold the stall clock against.
"""

import math
import multiprocessing
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from typing import Literal

import numpy as np

SPREAD = 0.8
"""Standard deviation of the logarithm of a burst."""

PRIORITY = 30
NAP_S = 0.1

Cores = Literal["together", "apart"]
Burst = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """How noisy it is.

    Attributes:
        share: of each core's time that it takes, in 0..1.
        burst_s: the mean length of a burst.
        cores: whether all stand still at once, as a paused machine does, or each on its own.
        seed: of gaps and bursts.
    """

    share: float
    burst_s: float
    cores: Cores = "together"
    seed: int = 0

    def __str__(self) -> str:
        return f"{self.share:.0%} in {1e3 * self.burst_s:.0f} ms bursts, cores {self.cores}"


@dataclass(slots=True)
class Truth:
    """What it did, when the block has been left: each core's bursts, on the monotonic clock."""

    bursts: dict[int, list[Burst]] = field(default_factory=dict)


@contextmanager
def noisy(neighbour: Neighbour | None) -> Iterator[Truth]:
    """Let it make noise until the block is left; a quiet machine for None.

    Raises:
        PermissionError: this process may not put anything ahead of others.
    """
    truth = Truth()
    if neighbour is None:
        yield truth
        return
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))  # tried here, where it can be told
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    context = multiprocessing.get_context("fork")
    stop, begin_ns = context.Event(), time.monotonic_ns() + 200_000_000
    pipes: dict[int, Connection] = {}
    for core in sorted(os.sched_getaffinity(0)):
        pipes[core], theirs = context.Pipe()
        arguments = (neighbour, core, begin_ns, stop, theirs)
        context.Process(target=_make_noise, args=arguments, daemon=True).start()
    try:
        yield truth
    finally:
        stop.set()
        truth.bursts = {core: pipe.recv() for core, pipe in pipes.items()}


def _make_noise(
    neighbour: Neighbour, core: int, begin_ns: int, stop: Event, out: Connection
) -> None:
    os.sched_setaffinity(0, {core})
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(PRIORITY))
    done = []
    for at_ns, until_ns in _bursts(neighbour, core, begin_ns):
        while (left_s := (at_ns - time.monotonic_ns()) / 1e9) > 0 and not stop.is_set():
            time.sleep(min(left_s, NAP_S))
        if stop.is_set():
            break
        began_ns = time.monotonic_ns()
        while time.monotonic_ns() < until_ns:
            pass
        done.append((began_ns, time.monotonic_ns()))
    out.send(done)


def _bursts(neighbour: Neighbour, core: int, begin_ns: int) -> Iterator[Burst]:
    """When each begins and ends, without end."""
    own = core if neighbour.cores == "apart" else 0
    rng = np.random.default_rng([neighbour.seed, own])
    gap_s = neighbour.burst_s * (1 - neighbour.share) / neighbour.share
    centre = math.log(neighbour.burst_s) - SPREAD**2 / 2
    at_ns = float(begin_ns)
    while True:
        at_ns += 1e9 * rng.exponential(gap_s)
        length_ns = 1e9 * min(rng.lognormal(centre, SPREAD), 8 * neighbour.burst_s)
        yield round(at_ns), round(at_ns + length_ns)
        at_ns += length_ns
