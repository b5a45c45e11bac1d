"""Which stages decide how long requests take: critical paths, slack, what a millisecond off saves.

A stage is on a request's critical path when any delay of it delays the answer; its slack is by how
much it may last longer without that.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from hhperf.forecast.taken_apart import Floats, Requests, ends, lasting, latencies
from hhperf.search.schedule import in_running_order
from hhperf.shown import Displayed

ALIKE_S = 1e-9
"""Slack that is rounding."""
AROUND = 0.05
"""Of all requests, on each side of the median."""
SLOWEST = 0.05
MILLISECOND = 1e-3


@dataclass(frozen=True, slots=True)
class DecisiveStage:
    """What one stage decides.

    Attributes:
        around_p50: in which share of the requests around the median latency it is critical.
        among_slowest: the same of the slowest 5%.
        slack_s: its median slack, seconds; 0 where it is critical in most.
        gain_p50: how many milliseconds the median loses by a millisecond off the stage.
        gain_p95: the same of the 95th percentile.
    """

    around_p50: float
    among_slowest: float
    slack_s: float
    gain_p50: float
    gain_p95: float


@dataclass(frozen=True, slots=True)
class Decisive(Displayed):
    """Which stages decide, under one schedule and without a load.

    Attributes:
        schedule: of the stages.
        requests: how many it was worked out from.
        stages: those that ran, in the order in which they can.
    """

    schedule: str
    requests: int
    stages: Mapping[str, DecisiveStage]

    def __repr__(self) -> str:
        most = max(self.stages, key=lambda name: self.stages[name].gain_p95)
        return f"Decisive({self.schedule}: at p95 most of all {most})"


def slack(requests: Requests) -> dict[str, Floats]:
    """By how much each stage of each request may last longer, shape (n,), seconds.

    Source: Kelley and Walker, Critical-path planning and scheduling, 1959: the latest time at which
    a stage may end less that at which it ends.
    """
    waits = requests.schedule.waits
    ended = ends(requests)
    last: Floats = np.maximum.reduce(list(ended.values()))
    latest = dict.fromkeys(ended, last)
    for stage in reversed(in_running_order(waits)):
        part = requests.parts.get(stage)
        begins = latest[stage] - (0.0 if part is None else lasting(part))
        for before in waits[stage]:
            latest[before] = np.minimum(latest[before], begins)
    return {name: latest[name] - ended[name] for name in ended if name in requests.parts}


def decisive(requests: Requests) -> Decisive:
    """Which stages decide, for requests taken apart, in their schedule's order."""
    taken = latencies(requests)
    order = np.argsort(taken, kind="stable")
    n = len(order)
    middle = order[int(n * (0.5 - AROUND)) : ceil(n * (0.5 + AROUND))]
    slowest = order[min(int(n * (1 - SLOWEST)), n - 1) :]
    stages = {
        name: DecisiveStage(
            around_p50=_critical(spare, requests, name, middle),
            among_slowest=_critical(spare, requests, name, slowest),
            slack_s=float(np.median(np.maximum(spare, 0.0))),
            gain_p50=_gain(requests, name, taken, 0.5),
            gain_p95=_gain(requests, name, taken, 0.95),
        )
        for name, spare in slack(requests).items()
    }
    return Decisive(requests.schedule.name, n, stages)


def _critical(spare: Floats, requests: Requests, stage: str, some: NDArray[np.intp]) -> float:
    ran = requests.parts[stage].ran
    return float(np.mean((spare[some] < ALIKE_S) & ran[some]))


def _gain(requests: Requests, stage: str, taken: Floats, q: float) -> float:
    """By the same quantile of the same requests with the stage a millisecond shorter."""
    part = requests.parts[stage]
    shorter = part.lasting(np.maximum(part.own - MILLISECOND, 0.0))
    quicker = latencies(requests.with_parts(**{stage: shorter}))
    return float((np.quantile(taken, q) - np.quantile(quicker, q)) / MILLISECOND)
