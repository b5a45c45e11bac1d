"""How long a schedule takes when nothing but its stages takes time."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hhperf.errors import SampleError

Floats = NDArray[np.float64]
Waits = Mapping[str, Sequence[str]]
"""For each stage the stages that it waits for."""


def critical_path(durations: Mapping[str, ArrayLike], waits: Waits) -> Floats:
    """The longest chain of stages that wait for each other: no run of the schedule is shorter.

    Args:
        durations: each stage's own time, shape (n,) or a number; a stage that is absent takes 0.
        waits: the schedule: for each stage the stages it waits for.

    Returns:
        One length for each of the n runs, in the durations' unit; shape (n,).

    Raises:
        SampleError: stages wait for each other in a circle.

    Source: Kelley and Walker, Critical-path planning and scheduling, 1959.
    """
    return _longest(list(stage_ends(durations, waits).values()))


def stage_ends(durations: Mapping[str, ArrayLike], waits: Waits) -> dict[str, Floats]:
    """When each stage ends that starts as soon as all it waits for has ended.

    Args:
        durations: each stage's own time, shape (n,) or a number; a stage that is absent takes 0.
        waits: the schedule: for each stage the stages it waits for.

    Returns:
        By stage, shape (n,) or (1,), in the durations' unit, since the first could begin.

    Raises:
        SampleError: stages wait for each other in a circle.
    """
    ends: dict[str, Floats] = {}
    left = dict(waits)
    while left:
        ready = [stage for stage, before in left.items() if all(each in ends for each in before)]
        if not ready:
            raise SampleError(f"the stages {', '.join(left)} wait for each other in a circle")
        for stage in ready:
            ends[stage] = _latest(ends, left.pop(stage)) + _duration(durations, stage)
    return ends


def _latest(ends: Mapping[str, Floats], stages: Sequence[str]) -> Floats:
    if not stages:
        return np.zeros(1)
    return _longest([ends[stage] for stage in stages])


def _longest(times: Sequence[Floats]) -> Floats:
    longest: Floats = np.max(np.broadcast_arrays(*times), axis=0)
    return longest


def _duration(durations: Mapping[str, ArrayLike], stage: str) -> Floats:
    return np.atleast_1d(np.asarray(durations.get(stage, 0.0), dtype=np.float64))
