"""What goes over a database connection, and what its process uses: counted at the socket.

asyncpg tells neither. It takes an event loop to connect by; here it is given one that puts a
counter between socket and protocol, before encryption if there is any.
"""

import asyncio
import os
from collections.abc import Callable, Iterable
from time import thread_time_ns
from typing import Any

import asyncpg

from hhperf.search.usage import Drawn

HERE = ("localhost", "127.0.0.1", "::1")


class Account:
    """What a connection has used since it was last asked; nothing is left out between two askings.

    So what a database process does after its answer falls to the next search that it serves, and
    sums over many searches are whole.
    """

    def __init__(self) -> None:
        self.sent_bytes = 0
        self.received_bytes = 0
        self.parsing_ns = 0
        self._process: int | None = None
        self._process_ns: int | None = None

    def watch(self, process: int) -> None:
        """From now on ask the kernel for the processor time of the connection's process too."""
        self._process, self._process_ns = process, processor_ns(process)

    def drawn(self) -> Drawn:
        """What was used since the last time."""
        before_ns, now_ns = self._process_ns, None
        if self._process is not None:
            now_ns = self._process_ns = processor_ns(self._process)
        used_ns = None if before_ns is None or now_ns is None else now_ns - before_ns
        drawn = Drawn(self.sent_bytes, self.received_bytes, self.parsing_ns, used_ns)
        self.sent_bytes = self.received_bytes = self.parsing_ns = 0
        return drawn


class CountedConnection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg has no types
    """A connection with an account; it goes by the real loop, since asyncio tells loops apart."""

    def __init__(
        self, protocol: Any, transport: Any, loop: "_CountingLoop", *arguments: Any
    ) -> None:
        super().__init__(protocol, transport, loop.inner, *arguments)
        self.account = loop.account


async def connect_counted(
    *arguments: Any, loop: asyncio.AbstractEventLoop, **named: Any
) -> CountedConnection:
    """What `asyncpg.connect` gives, with an account; for a pool of `CountedConnection`."""
    counting: Any = _CountingLoop(loop)
    connection: CountedConnection = await asyncpg.connect(*arguments, loop=counting, **named)
    process = connection.get_server_pid()
    if _is_here(str(named.get("host", ""))) and _is_postgres(process):
        connection.account.watch(process)
    return connection


def processor_ns(process: int) -> int | None:
    """For how long a process has run on a core; None where this machine's kernel cannot tell."""
    try:
        file = os.open(f"/proc/{process}/schedstat", os.O_RDONLY)
    except OSError:
        return None
    try:
        return int(os.read(file, 64).split(None, 1)[0])
    except (OSError, ValueError, IndexError):
        return None
    finally:
        os.close(file)


def _is_here(host: str) -> bool:
    return host.startswith("/") or host in HERE


def _is_postgres(process: int) -> bool:
    """Whether it is one here: behind a port that is passed on, ids are those of another machine."""
    try:
        with open(f"/proc/{process}/comm", encoding="utf-8") as file:  # noqa: PTH123  (in a loop)
            return file.read().startswith("postgres")
    except OSError:
        return False


class _CountingLoop:
    """An event loop whose connections are counted; in all else the loop itself."""

    def __init__(self, inner: asyncio.AbstractEventLoop) -> None:
        self.inner = inner
        self.account = Account()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    async def create_connection(self, make: Callable[[], Any], *where: Any, **named: Any) -> Any:
        return self._own(*await self.inner.create_connection(self._counted(make), *where, **named))

    async def create_unix_connection(self, make: Callable[[], Any], path: str) -> Any:
        return self._own(*await self.inner.create_unix_connection(self._counted(make), path))

    async def start_tls(self, transport: Any, *more: Any, **named: Any) -> Any:
        encrypted = await self.inner.start_tls(transport.inner, *more, **named)
        return encrypted and _CountedTransport(encrypted, self.account)

    def _counted(self, make: Callable[[], Any]) -> Callable[[], "_CountedProtocol"]:
        return lambda: _CountedProtocol(make(), self.account)

    def _own(self, transport: Any, protocol: "_CountedProtocol") -> tuple[Any, Any]:
        return _CountedTransport(transport, self.account), protocol.inner


class _CountedTransport:
    """Counts what is written."""

    def __init__(self, inner: Any, account: Account) -> None:
        self.inner = inner
        self._account = account

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def write(self, data: bytes | memoryview) -> None:
        self._account.sent_bytes += len(data)
        self.inner.write(data)

    def writelines(self, lines: Iterable[bytes | memoryview]) -> None:
        lines = list(lines)
        self._account.sent_bytes += sum(map(len, lines))
        self.inner.writelines(lines)

    def set_protocol(self, protocol: Any) -> None:
        self.inner.set_protocol(_CountedProtocol(protocol, self._account))


class _CountedProtocol(asyncio.Protocol):
    """Counts what comes, and the processor time that reading it takes."""

    def __init__(self, inner: Any, account: Account) -> None:
        self.inner = inner
        self._account = account

    def connection_made(self, transport: Any) -> None:
        self.inner.connection_made(_CountedTransport(transport, self._account))

    def data_received(self, data: bytes) -> None:
        begun_ns = thread_time_ns()
        self.inner.data_received(data)
        self._account.parsing_ns += thread_time_ns() - begun_ns
        self._account.received_bytes += len(data)

    def eof_received(self) -> Any:
        return self.inner.eof_received()

    def connection_lost(self, error: Exception | None) -> None:
        self.inner.connection_lost(error)

    def pause_writing(self) -> None:
        self.inner.pause_writing()

    def resume_writing(self) -> None:
        self.inner.resume_writing()
