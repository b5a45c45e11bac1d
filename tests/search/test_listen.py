"""Sockets to serve on."""

import asyncio
import socket

import pytest

from hhperf.search.service import listen


async def test_answers_do_not_wait_for_acknowledgements() -> None:
    """An accepted connection has Nagle's algorithm off."""
    accepted: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def note(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer: socket.socket = writer.get_extra_info("socket")
        accepted.set_result(peer.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    listener = listen("127.0.0.1", 0)
    async with await asyncio.start_server(note, sock=listener):
        _, writer = await asyncio.open_connection(*listener.getsockname())
        assert await accepted
        writer.close()


def test_a_taken_address_is_refused() -> None:
    """Two cannot listen on one port."""
    with listen("127.0.0.1", 0) as first, pytest.raises(OSError, match="in use"):
        listen(*first.getsockname())
