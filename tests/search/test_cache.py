"""Redis as a cache that may be lost at any time."""

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psutil
import pytest
import pytest_asyncio

from hhperf.search.cache import AT_A_TIME, GIVEN_UP_S, RedisCache, decoded, hashed
from hhperf.search.usage import Usage, using
from hhperf.stack.paths import socket_folder
from hhperf.stack.servers import await_valkey, spawn_valkey, valkey_socket
from hhperf.stack.stack import Stack

pytestmark = pytest.mark.asyncio(loop_scope="session")


@dataclass
class Valkey:
    """A server of the test's own, to be stopped and started."""

    folder: Path

    def start(self) -> None:
        """Start it, on the same socket each time."""
        self.process = psutil.Process(spawn_valkey(self.folder))
        await_valkey(self.process, self.folder)

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.kill()
        self.process.wait()

    def connect(self) -> RedisCache:
        """A client of it."""
        return RedisCache.connect(unix_socket_path=str(valkey_socket(self.folder)))


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    """A started server."""
    server = Valkey(socket_folder())
    server.start()
    yield server
    if server.process.is_running():
        server.process.send_signal(signal.SIGCONT)
        server.kill()
    shutil.rmtree(server.folder)


@pytest_asyncio.fixture(loop_scope="session")
async def cache(stack: Stack) -> AsyncIterator[RedisCache]:
    """A client of the shared server."""
    cache = RedisCache.connect(**stack.endpoints.redis)
    yield cache
    await cache.aclose()


def key() -> str:
    """A key that nobody else uses."""
    return f"test:{uuid4().hex}"


async def test_what_is_put_is_got(cache: RedisCache) -> None:
    """Bytes come back as they were, and nothing for a key that was never put."""
    name = key()
    await cache.put(name, b"\0\xff", 60)
    assert await cache.get(name) == b"\0\xff"
    assert await cache.get(key()) is None


async def test_entries_live_their_time_and_a_fifth_more_or_less(cache: RedisCache) -> None:
    """Times to live are spread over ±20%, so that entries do not all leave at once."""
    names = [key() for _ in range(200)]
    for name in names:
        await cache.put(name, b"x", 1_000)
    ttls = [await cache._client.ttl(name) for name in names]
    assert 799 <= min(ttls) <= 850
    assert 1_150 <= max(ttls) <= 1_200
    assert len(set(ttls)) > 50


async def test_without_jitter_entries_live_exactly_their_time(cache: RedisCache) -> None:
    """As specialties do."""
    name = key()
    await cache.put(name, b"x", 1_000, jitter=False)
    assert await cache._client.ttl(name) in {999, 1_000}


async def test_an_entry_leaves(cache: RedisCache) -> None:
    """After its time there is none; the shortest time is a second."""
    name = key()
    await cache.put(name, b"x", 1)
    ttl_ms = await cache._client.pttl(name)
    assert 0 < ttl_ms <= 1_000
    await cache._client.pexpire(name, 1)
    await asyncio.sleep(0.01)
    assert await cache.get(name) is None


async def test_jitter_is_seeded(cache: RedisCache) -> None:
    """The same seed draws the same times."""
    names = [key(), key()]
    for name in names:
        await RedisCache(cache._client, seed=7).put(name, b"x", 100_000)
    first, second = [await cache._client.ttl(name) for name in names]
    assert abs(first - second) <= 1


@pytest.mark.parametrize("prefix", ["test:plain", "test:[a-c]*?\\"])
async def test_clear_removes_a_prefix_and_no_other(cache: RedisCache, prefix: str) -> None:
    """Signs that mean something in a pattern mean themselves in a prefix."""
    mine, others = [f"{prefix}:{n}" for n in range(3)], [f"test:b:{key()}", f"{prefix}x:1"]
    for name in (*mine, *others):
        await cache.put(name, b"x", 60)
    assert await cache.clear(prefix) == 3
    assert [await cache.get(name) for name in (*mine, *others)] == [None] * 3 + [b"x"] * 2


async def test_keys_are_removed_and_those_that_are_gone_are_no_failure(cache: RedisCache) -> None:
    """However many there are."""
    names = [key() for _ in range(AT_A_TIME + 1)]
    for name in names[1:]:
        await cache.put(name, b"1", 60)
    assert await cache.remove(names)
    assert [await cache.get(name) for name in names] == [None] * len(names)


async def test_what_is_put_is_told(stack: Stack) -> None:
    """Before it is written: it may be there although the write fails."""
    cache, told = RedisCache.connect(**stack.endpoints.redis), list[str]()
    cache.on_put = told.append
    name = key()
    await cache.put(name, b"1", 1)
    await cache.aclose()
    assert told == [name]


async def test_a_server_that_is_gone(valkey: Valkey, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is found, nothing is stored, nothing is raised; each is logged."""
    cache = valkey.connect()
    await cache.put("a", b"x", 60)
    valkey.kill()
    assert await cache.get("a") is None
    await cache.put("a", b"y", 60)
    assert await cache.clear("a") == 0
    assert [record.message.split(":")[0] for record in caplog.records] == [
        "cache get",
        "cache put",
        "cache clear",
    ]
    await cache.aclose()


async def test_what_a_search_could_not_ask_or_tell_is_counted(valkey: Valkey) -> None:
    """By the search under way: it goes on, and nobody else would know."""
    cache, usage = valkey.connect(), Usage()

    async def look_up() -> None:
        if await cache.get("a") is None:
            await cache.put("a", b"x", 60)

    await using(usage, look_up())
    assert usage.cache_failures == 0
    valkey.kill()
    await using(usage, look_up())
    assert usage.cache_failures == 2
    await cache.aclose()


async def test_a_server_that_comes_back(valkey: Valkey) -> None:
    """It is used again at once, whatever connections were open before."""
    cache = valkey.connect()
    await cache.put("a", b"x", 60)
    valkey.kill()
    assert await cache.get("a") is None
    valkey.start()
    await cache.put("a", b"y", 60)
    assert await cache.get("a") == b"y"
    await cache.aclose()


async def test_a_server_that_hangs_is_waited_for_once(valkey: Valkey) -> None:
    """After one time-out it is not asked for a while, or each step of a search would wait."""
    now = [0.0]
    connected = valkey.connect()
    cache = RedisCache(connected._client, clock=lambda: now[0])
    await cache.put("a", b"x", 60)
    os.kill(valkey.process.pid, signal.SIGSTOP)
    assert await cache.get("a") is None
    async with asyncio.timeout(0.5):  # shorter than one socket time-out
        for _ in range(20):
            assert await cache.get("a") is None
    os.kill(valkey.process.pid, signal.SIGCONT)
    now[0] += GIVEN_UP_S
    assert await cache.get("a") == b"x"
    await cache.aclose()


async def test_versions(cache: RedisCache) -> None:
    """The server says what it is."""
    assert (await cache.version()).startswith("Valkey 9.")


async def test_hashes_tell_apart_what_differs() -> None:
    """No two lists of parts share a key by being written alike."""
    parts = [
        ("a", "b"),
        ("ab",),
        ("a", ["b"]),
        (["a", "b"],),
        ("a", "b", None),
        ('a","b',),
        ("\ud800",),
    ]
    assert len({hashed(*each) for each in parts}) == len(parts)
    assert hashed("a", {"x": 1, "y": 2}) == hashed("a", {"y": 2, "x": 1})


@pytest.mark.parametrize(
    "value", [None, b"", b"{", b"\xff"], ids=["absent", "empty", "cut JSON", "no UTF-8"]
)
async def test_what_is_no_json_is_nothing(value: bytes | None) -> None:
    """Garbage under a key is no answer."""
    assert decoded(value) is None
