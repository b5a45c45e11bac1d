"""Redis as the search uses it: a cache that may be lost at any time.

Whatever goes wrong with Redis, a lookup answers None and a store does nothing, so a search without
it is a slower search and nothing else.
"""

import hashlib
import json
import logging
import random
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any, TypeVar

import redis.asyncio
from pydantic_core import from_json
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from hhperf.search.usage import current_usage

log = logging.getLogger(__name__)

SOCKET_TIMEOUT_S = 1.0
"""How long a search waits for a Redis that has stopped answering."""

GIVEN_UP_S = 5.0
"""How long it is not asked again then, or every step of a search would wait anew."""

CONNECTIONS = 1_000

AT_A_TIME = 256
"""Keys removed by one command: some 0.2 ms of the event loop, and of the server less."""

JITTER = 0.2
"""Entries live their time to live ±20%, so that they do not all leave at once."""

_GLOB = re.compile(r"[*?\[\]\\]")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CacheScope:
    """The key prefixes one search reads and writes: for whole results, and for lookups.

    Two searches share what they share a prefix for, and nothing else.
    """

    results: str
    lookups: str

    @classmethod
    def of(cls, prefix: str) -> "CacheScope":
        """One prefix for both, as in production."""
        return cls(prefix, prefix)


class RedisCache:
    """A cache in Redis or Valkey: bytes by key.

    Attributes:
        on_put: told each key before it is written; None for nobody.
    """

    on_put: Callable[[str], None] | None = None

    def __init__(
        self,
        client: redis.asyncio.Redis,
        *,
        seed: int | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._client = client
        self._random = random.Random(seed)
        self._clock = clock
        self._given_up_until = 0.0

    @classmethod
    def connect(cls, **where: Any) -> "RedisCache":
        """Make a client, with redis-py's own keyword arguments; nothing is sent yet."""
        # A pooled connection to a server that has since restarted fails once: try again, at once.
        retry = Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,))
        return cls(
            redis.asyncio.Redis(
                socket_timeout=SOCKET_TIMEOUT_S,
                socket_connect_timeout=SOCKET_TIMEOUT_S,
                max_connections=CONNECTIONS,
                retry=retry,
                **where,
            )
        )

    async def get(self, key: str) -> bytes | None:
        """The value, or None when absent or when Redis cannot be asked."""
        value = await self._asked("get", lambda: self._client.get(key))
        return value.encode() if isinstance(value, str) else value

    async def put(self, key: str, value: bytes, ttl_s: int, *, jitter: bool = True) -> None:
        """Store the value; a failure is logged and forgotten."""
        if self.on_put is not None:
            self.on_put(key)
        if jitter:
            ttl_s = max(1, round(ttl_s * self._random.uniform(1 - JITTER, 1 + JITTER)))
        await self._asked("put", lambda: self._client.set(key, value, ex=ttl_s))

    async def clear(self, prefix: str) -> int:
        """Remove every key under the prefix and say how many there were."""
        return await self._asked("clear", lambda: self._removed(prefix)) or 0

    async def remove(self, keys: Sequence[str]) -> bool:
        """Remove the keys, some at a time; whether it could be done. A failure is logged."""
        return await self._asked("remove", lambda: self._unlinked(keys)) is not None

    async def version(self) -> str:
        """The server's name and version.

        Raises:
            RedisError, OSError: it does not answer.
        """
        info = await self._client.info("server")
        name = info.get("server_name", "redis").capitalize()
        return f"{name} {info.get('valkey_version', info['redis_version'])}"

    async def aclose(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def _asked(self, what: str, ask: Callable[[], Awaitable[T]]) -> T | None:
        if self._clock() < self._given_up_until:
            _note_failure()
            return None
        try:
            return await ask()
        except (RedisError, OSError) as error:
            log.warning("cache %s: %s; going on as if it were empty", what, error)
            if isinstance(error, RedisTimeoutError | TimeoutError):
                self._given_up_until = self._clock() + GIVEN_UP_S
            _note_failure()
            return None

    async def _removed(self, prefix: str) -> int:
        pattern = _GLOB.sub(r"\\\g<0>", prefix) + ":*"
        keys = [key async for key in self._client.scan_iter(match=pattern, count=1_000)]
        return await self._unlinked(keys)

    async def _unlinked(self, keys: Sequence[bytes | str]) -> int:
        for start in range(0, len(keys), AT_A_TIME):
            await self._client.unlink(*keys[start : start + AT_A_TIME])
        return len(keys)


def _note_failure() -> None:
    """A cache that is lost fails no search, so what it did is told by who measures the search."""
    usage = current_usage()
    if usage is not None:
        usage.cache_failures += 1


def hashed(*parts: object) -> str:
    """A short stable hash of JSON-like parts, for keys."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def decoded(value: bytes | None) -> Any:
    """The JSON value stored, or None for nothing and for what is not JSON."""
    if value is None:
        return None
    try:
        return from_json(value)
    except ValueError:
        return None
