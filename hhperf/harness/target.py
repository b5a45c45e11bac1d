"""What the harness sends requests to, and what comes back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from hhperf.runs import CacheLayer, Span


class Request(Protocol):
    """One request of a query log, as far as the harness needs it."""

    @property
    def request_id(self) -> str:
        """The id that follows the request."""

    @property
    def tenant(self) -> str:
        """Whose candidates are searched."""

    @property
    def session(self) -> str | None:
        """The session the request came from; None when not known."""

    @property
    def body(self) -> Mapping[str, Any]:
        """The decoded JSON body."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a target answered.

    Attributes:
        results: candidate ids with their scores, in order.
        spans: the stages' own times, on `time.perf_counter_ns`.
        cache_hits: True for a hit, False for a miss; a layer that was not asked is absent.
        missing: stages the search went on without.
        end_ns: when the answer was there, on `time.perf_counter_ns`, if the target still had to
            read it; 0 for when it was given back.
    """

    results: tuple[tuple[str, float], ...] = ()
    spans: tuple[Span, ...] = ()
    cache_hits: Mapping[CacheLayer, bool] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    end_ns: int = 0


class Target(Protocol):
    """One arm, ready to be sent requests.

    Each target owns all that it could warm for another: connection pool, cache prefix, coalescer.
    It is made for one cache state and keeps to it.
    """

    @property
    def name(self) -> str:
        """What serves the arm, such as `sequential`."""

    async def open(self) -> None:
        """Connect; called once before the first request, in the event loop of the replay."""

    async def close(self) -> None:
        """Let go of everything; called once, also when `open` or the replay failed."""

    async def send(self, request: Request) -> Reply:
        """Answer one request; whatever is raised is recorded as the request's outcome."""


@runtime_checkable
class WarmsConnections(Protocol):
    """A target whose connections need warming of their own."""

    async def warm_connections(self) -> None:
        """Run each statement more than five times on each connection, so that plans settle."""


@runtime_checkable
class OwnsParts(Protocol):
    """A target that can tell what it could warm or slow another by."""

    def parts(self) -> Mapping[str, object]:
        """By name: connection pools, coalescers and the like as objects, key prefixes as text."""
