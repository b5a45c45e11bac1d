"""Makes a query log unreadable without changing how it repeats."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any

from hhperf.workload.fields import BODY_FIELDS
from hhperf.workload.query_log import LoggedRequest, QueryLog

_TEXTS = ("query", "jobDescription")
_WORD = re.compile(r"\w+")
_SHORTEST = 6
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Redaction:
    """How to redact.

    Attributes:
        key: what words are hashed with; drawn when it is not given, so that nobody can look words
            up. Give the same key to several logs whose words must stay comparable.
        keep: words that stay readable, in lower case, such as the names of skills.
        tenants: whether the tenants' names are hashed as well.
    """

    key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    keep: frozenset[str] = frozenset()
    tenants: bool = False


def redacted(log: QueryLog, redaction: Redaction) -> QueryLog:
    """The log with each word of its texts replaced by letters that mean nothing.

    Equal words stay equal and different ones different, so that texts repeat as before; a word
    keeps its length if it has six letters or more, which is what it takes to tell words apart. A
    search for such a text finds other candidates, or none. Sessions and request ids are hashed. A
    precomputed embedding is dropped where there is a text, since it tells of its meaning, and so
    are fields that no search has, since they may hold anything. Filters stay.
    """
    requests = tuple(_redacted(request, redaction) for request in log)
    return replace(log, requests=requests, source=f"{log.source}, redacted")


def _redacted(request: LoggedRequest, redaction: Redaction) -> LoggedRequest:
    def hidden(name: str) -> str:
        return _digest(name, redaction.key).hex()[:16]

    return replace(
        request,
        request_id=hidden(request.request_id),
        session=None if request.session is None else hidden(request.session),
        tenant=hidden(request.tenant) if redaction.tenants else request.tenant,
        body=_body(request.body, redaction),
    )


def _body(body: Mapping[str, Any], redaction: Redaction) -> dict[str, Any]:
    def letters(word: re.Match[str]) -> str:
        return word[0] if word[0].lower() in redaction.keep else _letters(word[0], redaction.key)

    has_text = any(str(body.get(name) or "").strip() for name in _TEXTS)
    return {
        name: _WORD.sub(letters, value) if name in _TEXTS and isinstance(value, str) else value
        for name, value in body.items()
        if name in BODY_FIELDS and not (name == "embedding" and has_text)
    }


def _letters(word: str, key: bytes) -> str:
    digest = _digest(word, key)
    length = max(len(word), _SHORTEST)
    return "".join(_LETTERS[digest[place % len(digest)] % len(_LETTERS)] for place in range(length))


def _digest(text: str, key: bytes) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), key=key, digest_size=32).digest()
