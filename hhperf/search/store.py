"""PostgreSQL with pgvector, as the search uses it."""

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from typing import Any

import asyncpg
import numpy as np
from pydantic_core import from_json

from hhperf.search import sql
from hhperf.search.connections import Waited, lent, open_pool, untold
from hhperf.search.embedding import Vector
from hhperf.search.fusion import Hit
from hhperf.search.model import Filters, Fused, Profile
from hhperf.search.settings import Settings
from hhperf.search.statements import statements
from hhperf.search.trace import lasting
from hhperf.search.usage import asking

log = logging.getLogger(__name__)

STORE_ERRORS = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a query meets the server's last words on an idle connection
)
"""What a database that is gone, slow or wrong raises."""

CLOSE_TIMEOUT_S = 5.0
Question = tuple[str, tuple[Any, ...]]
"""A statement's name and its arguments."""

EXECUTIONS_TO_WARM = 6
"""PostgreSQL may change a prepared statement's plan after five executions."""


@dataclass(frozen=True, slots=True)
class Page:
    """The candidates of one page with how fusion placed them, and how many all pages have."""

    candidates: tuple[tuple[Profile, Fused], ...]
    total_found: int


class CandidateStore:
    """The queries of the search over one connection pool."""

    def __init__(self, pool: asyncpg.Pool, settings: Settings) -> None:
        self._pool = pool
        self._settings = settings
        self._sql = statements(settings)

    @classmethod
    async def connect(cls, settings: Settings, where: Mapping[str, Any]) -> "CandidateStore":
        """Open the pool; `where` are asyncpg's own connection arguments.

        Raises:
            OSError, asyncpg.PostgresError, TimeoutError: the database cannot be reached.
        """
        return cls(await open_pool(settings, where), settings)

    async def vector_search(
        self, tenant: str, embedding: Vector, at_least_s: float = 0.0, waited: Waited = untold
    ) -> tuple[Hit, ...]:
        """The tenant's nearest candidates by cosine similarity, best first.

        Like every query here it holds its connection for `at_least_s`, and tells `waited` how long
        it had to wait for one.
        """
        limit = self._settings.search_per_method_limit
        return _hits(
            await self._fetch("vector_search", at_least_s, waited, tenant, embedding, limit)
        )

    async def text_search(
        self, tenant: str, query: str, at_least_s: float = 0.0, waited: Waited = untold
    ) -> tuple[Hit, ...]:
        """The tenant's candidates that hold every word of the query, best first."""
        limit = self._settings.search_per_method_limit
        return _hits(await self._fetch("text_search", at_least_s, waited, tenant, query, limit))

    async def both_searches(
        self,
        tenant: str,
        embedding: Vector,
        query: str,
        at_least_s: float = 0.0,
        waited: Waited = untold,
        *,
        counted: bool = False,
    ) -> tuple[tuple[Hit, ...], tuple[Hit, ...]]:
        """Vector and text hits, found by one statement.

        As deployed it is `counted`: before the statement, on its connection, everyone whom the
        tenant has is counted, and who has a document, and whom a query with text matches.
        """
        limit = self._settings.search_per_method_limit
        questions: list[Question] = [("both_searches", (tenant, embedding, limit, query, limit))]
        if counted and query.strip():
            questions.insert(0, ("diagnostic_count", (tenant, query)))
        *counts, rows = await self._fetch_each(questions, at_least_s, waited)
        for (count,) in counts:
            log.debug("%d candidates, %d with a document, %d match the query", *count)
        found: dict[str, list[Hit]] = {"vector": [], "text": []}
        for method, candidate_id, score, _place in rows:
            found[method].append(Hit(candidate_id, score))
        return tuple(found["vector"]), tuple(found["text"])

    async def specialty(
        self, terms: Sequence[str], at_least_s: float = 0.0, waited: Waited = untold
    ) -> str | None:
        """The specialty that the weightiest of the terms names, or None when none names any."""
        rows = await self._fetch("specialty", at_least_s, waited, list(terms))
        return str(rows[0]["specialty"]) if rows else None

    async def page(
        self,
        tenant: str,
        fused: Sequence[Fused],
        filters: Filters,
        *,
        limit: int,
        offset: int,
        spared: Sequence[bool] | None = None,
        waited: Waited = untold,
    ) -> Page:
        """The fused candidates that pass the filters, `limit` of them from `offset`, in order.

        `spared` says of each of the fused whether it passes whatever the filters say; None spares
        nobody.
        """
        rows = await self._fetch(
            "hydration",
            0.0,
            waited,
            tenant,
            [each.candidate_id for each in fused],
            [False] * len(fused) if spared is None else spared,
            *_filter_arguments(filters),
            limit,
            offset,
        )
        by_id = {each.candidate_id: each for each in fused}
        return Page(
            tuple(
                (_profile(row), by_id[row["candidate_id"]])
                for row in rows
                if row["candidate_id"] is not None
            ),
            rows[0]["total"],
        )

    async def warm(self) -> None:
        """Open every connection of the pool and run each statement past five executions."""
        async with AsyncExitStack() as held:
            for _ in range(self._pool.get_max_size()):
                connection = await held.enter_async_context(self._connection())
                for _ in range(EXECUTIONS_TO_WARM):
                    await self._run_each_once(connection)

    async def version(self) -> str:
        """PostgreSQL's and pgvector's versions.

        Raises:
            OSError, asyncpg.PostgresError, TimeoutError: the database does not answer.
        """
        async with self._connection() as connection:
            return await version_of(connection)

    async def aclose(self) -> None:
        """Close every connection; a server that no longer answers is not waited for."""
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()

    async def _run_each_once(self, connection: Any) -> None:
        nowhere = np.ones(self._settings.pgvector_dimensions, dtype=np.float32)
        nobody: list[Any] = [None] * 8
        for name, arguments in (
            ("vector_search", ("", nowhere, 1)),
            ("text_search", ("", "a", 1)),
            ("diagnostic_count", ("", "a")),
            ("both_searches", ("", nowhere, 1, "a", 1)),
            ("specialty", (["a"],)),
            ("hydration", ("", ["a"], [False], *nobody, 1, 0)),
        ):
            await connection.fetch(self._sql[name], *arguments)

    async def _fetch(
        self, name: str, at_least_s: float, waited: Waited, *arguments: Any
    ) -> list[asyncpg.Record]:
        (rows,) = await self._fetch_each([(name, arguments)], at_least_s, waited)
        return rows

    async def _fetch_each(
        self, questions: Sequence[Question], at_least_s: float, waited: Waited
    ) -> list[list[asyncpg.Record]]:
        """Ask one after another on one connection."""
        async with self._connection(waited) as connection, lasting(at_least_s):
            with asking():
                return [
                    await connection.fetch(self._sql[name], *map(_storable, arguments))
                    for name, arguments in questions
                ]

    def _connection(self, waited: Waited = untold) -> AbstractAsyncContextManager[Any]:
        return lent(self._pool, self._settings.pgvector_connection_timeout_ms / 1e3, waited)


async def version_of(connection: Any) -> str:
    """PostgreSQL's and pgvector's versions."""
    row = await connection.fetchrow(sql.VERSIONS)
    return f"PostgreSQL {row['server']}, pgvector {row['vector'] or 'not installed'}"


def _hits(rows: Sequence[asyncpg.Record]) -> tuple[Hit, ...]:
    return tuple(map(Hit._make, rows))


def _storable(argument: Any) -> Any:
    return _clean(argument) if isinstance(argument, str) else argument


def _clean(text: str) -> str:
    """PostgreSQL's text has no NUL, and UTF-8 no lone surrogate."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode()


def _clean_json(value: Any) -> Any:
    match value:
        case str():
            return _clean(value)
        case list():
            return [_clean_json(each) for each in value]
        case dict():
            return {_clean(key): _clean_json(each) for key, each in value.items()}
        case _:
            return value


def _filter_arguments(filters: Filters) -> tuple[Any, ...]:
    return (
        _names(filters.skills),
        _names([place.lower() for place in filters.locations]),
        _names(filters.countries),
        _names(filters.industries),
        _names(filters.seniority_levels),
        filters.min_experience_years,
        filters.max_experience_years,
        json.dumps(_clean_json(filters.metadata)) if filters.metadata else None,
    )


def _names(names: Sequence[str]) -> list[str] | None:
    return [_clean(name) for name in names] or None


def _profile(row: Mapping[str, Any]) -> Profile:
    details = from_json(row["profile"] or "{}")
    return Profile(
        candidate_id=row["candidate_id"],
        full_name=row["full_name"],
        title=row["current_title"],
        headline=row["headline"],
        location=row["location"],
        country=row["country"],
        industries=tuple(row["industries"] or ()),
        skills=tuple(row["skills"] or ()),
        years_experience=row["years_experience"],
        confidence=row["analysis_confidence"],
        profile=details if isinstance(details, dict) else {},
    )
