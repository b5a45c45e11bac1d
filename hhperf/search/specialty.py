"""The specialty that a text names: the text's runs of words, looked up in the taxonomy.

"Engenheiro(a) de Dados - São Paulo" names a specialty if one of its runs of words is a term of the
taxonomy; terms there are spelled the way `terms_of` spells them.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice

from hhperf.search.cache import RedisCache, hashed
from hhperf.search.coalescing import RequestCoalescer
from hhperf.search.connections import Waited, untold
from hhperf.search.model import Caller
from hhperf.search.store import CandidateStore

MAX_TERM_WORDS = 5
"""Portuguese titles need five: "analista de qualidade de software"."""
MAX_WORDS = 256
"""Words read from the front of a text: a job description names its role early."""

_MAX_WORD_LENGTH = 40
# "Desenvolvedor(a)" and "Desenvolvedor/a" are read as "Desenvolvedor".
_SECOND_ENDING = re.compile(r"\([ao]s?\)|/[ao]\b")
# Letters and digits, with the marks that are part of a name: c++, c#, node.js, .net.
_WORD = re.compile(r"\.?[^\W_]+(?:\.[^\W_]+)*[+#]*")


def terms_of(text: str) -> list[str]:
    """The runs of 1 to 5 words of a text, lower-case and without accents.

    Longer runs come first at each word, every run once. Only the first 256 words count, so there
    are never more than 1,270 terms. Safe for any input: what is no letter or digit only separates.
    """
    words = _words(text)
    return list(dict.fromkeys(_runs(words)))


@lru_cache(maxsize=65_536)
def term_of(name: str) -> str:
    """A whole name as one term, however long; empty when it holds no word."""
    return " ".join(_words(name))


def _runs(words: list[str]) -> Iterator[str]:
    for start in range(len(words)):
        for stop in range(min(start + MAX_TERM_WORDS, len(words)), start, -1):
            yield " ".join(words[start:stop])


def _words(text: str) -> list[str]:
    found = _WORD.finditer(_SECOND_ENDING.sub("", _fold(text)))
    words = (match.group() for match in islice(found, MAX_WORDS))
    return [word for word in words if len(word) <= _MAX_WORD_LENGTH]


def _fold(text: str) -> str:
    """Lower-case, with accents taken off their letters."""
    split = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in split if not unicodedata.combining(char)).casefold()


NONE = b"-"
"""Stored for a text that names no specialty, so that it is not looked up again."""


@dataclass(frozen=True, slots=True)
class SpecialtyClient:
    """Looks specialties up once for all who ask about the same text at the same time."""

    store: CandidateStore
    cache: RedisCache
    ttl_s: int
    coalescer: RequestCoalescer[str | None] = field(default_factory=RequestCoalescer)

    async def lookup(
        self,
        text: str,
        caller: Caller,
        prefix: str,
        at_least_s: float = 0.0,
        waited: Waited = untold,
    ) -> tuple[str | None, bool]:
        """The specialty that the text names, None for none, and whether the cache had it.

        Raises:
            OSError, asyncpg.PostgresError, TimeoutError: the database did not answer.
        """
        key = f"{prefix}:specialty:{hashed(caller.tenant, text)}"
        stored = await self.cache.get(key)
        if stored is not None:
            return (None if stored == NONE else stored.decode("utf-8", "replace")), True

        async def fetch() -> str | None:
            specialty = await self.store.specialty(terms_of(text), at_least_s, waited)
            await self.cache.put(
                key, NONE if specialty is None else specialty.encode(), self.ttl_s, jitter=False
            )
            return specialty

        return await self.coalescer.get_or_fetch(key, fetch), False
