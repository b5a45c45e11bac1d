"""What goes over connections of the real database, counted once more by others."""

import asyncio
import ssl
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from hhperf.search.traffic import CountedConnection, connect_counted, processor_ns
from hhperf.stack.stack import Stack
from tests.certificates import serving_context

pytestmark = pytest.mark.asyncio(loop_scope="session")

WORK = "SELECT count(*) FROM generate_series(1, $1)"


@asynccontextmanager
async def opened(where: dict[str, Any]) -> AsyncIterator[CountedConnection]:
    """A connection with an account."""
    connection = await connect_counted(
        loop=asyncio.get_running_loop(), connection_class=CountedConnection, **where
    )
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def relayed(
    stack: Stack, passed: Counter[str], tls: ssl.SSLContext | None = None
) -> AsyncIterator[dict[str, Any]]:
    """Where a relay over TCP to the stack's database listens; it counts what it passes on.

    With `tls` it takes the client's offer to encrypt, which else the database declines.
    """
    socket = f"{stack.endpoints.postgres['host']}/.s.PGSQL.5432"

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if tls is not None:
            passed["sent"] += len(await reader.readexactly(8))
            writer.write(b"S")
            passed["received"] += 1
            await writer.start_tls(tls)
        behind, before = await asyncio.open_unix_connection(socket)
        await asyncio.gather(pass_on(reader, before, "sent"), pass_on(behind, writer, "received"))

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: str) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65_536):
                passed[way] += len(data)
                writer.write(data)
        writer.close()

    async with await asyncio.start_server(relay, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        yield {**stack.endpoints.postgres, "host": "127.0.0.1", "port": port}


@pytest.mark.parametrize("encrypted", [False, True])
async def test_bytes_are_those_that_a_relay_in_between_counts(
    stack: Stack, tmp_path: Path, *, encrypted: bool
) -> None:
    """To the byte, from the first of the handshake on; before encryption if there is any."""
    passed: Counter[str] = Counter()
    tls = serving_context(tmp_path)[0] if encrypted else None
    async with relayed(stack, passed, tls) as where, opened(where) as connection:
        text = await connection.fetchval("SELECT repeat($1, 1000)", "abc" * 1000)
        drawn = connection.account.drawn()
        assert (drawn.sent_bytes, drawn.received_bytes) == (passed["sent"], passed["received"])
        assert passed["received"] > len(text) == 3_000_000


async def test_what_was_drawn_is_not_drawn_again(stack: Stack) -> None:
    """An account begins anew each time it is asked."""
    async with opened(dict(stack.endpoints.postgres)) as connection:
        connection.account.drawn()
        assert connection.account.drawn()[:3] == (0, 0, 0)


async def test_processor_time_of_the_database_is_that_of_the_connections_process(
    stack: Stack,
) -> None:
    """As the operating system's other account has it, to its two ticks of 10 ms."""
    async with opened(dict(stack.endpoints.postgres)) as connection:
        process = psutil.Process(connection.get_server_pid())
        connection.account.drawn()
        before = process.cpu_times()
        await connection.fetchval(WORK, 1_000_000)
        drawn, after = connection.account.drawn(), process.cpu_times()
        told_s = (after.user + after.system) - (before.user + before.system)
        assert drawn.database_ns is not None
        assert drawn.database_ns / 1e9 == pytest.approx(told_s, abs=0.03)
        assert drawn.database_ns > 0


async def test_reading_an_answer_takes_processor_time_of_this_process(stack: Stack) -> None:
    """It happens between the steps of a search, when the socket is read."""
    async with opened(dict(stack.endpoints.postgres)) as connection:
        connection.account.drawn()
        await connection.fetch("SELECT n FROM generate_series(1, 1000) AS n")
        assert connection.account.drawn().parsing_ns > 0


async def test_a_query_can_be_given_up(stack: Stack) -> None:
    """The connection is told apart from others by the loop it goes by, and answers afterwards."""
    async with opened(dict(stack.endpoints.postgres)) as connection:
        with pytest.raises(TimeoutError):
            await connection.fetchval("SELECT pg_sleep(60)", timeout=0.05)
        assert await connection.fetchval("SELECT 1") == 1


async def test_the_process_of_another_machine_is_not_taken_for_one_here() -> None:
    """Its id may be that of anything here."""
    assert processor_ns(2**22 + 1) is None
