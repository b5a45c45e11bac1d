"""A server that answers each request with the bytes it is told to."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Respond = Callable[["Asked"], Awaitable[bytes]]
"""The answer's bytes; the connection is closed after one that ends in `CLOSE`."""

CLOSE = b"<close>"


@dataclass
class Asked:
    """A request as it came over the wire."""

    line: str
    headers: dict[str, str]
    body: bytes
    connection: int


@dataclass
class Served:
    """A running server: where it is, and what it was asked."""

    port: int
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0


def json_answer(text: str, *headers: str, status: str = "200 OK") -> bytes:
    """An answer with a length."""
    lines = "".join(f"{line}\r\n" for line in headers)
    return f"HTTP/1.1 {status}\r\n{lines}Content-Length: {len(text)}\r\n\r\n{text}".encode()


async def answer_nothing(asked: Asked) -> bytes:
    """An empty object."""
    return json_answer("{}")


@asynccontextmanager
async def serving(
    respond: Respond = answer_nothing, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Served]:
    """Serve on a free port of this machine."""
    served = Served(0)
    tasks: set[asyncio.Task[None]] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        number, served.connections = served.connections, served.connections + 1
        try:
            while asked := await _read(reader, number):
                served.asked.append(asked)
                answer = await respond(asked)
                writer.write(answer.removesuffix(CLOSE))
                await writer.drain()
                if answer.endswith(CLOSE):
                    return
        except (ConnectionError, asyncio.CancelledError):
            return
        finally:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=tls)
    served.port = server.sockets[0].getsockname()[1]
    try:
        yield served
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _read(reader: asyncio.StreamReader, number: int) -> Asked | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
    except asyncio.IncompleteReadError:
        return None
    line, *lines = head.strip().split("\r\n")
    headers = {name.lower(): value for name, _, value in (each.partition(": ") for each in lines)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Asked(line, headers, body, number)
