"""A recorded run of one arm as its requests' parts: what a model of other schedules is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hhperf.search.schedule import Schedule
from hhperf.why.critical_path import stage_ends

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

ON_A_CONNECTION = ("specialty", "vector", "text", "statement", "hydration", "retrieval")
"""The stages that hold a database connection."""


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One stage of every request, in seconds; each shape (n,), 0 where the stage did not run.

    Attributes:
        lead: from when all it waited for had ended until it began.
        before: from its beginning until it asked for a connection; of a stage that asked for none
            all its time.
        wait: for a connection.
        held: from having the connection to its end.
        modelled: the drawn delay that it lasted at least, a part of the above.
    """

    lead: Floats
    before: Floats
    wait: Floats
    held: Floats
    modelled: Floats

    @property
    def own(self) -> Floats:
        """The stage's time when no connection has to be waited for."""
        return self.before + self.held

    @property
    def ran(self) -> NDArray[np.bool_]:
        """In which requests it took any time."""
        return (self.own > 0) | (self.wait > 0)

    def lasting(self, own: Floats) -> "Part":
        """The same stage with another time of its own, shape (n,), and an equal share held."""
        ratio = np.divide(own, self.own, out=np.zeros_like(own), where=self.own > 0)
        held = np.where(self.held > 0, self.held * ratio, 0.0)
        return replace(self, before=np.maximum(own - held, 0.0), held=held)

    def of(self, requests: Integers) -> "Part":
        """Of some requests, as often as they are named."""
        return Part(*(getattr(self, name)[requests] for name in Part.__slots__))


@dataclass(frozen=True, slots=True, eq=False)
class Requests:
    """Requests of one arm, taken apart; arrays have shape (n,), times are in seconds.

    Attributes:
        schedule: what its stages waited for.
        parts: of each stage that ran in any request.
        head: from the start of the request to the first stage.
        tail: from the end of the last stage to the answer.
        looked_up: what asking the cache took; NaN where that is not known.
        ids: the requests' ids in the log.
        texts: numbers, equal for equal query texts: what is resampled as a whole.
    """

    schedule: Schedule
    parts: Mapping[str, Part]
    head: Floats
    tail: Floats
    looked_up: Floats
    ids: tuple[str, ...]
    texts: Integers

    def __len__(self) -> int:
        return len(self.head)

    def of(self, requests: Integers) -> "Requests":
        """Some requests, as often as they are named."""
        return replace(
            self,
            parts={name: part.of(requests) for name, part in self.parts.items()},
            head=self.head[requests],
            tail=self.tail[requests],
            looked_up=self.looked_up[requests],
            ids=tuple(self.ids[each] for each in requests),
            texts=self.texts[requests],
        )

    def ordered(self, schedule: Schedule) -> "Requests":
        """The same stages in another order."""
        return replace(self, schedule=schedule)

    def with_parts(self, **parts: Part) -> "Requests":
        """The same with other times of some stages."""
        return replace(self, parts={**self.parts, **parts})


def latencies(requests: Requests, *, queued: bool = False) -> Floats:
    """How long each request takes when its stages run in their schedule's order, shape (n,).

    The longest chain of stages that wait for each other, each with what went by between the end of
    those before it and its beginning; with what lay before the first and after the last.

    Args:
        requests: taken apart.
        queued: whether the recorded waits for connections are kept; else none is waited for.

    Source: Kelley and Walker, Critical-path planning and scheduling, 1959.
    """
    last: Floats = np.maximum.reduce(list(ends(requests, queued=queued).values()))
    return requests.head + last + requests.tail


def ends(requests: Requests, *, queued: bool = False) -> dict[str, Floats]:
    """When each stage ends, since the first could begin; shape (n,) each."""
    times = {name: lasting(part, queued=queued) for name, part in requests.parts.items()}
    found = stage_ends(times, requests.schedule.waits)
    return {name: np.broadcast_to(each, len(requests)) for name, each in found.items()}


def lasting(part: Part, *, queued: bool = False) -> Floats:
    """What a stage adds to its chain, shape (n,)."""
    return part.lead + part.own + (part.wait if queued else 0.0)
