"""What the stages of a search took, and delays that make them last as long as elsewhere."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from time import perf_counter_ns
from typing import Any

from hhperf.search.usage import Usage

DelayOf = Callable[[str, str], float]
"""The least time, in seconds, of a stage (first argument) for a request id (second)."""


def no_delay(_stage: str, _request_id: str) -> float:
    """Nothing is modelled: every stage takes what it takes."""
    return 0.0


@asynccontextmanager
async def lasting(at_least_s: float) -> AsyncIterator[None]:
    """Run the block, then wait until it has lasted `at_least_s`; the work is inside, not added.

    A block that fails is not made to last.
    """
    start = perf_counter_ns()
    yield
    await wait_until(start + round(at_least_s * 1e9))


async def wait_until(deadline_ns: int) -> None:
    """Sleep until the monotonic clock has passed the deadline.

    An event loop's clock is coarser than this one and may wake a sleeper early: look again.
    """
    while (left_ns := deadline_ns - perf_counter_ns()) > 0:  # noqa: ASYNC110
        await asyncio.sleep(left_ns / 1e9)


PRE_SEARCH = ("embedding", "specialty")
RETRIEVAL = ("vector", "text", "statement", "fusion", "hydration")
POOL = "pool"
"""Waiting for a database connection: a part of the stage that waits, not a stage beside it."""


@dataclass(frozen=True, slots=True)
class Span:
    """One stage's own time.

    Attributes:
        stage: the stage's name.
        start_ns: when it began, monotonic.
        end_ns: when it ended.
        modelled_ns: the modelled delay it was made to last at least; 0 when only measured.
    """

    stage: str
    start_ns: int
    end_ns: int
    modelled_ns: int = 0

    @property
    def duration_ns(self) -> int:
        """How long the stage took."""
        return self.end_ns - self.start_ns


@dataclass(slots=True)
class OpenSpan:
    """A stage under way; it sets `modelled_s` to 0 when it turns out to need no delay."""

    modelled_s: float


@dataclass(slots=True)
class Trace:
    """What happened during one search: stages and waits, answers of caches, warnings, usage.

    Where a stage was sped up virtually, `gained_ns` is what is to be taken off the search's time,
    and `on_clock` brings a span onto the virtual clock.
    """

    start_ns: int = field(default_factory=perf_counter_ns)
    spans: list[Span] = field(default_factory=list)
    pool_waits: list[Span] = field(default_factory=list)
    cache_hits: dict[str, bool] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    gained_ns: int = 0
    on_clock: "Callable[[Span], Span] | None" = None

    @contextmanager
    def span(self, stage: str, modelled_s: float = 0.0) -> Iterator[OpenSpan]:
        """Record the time of the block under the stage's name, also when it fails."""
        open_span = OpenSpan(modelled_s)
        start = perf_counter_ns()
        try:
            yield open_span
        finally:
            end, modelled_ns = perf_counter_ns(), round(open_span.modelled_s * 1e9)
            self.spans.append(Span(stage, start, end, modelled_ns))

    def waited(self, start_ns: int, end_ns: int) -> None:
        """Record how long a stage waited for a database connection."""
        self.pool_waits.append(Span(POOL, start_ns, end_ns))

    def miss(self, stage: str, error: BaseException) -> None:
        """Note that the search goes on without this stage."""
        self.missing.append(stage)
        # The error's words are for the log: they hold addresses, and this goes to the caller.
        self.warnings.append(f"{stage}: {type(error).__name__}")

    @property
    def modelled(self) -> list[str]:
        """The stages that were made to last a modelled time; the others took what they took."""
        return sorted({span.stage for span in self.spans if span.modelled_ns})


@dataclass(frozen=True, slots=True)
class Timings:
    """The stages' own durations, in seconds; `to_wire` gives production's names in milliseconds.

    One statement that holds both searches cannot say what each took: it counts in `retrieval_s`
    alone, and the two searches report 0. `pool_wait_s` is time of the stages that asked the
    database, not beside it.
    """

    total_s: float = 0.0
    embedding_s: float = 0.0
    specialty_s: float = 0.0
    vector_search_s: float = 0.0
    text_search_s: float = 0.0
    retrieval_s: float = 0.0
    ranking_s: float = 0.0
    rerank_s: float = 0.0
    cache_s: float = 0.0
    pool_wait_s: float = 0.0
    pre_search_s: float = 0.0
    parallel_savings_s: float = 0.0

    @classmethod
    def of(
        cls, spans: Iterable[Span], total_s: float, pool_waits: Iterable[Span] = ()
    ) -> "Timings":
        """Sum up the spans of one search; a stage that never ran took 0."""
        spans = tuple(spans)
        one_by_one_ns = sum(span.duration_ns for span in spans)
        return cls(
            total_s=total_s,
            embedding_s=_own_s(spans, "embedding"),
            specialty_s=_own_s(spans, "specialty"),
            vector_search_s=_own_s(spans, "vector"),
            text_search_s=_own_s(spans, "text"),
            retrieval_s=_elapsed_s(spans, RETRIEVAL),
            ranking_s=_own_s(spans, "ranking"),
            rerank_s=_own_s(spans, "rerank"),
            cache_s=_own_s(spans, "cache"),
            pool_wait_s=_own_s(pool_waits, POOL),
            pre_search_s=_elapsed_s(spans, PRE_SEARCH),
            parallel_savings_s=(one_by_one_ns - covered_ns(spans)) / 1e9,
        )

    def to_wire(self) -> dict[str, Any]:
        """Milliseconds by production's names, to the microsecond."""
        return {
            "totalMs": _ms(self.total_s),
            "embeddingMs": _ms(self.embedding_s),
            "specialtyMs": _ms(self.specialty_s),
            "vectorSearchMs": _ms(self.vector_search_s),
            "textSearchMs": _ms(self.text_search_s),
            "retrievalMs": _ms(self.retrieval_s),
            "rankingMs": _ms(self.ranking_s),
            "rerankMs": _ms(self.rerank_s),
            "cacheMs": _ms(self.cache_s),
            "preSearchMs": _ms(self.pre_search_s),
            "parallelSavingsMs": _ms(self.parallel_savings_s),
        }


def covered_ns(spans: Iterable[Span]) -> int:
    """The time during which at least one of the spans was running."""
    covered, end = 0, None
    for span in sorted(spans, key=lambda each: each.start_ns):
        if end is None or span.start_ns > end:
            covered += span.duration_ns
            end = span.end_ns
        elif span.end_ns > end:
            covered += span.end_ns - end
            end = span.end_ns
    return covered


def _own_s(spans: Iterable[Span], stage: str) -> float:
    return sum(span.duration_ns for span in spans if span.stage == stage) / 1e9


def _elapsed_s(spans: Iterable[Span], stages: tuple[str, ...]) -> float:
    return covered_ns(span for span in spans if span.stage in stages) / 1e9


def _ms(seconds: float) -> float:
    return round(seconds * 1e3, 3)
