"""Whether the parts of a search answer, asked of all at once."""

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any

from redis.exceptions import RedisError

from hhperf.search.engine import SearchEngine
from hhperf.search.resilience import ProviderError
from hhperf.search.store import STORE_ERRORS

TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True)
class Health:
    """What the parts said; each is in one of the two.

    Attributes:
        versions: by part, what it says of itself.
        problems: by part, the kind of its failure.
    """

    versions: Mapping[str, str]
    problems: Mapping[str, str]

    @property
    def is_able(self) -> bool:
        """Whether any search can be answered: not without the database."""
        return "postgres" not in self.problems

    def to_wire(self) -> dict[str, Any]:
        """The JSON object of `GET /health`."""
        status = "ok" if not self.problems else "degraded" if self.is_able else "unavailable"
        well = {name: {"status": "ok", "version": said} for name, said in self.versions.items()}
        ill = {name: {"status": "failed", "error": kind} for name, kind in self.problems.items()}
        return {"status": status, "parts": well | ill}


async def check(engine: SearchEngine) -> Health:
    """Ask every part for its version; none is waited for longer than 2 s."""
    clients = engine.clients
    asked = {
        "postgres": clients.store.version(),
        "redis": engine.cache.version(),
        "embedding": clients.embedding.provider.version(),
        "rerank": clients.reranker.provider.version(),
    }
    said = dict(zip(asked, await asyncio.gather(*map(_in_time, asked.values())), strict=True))
    return Health(
        versions={name: each for name, each in said.items() if isinstance(each, str)},
        problems={
            name: type(each).__name__ for name, each in said.items() if isinstance(each, Exception)
        },
    )


async def _in_time(question: Awaitable[str]) -> str | Exception:
    try:
        async with asyncio.timeout(TIMEOUT_S):
            return await question
    except (*STORE_ERRORS, RedisError, ProviderError) as error:
        return error
