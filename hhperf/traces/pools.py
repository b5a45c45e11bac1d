"""Pools of connections, as a team names them: how large each is, and which steps take one of it.

OpenTelemetry tells a pool's size by metrics (`db.client.connection.max`), never by spans: so it is
said, on the command line or in the file `steps.toml` beside the imported traces.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from hhperf.errors import TraceError, unknown
from hhperf.traces.calls import NONE, Ints
from hhperf.traces.declared import base_name, places

LARGEST = 100_000
_SAID = re.compile(r"(?P<name>[^=]+)=(?P<size>\d+):(?P<steps>.+)")


@dataclass(frozen=True, slots=True)
class Pool:
    """Connections of one process, which steps wait for; first come, first served.

    Attributes:
        name: what it is called.
        size: how many connections each process has.
        steps: the names of those that hold one from having got it to their end.
        waits: names of spans that wait for one, beside those that are known (`waiting.py`).
    """

    name: str
    size: int
    steps: tuple[str, ...]
    waits: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.size <= LARGEST:
            raise TraceError(f"pool {self.name}: its size {self.size} must be 1 to {LARGEST:,}")
        if not self.steps:
            raise TraceError(f"pool {self.name}: name the steps that take a connection of it")

    def __str__(self) -> str:
        return f"{self.name} ({self.size:,} for {', '.join(self.steps)})"


def parse_pools(given: Iterable["str | Pool"]) -> tuple[Pool, ...]:
    """What the command line says: `database=4:vector,text`.

    Raises:
        TraceError: it says something else.
    """
    return tuple(each if isinstance(each, Pool) else _parsed(each) for each in given)


def joined(filed: Iterable[Pool], said: Iterable[Pool]) -> tuple[Pool, ...]:
    """Those of a file, and those said besides, which replace the ones of their name."""
    return tuple({each.name: each for each in (*filed, *said)}.values())


def pool_of_steps(pools: Sequence[Pool], names: Sequence[str]) -> Ints:
    """Of each step the place of its pool among the pools, -1 for none; shape (s,).

    Raises:
        TraceError: a pool names a step that there is not, or two pools name one step.
    """
    found = np.full(len(names), NONE, dtype=np.int64)
    for number, pool in enumerate(pools):
        for step in pool.steps:
            mine = places(step, names)
            if not mine:
                raise TraceError(f"pool {pool.name}: no step {step!r}; {unknown(step, names)}")
            taken = [other for other in found[mine] if other not in (NONE, number)]
            if taken:
                both = f"{pools[taken[0]].name} and {pool.name}"
                raise TraceError(f"step {step!r} is in two pools: {both}")
            found[mine] = number
    return found


def of_operation(pools: Iterable[Pool], names: Sequence[str]) -> tuple[Pool, ...]:
    """The pools of a file, which is of all operations, that steps of this one take part in."""
    known = {*names, *map(base_name, names)}
    return tuple(each for each in pools if not known.isdisjoint(each.steps))


def _parsed(text: str) -> Pool:
    said = _SAID.fullmatch(text.strip())
    steps = tuple(filter(None, map(str.strip, said["steps"].split(",")))) if said else ()
    if said is None or not steps:
        raise TraceError(f"--pool {text}: say NAME=SIZE:STEPS, such as database=4:vector,text")
    return Pool(said["name"].strip(), int(said["size"]), steps)
