"""What each stage waits for: for its inputs, and under the schedule of each arm."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeVar

from hhperf.search.model import Candidate
from hhperf.search.settings import Settings
from hhperf.search.stages import Hits, Stages

Waits = Mapping[str, Sequence[str]]

INPUTS: Waits = {
    "embedding": (),
    "specialty": (),
    "vector": ("embedding",),
    "text": (),
    "fusion": ("vector", "text"),
    "hydration": ("fusion",),
    "ranking": ("hydration", "specialty"),
    "rerank": ("ranking",),
}
"""The stages whose results a stage takes: what no schedule can change."""

INPUTS_OF_ONE_STATEMENT: Waits = {
    **{stage: before for stage, before in INPUTS.items() if stage not in ("vector", "text")},
    "statement": ("embedding",),
    "fusion": ("statement",),
}
"""The same where one statement holds both searches."""

_LOOKUPS = ("embedding", "specialty")

ARM_WAITS: Mapping[str, Waits] = {
    "sequential": {"embedding": ()} | {after: (before,) for before, after in pairwise(INPUTS)},
    "parallel": {**INPUTS, "vector": _LOOKUPS, "text": _LOOKUPS},
    "eager": INPUTS,
    "single_statement": {**INPUTS_OF_ONE_STATEMENT, "statement": _LOOKUPS},
}
"""The stages that a stage waits for under each arm."""

ALONE = ("cache", "fusion", "hydration", "ranking", "rerank")
"""The stages that no schedule overlaps with another."""


A = TypeVar("A")
B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class Found:
    """What an arm returns: the page's candidates in order, and how many there are in all."""

    candidates: tuple[Candidate, ...]
    total: int


Schedule = Callable[[Stages], Awaitable[Found]]


async def sequential(s: Stages) -> Found:
    """One stage after another."""
    embedding = await s.embedding()
    specialty = await s.specialty()
    vector = await s.vector_search(embedding)
    text = await s.text_search()
    return await _rest(s, vector, text, specialty)


async def parallel(s: Stages) -> Found:
    """The plan: both lookups at once, and when both are there, both searches at once."""
    embedding, specialty = await settle(s.embedding(), s.specialty())
    vector, text = await settle(s.vector_search(embedding), s.text_search())
    return await _rest(s, vector, text, specialty)


async def eager(s: Stages) -> Found:
    """Each stage as soon as its inputs exist: no schedule of these stages is shorter."""
    async with concurrently() as start:
        text = start.create_task(s.text_search())
        specialty = start.create_task(s.specialty())
        vector = await s.vector_search(await s.embedding())
        page = await s.hydrate(s.fuse(vector, await text))
        ranked = await s.rank(page, await specialty)
        return Found(await s.rerank(ranked), page.total)


async def single_statement(s: Stages) -> Found:
    """Both lookups at once, then both searches in one statement."""
    embedding, specialty = await settle(s.embedding(), s.specialty())
    vector, text = await s.both_searches(embedding)
    return await _rest(s, vector, text, specialty)


ARMS: Mapping[str, Schedule] = {
    "sequential": sequential,
    "parallel": parallel,
    "eager": eager,
    "single_statement": single_statement,
}


def deployed_arm(settings: Settings) -> str:
    """The arm that the feature flag `ENABLE_PARALLEL_PRE_SEARCH` chooses."""
    return "parallel" if settings.enable_parallel_pre_search else "sequential"


async def _rest(s: Stages, vector: Hits, text: Hits, specialty: str | None) -> Found:
    page = await s.hydrate(s.fuse(vector, text))
    ranked = await s.rank(page, specialty)
    return Found(await s.rerank(ranked), page.total)


@asynccontextmanager
async def concurrently() -> AsyncIterator[asyncio.TaskGroup]:
    """A task group whose first failure is raised as itself; the other tasks end before it is."""
    try:
        async with asyncio.TaskGroup() as group:
            yield group
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None


async def settle(first: Coroutine[Any, Any, A], second: Coroutine[Any, Any, B]) -> tuple[A, B]:
    """Run both at once; when one fails, the other is cancelled and awaited."""
    async with concurrently() as start:
        a, b = start.create_task(first), start.create_task(second)
    return a.result(), b.result()
