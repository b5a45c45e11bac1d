"""The pool of database connections, and what each search uses of them."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from time import perf_counter_ns
from typing import Any

import asyncpg
from pgvector.asyncpg import register_vector

from hhperf.search.settings import Settings
from hhperf.search.statements import session_settings
from hhperf.search.traffic import CountedConnection, connect_counted
from hhperf.search.usage import Usage, current_usage

Waited = Callable[[int, int], None]
"""Told from when to when a connection was waited for, on `perf_counter_ns`."""


def untold(_start_ns: int, _end_ns: int) -> None:
    """Nobody asks how long was waited."""


async def open_pool(settings: Settings, where: Mapping[str, Any]) -> asyncpg.Pool:
    """Open the pool; `where` are asyncpg's own connection arguments.

    Raises:
        OSError, asyncpg.PostgresError, TimeoutError: the database cannot be reached.
    """
    return await asyncpg.create_pool(
        **where,
        min_size=min(settings.pgvector_pool_min, settings.pgvector_pool_max),
        max_size=settings.pgvector_pool_max,
        max_inactive_connection_lifetime=0,
        max_cached_statement_lifetime=0,
        timeout=settings.pgvector_connection_timeout_ms / 1e3,
        command_timeout=settings.pgvector_statement_timeout_ms / 1e3,
        server_settings=session_settings(settings),
        connect=connect_counted,
        connection_class=CountedConnection,
        init=register_vector,
        reset=_leave_as_it_is,
    )


@asynccontextmanager
async def lent(pool: asyncpg.Pool, wait_s: float, waited: Waited = untold) -> AsyncIterator[Any]:
    """A connection of the pool for the block; what it uses goes to the search under way here.

    Args:
        pool: of `open_pool`.
        wait_s: how long to wait for one at most.
        waited: told how long it was.
    """
    usage, asked_ns = current_usage() or Usage(), perf_counter_ns()
    try:
        connection: Any = await pool.acquire(timeout=wait_s)
    finally:
        taken_ns = perf_counter_ns()
        waited(asked_ns, taken_ns)
    account = connection.account  # of one that breaks nothing can be asked any more
    usage.take()
    try:
        yield connection
    finally:
        drawn = account.drawn()  # before the next search may have the connection
        try:
            await pool.release(connection)
        finally:
            usage.give_back(perf_counter_ns() - taken_ns, drawn)


async def _leave_as_it_is(_connection: Any) -> None:
    """No statement changes its session, so the round trip that would undo changes is saved."""
