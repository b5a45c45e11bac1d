"""Makes a query log tell nothing of who asked for what, without changing how it repeats."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, get_args

from hhperf.errors import RedactionError
from hhperf.pseudonyms import Pseudonyms
from hhperf.shown import counted
from hhperf.workload.query_log import LoggedRequest, QueryLog
from hhperf.workload.redacted_names import FILTERS, PLAIN, REPLACED, Kept


@dataclass(frozen=True, slots=True)
class Redaction:
    """How to redact.

    Attributes:
        pseudonyms: what words and names are replaced by; with a key of their own when not given.
        keep: fields that stay as they are, by their names; `filters` are all filters.
        words: words that stay readable wherever they are, in lower case, such as names of skills.

    Raises:
        RedactionError: there is no such field.
    """

    pseudonyms: Pseudonyms = field(default_factory=Pseudonyms)
    keep: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if unknown := sorted(self.keep - set(get_args(Kept))):
            known = ", ".join(get_args(Kept))
            raise RedactionError(f"keep: there is no field '{unknown[0]}', use some of {known}")


def redacted(log: QueryLog, redaction: Redaction) -> QueryLog:
    """The log with pseudonyms for every word, name and identifier in it.

    Equal ones stay equal and different ones different, so that texts, tenants, sessions and whole
    searches repeat as before. Words become letters, as many as before if these were six or more.
    A precomputed embedding becomes another direction, a number in filters on metadata another
    number. What is one of few known values stays, and so do times, limits and years. Fields that no
    search has are dropped, since they may hold anything. The log's `changes` say what was done, and
    what that does to the workload.
    """
    redactor = _Redactor(redaction)
    requests = tuple(map(redactor.request, log))
    return QueryLog(
        requests=requests,
        source=f"{log.source}, redacted" if "source" in redaction.keep else "a log, redacted",
        skipped=log.skipped,
        reordered=log.reordered,
        changes=redactor.changes(),
    )


class _Redactor:
    """Redacts requests, and counts in how many it changed what."""

    def __init__(self, redaction: Redaction) -> None:
        self._hidden = redaction.pseudonyms
        self._keep = redaction.keep
        self._words = redaction.words
        self._counts: Counter[str] = Counter()
        self._changed: set[str] = set()

    def request(self, request: LoggedRequest) -> LoggedRequest:
        """Another request that asks for as much."""
        self._changed, session = set(), request.session
        made = replace(
            request,
            request_id=self._name("request_id", request.request_id),
            tenant=self._name("tenant", request.tenant),
            session=None if session is None else self._name("session", session),
            body=self._body(request.body),
        )
        self._counts.update(self._changed)
        return made

    def changes(self) -> tuple[str, ...]:
        """What was changed and what that does, a sentence each."""
        return tuple(
            f"{what} of {counted(self._counts[name], 'request')} {REPLACED[name]}"
            for name, what in _WHAT.items()
            if self._counts[name]
        )

    def _name(self, name: str, original: str) -> str:
        if name in self._keep:
            return original
        self._changed.add(name)
        return self._hidden.name(original)

    def _body(self, body: Mapping[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for name, value in body.items():
            if name == "filters" and value is not None:
                made[name] = self._filters(value)
            elif name in PLAIN or name in self._keep or (name in _HIDE and value is None):
                made[name] = value
            elif name in _HIDE:
                made[name] = _HIDE[name](self, value)
                self._changed |= {name} if made[name] != value else set()
            else:
                self._changed.add("unknown")
        return made

    def _filters(self, filters: Mapping[str, Any]) -> dict[str, Any]:
        known = {name: each for name, each in filters.items() if name in FILTERS}
        self._changed |= {"unknown"} if len(known) < len(filters) else set()
        made = {
            name: each if FILTERS[name] or self._keep & {name, "filters"} else self._anything(each)
            for name, each in known.items()
        }
        self._changed |= {"filters"} if made != known else set()
        return made

    def _text(self, text: str) -> str:
        return self._hidden.text(text, self._words)

    def _digest(self, digest: str) -> str:
        return self._hidden.name(digest, len(digest))

    def _anything(self, value: Any) -> Any:
        """JSON of any shape, with its names, texts and numbers replaced."""
        match value:
            case str():
                return self._text(value)
            case bool() | None:
                return value
            case int() | float():
                return self._hidden.number(value) % 10**9
            case Mapping():
                return {self._text(name): self._anything(each) for name, each in value.items()}
            case _:
                return [self._anything(each) for each in value]

    def _weights(self, weights: Mapping[str, float]) -> dict[str, float]:
        return {self._text(name): weight for name, weight in weights.items()}

    def _embedding(self, embedding: list[float]) -> list[float]:
        return self._hidden.direction(embedding)


_HIDE: Mapping[str, Callable[[_Redactor, Any], Any]] = {
    "query": _Redactor._text,
    "jobDescription": _Redactor._text,
    "jdHash": _Redactor._digest,
    "embedding": _Redactor._embedding,
    "signalWeights": _Redactor._weights,
}
_WHAT = {
    "tenant": "tenants",
    "session": "sessions",
    "request_id": "ids",
    "query": "queries",
    "jobDescription": "job descriptions",
    "jdHash": "hashes of job descriptions",
    "embedding": "embeddings",
    "signalWeights": "names of weights",
    "filters": "filters",
    "unknown": "fields that no search has",
}
