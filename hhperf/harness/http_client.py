"""A small HTTP/1.1 client that adds as little as possible to what it measures.

General clients cost 50 to 500 microseconds a request and queue behind a pool's bound, unseen; this
one parses with llhttp (`httptools`) and opens a connection whenever none is idle, so that a request
is on the wire when its load says so. See `tests/benchmarks/harness/clients.py` for the figures.
"""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import perf_counter_ns
from typing import cast

import httptools

from hhperf.errors import TargetError

RETRY_HINT = "the connection was closed before an answer came"


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """An answer, read to its end.

    Attributes:
        status: such as 200.
        headers: by lower-case name; of several with one name all values, joined by commas.
        body: as it was sent.
        end_ns: when its last byte was read.
        connect_ns: when connecting began and ended; None when an idle connection was there.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    end_ns: int
    connect_ns: tuple[int, int] | None = None


@dataclass(slots=True)
class _Answer:
    """An answer while it comes in."""

    future: "asyncio.Future[HttpResponse]"
    headers: dict[str, str] = field(default_factory=dict)
    chunks: list[bytes] = field(default_factory=list)
    begun: bool = False
    headers_complete: bool = False


class Connection(asyncio.Protocol):
    """One connection, used for one request at a time."""

    def __init__(self) -> None:
        self.is_open = False
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._answer: _Answer | None = None

    def send(self, data: bytes) -> "asyncio.Future[HttpResponse]":
        """Send a request; the future fails with `ConnectionError` when the connection breaks."""
        assert self._transport is not None
        self._answer = _Answer(asyncio.get_running_loop().create_future())
        self._transport.write(data)
        return self._answer.future

    @property
    def has_begun(self) -> bool:
        """Whether something of the present answer has come."""
        return self._answer is not None and self._answer.begun

    def close(self) -> None:
        """Break the connection off."""
        self.is_open = False
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the event loop."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by its class
        self.is_open = True

    def data_received(self, data: bytes) -> None:
        """Called by the event loop."""
        if self._answer is not None:
            self._answer.begun = True
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(TargetError(f"the answer is not HTTP/1.1: {error}"))
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the event loop: an answer without a length ends here."""
        self.is_open = False
        answer = self._answer
        if answer is None:
            return
        if answer.headers_complete and not exc and not _has_length(answer.headers):
            self.on_message_complete()
        else:
            self._fail(ConnectionError(str(exc) if exc else RETRY_HINT))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by the parser."""
        if self._answer is not None:
            key, text = name.decode("latin-1").lower(), value.decode("latin-1")
            known = self._answer.headers.get(key)
            self._answer.headers[key] = text if known is None else f"{known}, {text}"

    def on_headers_complete(self) -> None:
        """Called by the parser."""
        if self._answer is not None:
            self._answer.headers_complete = True

    def on_body(self, body: bytes) -> None:
        """Called by the parser."""
        if self._answer is not None:
            self._answer.chunks.append(body)

    def on_message_complete(self) -> None:
        """Called by the parser."""
        answer, status = self._answer, self._parser.get_status_code()
        if answer is None or answer.future.done():
            return
        if 100 <= status < 200:  # an interim answer, the real one follows
            self._answer = _Answer(answer.future, begun=True)
            return
        self.is_open = self.is_open and self._parser.should_keep_alive()
        self._answer = None
        body = answer.chunks[0] if len(answer.chunks) == 1 else b"".join(answer.chunks)
        answer.future.set_result(HttpResponse(status, answer.headers, body, perf_counter_ns()))

    def _fail(self, error: Exception) -> None:
        answer, self._answer = self._answer, None
        if answer is not None and not answer.future.done():
            answer.future.set_exception(error)


class HttpClient:
    """Idle connections to one origin, as many as there were requests at the same time.

    Args:
        host: a name or an address.
        port: its port.
        tls: for `https`; None for `http`.
    """

    def __init__(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> None:
        self._host = host
        self._port = port
        self._tls = tls
        self._idle: list[Connection] = []

    async def request(self, data: bytes) -> HttpResponse:
        """Send a request and read the answer.

        An idle connection may have been closed by the server in the meantime: then, and if nothing
        of an answer has come, the request is sent once more on a new one.

        Args:
            data: the whole request, head and body.

        Raises:
            OSError: no connection, or it broke.
            TargetError: the answer is not HTTP/1.1.
        """
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_open:
                continue
            try:
                return await self._exchange(connection, data)
            except ConnectionError:
                if connection.has_begun:
                    raise
                break
        begin_ns = perf_counter_ns()
        connection = await self._connect()
        connected_ns = perf_counter_ns()
        response = await self._exchange(connection, data)
        return HttpResponse(
            response.status,
            response.headers,
            response.body,
            response.end_ns,
            (begin_ns, connected_ns),
        )

    async def warm(self, connections: int) -> None:
        """Have so many connections idle.

        Raises:
            OSError: the host cannot be reached.
        """
        missing = max(0, connections - len(self._idle))
        self._idle += await asyncio.gather(*(self._connect() for _ in range(missing)))

    async def close(self) -> None:
        """Close the idle connections; there must be no request under way."""
        for connection in self._idle:
            connection.close()
        self._idle.clear()
        await asyncio.sleep(0)  # the event loop closes sockets in its next turn

    async def _connect(self) -> Connection:
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(
            Connection, self._host, self._port, ssl=self._tls
        )
        return connection

    async def _exchange(self, connection: Connection, data: bytes) -> HttpResponse:
        try:
            response = await connection.send(data)
        except BaseException:
            connection.close()
            raise
        if connection.is_open:
            self._idle.append(connection)
        else:
            connection.close()
        return response


def _has_length(headers: Mapping[str, str]) -> bool:
    return "content-length" in headers or "chunked" in headers.get("transfer-encoding", "")
