"""What a search uses of its pool, on the real database."""

import asyncio
from dataclasses import asdict

import asyncpg
import pytest

from hhperf.search.connections import lent, open_pool
from hhperf.search.settings import Settings
from hhperf.search.usage import Usage, using
from hhperf.stack.stack import Stack
from tests.search.conftest import Arms, ask

pytestmark = pytest.mark.asyncio(loop_scope="session")

TOGETHER = {"sequential": 1, "parallel": 2, "single_statement": 1}


@pytest.mark.parametrize("arm", TOGETHER)
async def test_an_arm_holds_as_many_connections_as_its_order_has_statements_at_once(
    arms: Arms, arm: str
) -> None:
    """Each held for at least as long as its statements take, and used for something."""
    engine = await arms.engine(arm)
    await engine.clients.store.warm()
    usage = (await ask(engine, "engenheira de dados python")).trace.usage
    assert usage.connections == TOGETHER[arm]
    assert usage.connection_ns >= usage.statement_ns > 0
    assert all(asdict(usage)[part] for part in ("sent_bytes", "received_bytes", "database_ns"))


async def test_a_search_answered_from_the_cache_costs_the_database_nothing(arms: Arms) -> None:
    """Only its own steps."""
    engine = await arms.engine()
    await ask(engine, "python")
    response = await ask(engine, "python")
    usage = response.trace.usage
    assert response.cache_hit
    assert usage == Usage(service_ns=usage.service_ns)
    assert usage.service_ns > 0


async def test_a_modelled_stage_holds_its_connection(arms: Arms) -> None:
    """While no statement runs: that is what a slower database would do."""
    engine = await arms.engine("sequential", lambda stage, _: 0.05 if stage == "vector" else 0.0)
    await engine.clients.store.warm()
    usage = (await ask(engine, "python")).trace.usage
    assert usage.connection_ns >= 50_000_000
    assert usage.connection_ns > usage.statement_ns


async def test_a_connection_that_is_lost_is_given_back(stack: Stack) -> None:
    """What it used counts until then, and the next search has another."""
    settings = Settings(pgvector_pool_min=0, pgvector_pool_max=1)
    pool, usage = await open_pool(settings, stack.endpoints.postgres), Usage()

    async def lose() -> None:
        async with lent(pool, 5.0) as connection:
            await connection.fetch("SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(asyncpg.PostgresError):
        await using(usage, lose())
    assert usage.connections == 1
    assert usage.connection_ns > 0
    async with lent(pool, 5.0) as connection:
        assert await connection.fetchval("SELECT 1") == 1
    await pool.close()


async def test_searches_that_take_turns_on_a_connection_pay_for_themselves(stack: Stack) -> None:
    """What is asked next on a connection is the next search's."""
    settings = Settings(pgvector_pool_min=1, pgvector_pool_max=1)
    pool = await open_pool(settings, stack.endpoints.postgres)

    async def ask_for(length: int) -> None:
        async with lent(pool, 5.0) as connection:
            await connection.fetchval("SELECT repeat('x', $1)", length)

    await ask_for(1)  # the statement is prepared, and the handshake paid
    lengths = [10_000 * turn for turn in range(20)]
    usages = [Usage() for _ in lengths]
    asked = zip(lengths, usages, strict=True)
    await asyncio.gather(*(using(usage, ask_for(length)) for length, usage in asked))
    assert len({usage.sent_bytes for usage in usages}) == 1
    received = [usage.received_bytes or 0 for usage in usages]
    assert received == [received[0] + length for length in lengths]
    await pool.close()
