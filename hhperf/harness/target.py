"""What the harness sends requests to, and what comes back."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import blake2b
from time import perf_counter_ns
from typing import Any, Protocol, runtime_checkable

from hhperf.errors import TargetError
from hhperf.runs.observation import UNKNOWN_COST, CacheLayer, Cost, Span


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
        service_ns: what the service itself says it took in all; None where it does not say.
        excess_ns: by how much its stages take longer than a sum that it tells of them; None where
            it tells none.
        end_ns: when the answer was there, on `time.perf_counter_ns`, if the target still had to
            read it; 0 for when it was given back.
        cost: what the answer took of the database and the processors.
        cache_failures: how often the cache could not be asked or told; None where that is not
            known.

    Example:
        >>> hhperf.Reply(results=(("anna", 0.9), ("ben", 0.4))).results[0]
        ('anna', 0.9)
    """

    results: tuple[tuple[str, float], ...] = ()
    spans: tuple[Span, ...] = ()
    cache_hits: Mapping[CacheLayer, bool] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    service_ns: int | None = None
    excess_ns: int | None = None
    end_ns: int = 0
    cost: Cost = UNKNOWN_COST
    cache_failures: int | None = None


class Target(Protocol):
    """One arm, ready to be sent requests.

    Each target owns all that it could warm for another: connection pool, cache prefix, coalescer.
    It is made for one cache state and keeps to it.

    Example:
        >>> with hhperf.Stack() as stack:  # doctest: +SKIP
        ...     target = hhperf.prepare_arms(stack).targets[hhperf.Arm.CONTROL]
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


@runtime_checkable
class FillsLookups(Protocol):
    """A target that can be asked for what its arm looks up without its results being kept."""

    def for_lookups(self) -> Target | None:
        """What to send each request to once before measuring; None where nothing is wanted."""


@runtime_checkable
class LeavesKeys(Protocol):
    """A target whose requests leave behind what no other request reads."""

    async def tidy(self) -> None:
        """Remove what requests that have ended left; a failure is told, and never raised."""


SCORE_TOLERANCE = 1e-9

Results = Sequence[tuple[str, float]]


def same_results(one: Results, other: Results) -> bool:
    """Whether the ids are equal in order and the scores to 1e-9."""
    return len(one) == len(other) and all(
        left[0] == right[0] and abs(left[1] - right[1]) <= SCORE_TOLERANCE
        for left, right in zip(one, other, strict=True)
    )


def result_digest(results: Results) -> str:
    """Sixteen hexadecimal digits of the ids in order; scores are compared, not hashed."""
    return _hash("\0".join(candidate for candidate, _ in results)).hex()


@cache
def _nothing_found() -> str:
    return _hash("").hex()


def scored_digest(results: Results) -> str:
    """Sixteen hexadecimal digits of the ids in order with their scores to 1e-9.

    For answers that cannot be kept until the other comes; equal answers have equal digests, but for
    one in many thousands that a rounding divides.
    """
    if not results:
        return _nothing_found()
    return _hash("\0".join(f"{candidate}\1{score:.9f}" for candidate, score in results)).hex()


def text_key(body: Mapping[str, Any]) -> int:
    """A signed 64-bit number, equal for equal query texts.

    The text is the query, else the job description, else (an embedding alone) the whole body.
    """
    texts = (str(body.get(name) or "").strip() for name in ("query", "jobDescription"))
    text = next(filter(None, texts), None) or _canonical(body)
    return int.from_bytes(_hash(text), "big", signed=True)


def asks_for(request: Request) -> tuple[str, str]:
    """What makes two requests the same to a cache: tenant and body."""
    return request.tenant, _canonical(request.body)


def _canonical(body: Mapping[str, Any]) -> str:
    return json.dumps(dict(body), sort_keys=True, default=str)


def _hash(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()


Call = Callable[[Request], Awaitable[object]]


class CallableTarget:
    """A target that awaits a callable with each request.

    Args:
        call: given a logged request (`request_id`, `tenant`, `session`, `body`). A `Reply` that it
            returns is recorded with its results and spans, so that results can be compared;
            whatever else it returns counts as an answer without results.
        name: what serves the arm; the callable's own name when None.
    """

    def __init__(self, call: Call, name: str | None = None) -> None:
        self._call = call
        self.name: str = name or str(getattr(call, "__name__", type(call).__name__))

    async def open(self) -> None:
        """Nothing to do: the callable is ready."""

    async def close(self) -> None:
        """Nothing to do: the callable belongs to its caller."""

    async def send(self, request: Request) -> Reply:
        """Answer one request.

        Raises:
            TargetError: the callable's `Reply` has results that cannot be compared.
        """
        answer = await self._call(request)
        end_ns = perf_counter_ns()
        if not isinstance(answer, Reply):
            return _ANSWERED
        _check(answer)  # after the clock was read: checking is no part of the answer's time
        return answer if answer.end_ns or not answer.results else replace(answer, end_ns=end_ns)


_ANSWERED = Reply()


def _check(reply: Reply) -> None:
    for result in reply.results:
        match result:
            case (str(), int() | float()):
                continue
        raise TargetError(f"Reply.results: {result!r} is no pair of an id (text) and a score")
