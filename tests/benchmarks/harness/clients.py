"""HTTP clients to send load with: requests per second and processor time of each.

Run `python -m tests.benchmarks.harness.clients [requests]`. The client keeps to one core, a null
server to another; 50 requests are under way. Clients that are not installed are left out
(`pip install pyreqwest niquests`). On a busy machine the processor time is the figure to compare.

The own client on uvloop takes a fraction of the others' time. pyreqwest, the next, is well kept but
young (one maintainer, first released in 2025) and works in threads of its own, whose time the
generator's core pays for; aiohttp and httpx are made for other purposes.
"""

import asyncio
import importlib
import importlib.util
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from hhperf.harness.alarm import new_fast_loop
from hhperf.harness.calibration import null_server
from hhperf.harness.http_client import HttpClient
from tests.benchmarks.harness.tools import GENERATOR_CORE, keep_to, say, server_core

UNDER_WAY = 50
PATH = "/v1/search/hybrid"
BODY = json.dumps({"query": "engenheiro de dados", "limit": 20}).encode()
HEADERS = {"Content-Type": "application/json", "X-Tenant-ID": "acme", "X-Request-ID": "r1"}

Send = Callable[[], Awaitable[Any]]
Client = Callable[[str], AbstractAsyncContextManager[Send]]


def main() -> None:
    """Prints a line for each client and event loop."""
    requests = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    keep_to(GENERATOR_CORE)
    say(f"{'client':<12}{'event loop':<12}{'requests/s':>12}{'processor us':>14}")
    with null_server(server_core()) as url:
        for name, (client, share) in CLIENTS.items():
            if name != "own" and importlib.util.find_spec(name) is None:
                say(f"{name:<12}skipped: not installed")
                continue
            for loop, new_loop in (("asyncio", asyncio.new_event_loop), ("uvloop", new_fast_loop)):
                with asyncio.Runner(loop_factory=new_loop) as runner:
                    rate, cost = runner.run(_measured(client, url, round(requests * share)))
                say(f"{name:<12}{loop:<12}{rate:>12,.0f}{cost * 1e6:>14.1f}")


async def _measured(client: Client, url: str, requests: int) -> tuple[float, float]:
    async with client(url) as send:
        await _sent(send, requests // 10)
        began, used = time.perf_counter(), time.process_time()
        await _sent(send, requests)
        took, cost = time.perf_counter() - began, time.process_time() - used
        return requests / took, cost / requests


async def _sent(send: Send, requests: int) -> None:
    waiting = iter(range(requests))

    async def work() -> None:
        for _ in waiting:
            await send()

    await asyncio.gather(*(work() for _ in range(UNDER_WAY)))


@asynccontextmanager
async def _own(url: str) -> AsyncIterator[Send]:
    parts = urlsplit(url)
    client = HttpClient(parts.hostname or "", parts.port or 80)
    own = {"Host": parts.netloc, "Content-Length": str(len(BODY)), **HEADERS}
    lines = "".join(f"{name}: {value}\r\n" for name, value in own.items())
    data = f"POST {PATH} HTTP/1.1\r\n{lines}\r\n".encode() + BODY
    yield lambda: client.request(data)
    await client.close()


@asynccontextmanager
async def _pyreqwest(url: str) -> AsyncIterator[Send]:
    builder = importlib.import_module("pyreqwest.client").ClientBuilder()
    async with builder.max_connections(UNDER_WAY).build() as client:

        async def send() -> None:
            response = (
                await client.post(url + PATH).headers(HEADERS).body_bytes(BODY).build().send()
            )
            await response.bytes()

        yield send


@asynccontextmanager
async def _aiohttp(url: str) -> AsyncIterator[Send]:
    import aiohttp  # noqa: PLC0415

    connector = aiohttp.TCPConnector(limit=UNDER_WAY)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def send() -> None:
            async with session.post(url + PATH, data=BODY, headers=HEADERS) as response:
                await response.read()

        yield send


@asynccontextmanager
async def _httpx(url: str) -> AsyncIterator[Send]:
    import httpx  # noqa: PLC0415

    limits = httpx.Limits(max_connections=UNDER_WAY)
    async with httpx.AsyncClient(limits=limits) as client:
        yield lambda: client.post(url + PATH, content=BODY, headers=HEADERS)


@asynccontextmanager
async def _niquests(url: str) -> AsyncIterator[Send]:
    niquests = importlib.import_module("niquests")
    async with niquests.AsyncSession(pool_maxsize=UNDER_WAY) as session:
        yield lambda: session.post(url + PATH, data=BODY, headers=HEADERS)


CLIENTS: dict[str, tuple[Client, float]] = {
    "own": (_own, 1.0),
    "pyreqwest": (_pyreqwest, 1.0),
    "aiohttp": (_aiohttp, 0.5),
    "niquests": (_niquests, 0.05),
    "httpx": (_httpx, 0.02),
}
"""Each with the share of the requests that it gets: the slow ones would take minutes."""


if __name__ == "__main__":
    main()
