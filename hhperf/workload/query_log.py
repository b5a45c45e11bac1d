"""A query log in memory: its requests, what is in them, and how it is written."""

import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from hhperf.errors import QueryLogError
from hhperf.shown import Displayed, clipped, counted, duration

if TYPE_CHECKING:
    import pandas as pd


UNKNOWN_TOLD = 5
"""How many fields that no search has are told by name."""


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One request that was, or is to be, sent.

    Attributes:
        request_id: unique within its log.
        offset_s: seconds after the log's beginning, 0 or more.
        tenant: whose candidates are searched.
        session: what ties related searches together; None when not known.
        body: the JSON object of `POST /v1/search/hybrid`, as logged.
    """

    request_id: str
    offset_s: float
    tenant: str
    session: str | None
    body: Mapping[str, Any]

    def to_json(self, *, sort_keys: bool = False) -> str:
        """The request as one line of a JSONL log."""
        fields = {
            "request_id": self.request_id,
            "offset_s": self.offset_s,
            "tenant": self.tenant,
            "session": self.session,
            "body": self.body,
        }
        return json.dumps(fields, ensure_ascii=False, sort_keys=sort_keys)


@dataclass(frozen=True)
class QueryLog(Displayed, Sequence[LoggedRequest]):
    """Requests in time order. Slices are logs too.

    Attributes:
        requests: by ascending `offset_s`.
        source: the file it was read from, or how it was made.
        skipped: lines that could not be read and were left out.
        reordered: requests that stood after a later one in the source and were moved.
        unknown_fields: names in the source that no search has, and in how many requests.
        changes: what a redaction changed, and what that does to the workload, a sentence each.
    """

    requests: tuple[LoggedRequest, ...]
    source: str
    skipped: int = 0
    reordered: int = 0
    unknown_fields: Mapping[str, int] = field(default_factory=dict, hash=False)
    changes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        skipped = f", {counted(self.skipped, 'line')} skipped" if self.skipped else ""
        size = f"{counted(len(self), 'request')} over {duration(self.span_s)}"
        return f"QueryLog({Path(self.source).name!r}, {size}{skipped})"

    def __len__(self) -> int:
        return len(self.requests)

    def __iter__(self) -> Iterator[LoggedRequest]:
        return iter(self.requests)

    @overload
    def __getitem__(self, index: int) -> LoggedRequest: ...
    @overload
    def __getitem__(self, index: slice) -> "QueryLog": ...
    def __getitem__(self, index: int | slice) -> "LoggedRequest | QueryLog":
        if isinstance(index, slice):
            return replace(self, requests=self.requests[index])
        return self.requests[index]

    @property
    def unknown_told(self) -> tuple[str, ...]:
        """A sentence on the fields that no search has; none where there are none."""
        return _told(self.unknown_fields)

    def head(self, count: int) -> "QueryLog":
        """The first `count` requests, all of them when there are fewer."""
        return self[: max(count, 0)]

    def in_bursts(self, size: int) -> "QueryLog":
        """Each request so many times in a row, under ids of their own."""
        repeated = (
            replace(each, request_id=f"{each.request_id}-{number}")
            for each in self.requests
            for number in range(1, size + 1)
        )
        return replace(self, requests=tuple(repeated)) if size > 1 else self

    @property
    def span_s(self) -> float:
        """Seconds from the first request to the last; 0 for fewer than two."""
        return self.requests[-1].offset_s - self.requests[0].offset_s if self.requests else 0.0

    @cached_property
    def sha256(self) -> str:
        """Hash of the requests alone: the same for the same requests from any file format."""
        digest = hashlib.sha256()
        for request in self.requests:
            digest.update(request.to_json(sort_keys=True).encode() + b"\n")
        return digest.hexdigest()

    def to_frame(self) -> "pd.DataFrame":
        """One row a request; of the body, the fields most often looked at, None where absent."""
        import pandas as pd  # noqa: PLC0415  (heavy, and only notebooks need it)

        rows = [_row(request) for request in self.requests]
        return pd.DataFrame(rows, columns=[*_COLUMNS, *_BODY_COLUMNS.values()])


_COLUMNS = ("request_id", "offset_s", "tenant", "session")
_BODY_COLUMNS = {
    "query": "query",
    "jobDescription": "job_description",
    "jdHash": "jd_hash",
    "filters": "filters",
    "limit": "limit",
    "offset": "offset",
    "roleType": "role_type",
}


def _row(request: LoggedRequest) -> dict[str, Any]:
    own = {name: getattr(request, name) for name in _COLUMNS}
    return own | {column: request.body.get(key) for key, column in _BODY_COLUMNS.items()}


def write_query_log(log: Iterable[LoggedRequest], path: str | Path) -> None:
    """Write JSONL, compressed when the name ends in `.gz`. The same log gives the same bytes.

    Raises:
        QueryLogError: the name ends in neither `.jsonl` nor `.jsonl.gz`, or it cannot be written.
    """
    target = Path(path)
    if not target.name.endswith((".jsonl", ".jsonl.gz")):
        raise QueryLogError("cannot write this format; name it .jsonl or .jsonl.gz", path=str(path))
    content = "".join(request.to_json() + "\n" for request in log).encode()
    try:
        target.write_bytes(gzip.compress(content, mtime=0) if target.suffix == ".gz" else content)
    except OSError as error:
        raise QueryLogError(f"cannot be written: {error.strerror}", path=str(path)) from error


@dataclass(frozen=True, slots=True)
class LogSummary(Displayed):
    """Figures of a query log; times in seconds, rates per second.

    Attributes:
        requests: how many.
        span_s: from the first to the last.
        rate_hz: the mean rate.
        peak_hz: the highest rate within any second counted from the first request.
        gap_p50_s: the median gap between two requests.
        gap_p99_s: the 99th percentile.
        longest_gap_s: the longest.
        gap_variation: the gaps' coefficient of variation; 1 for a Poisson process, more for bursts.
        repeated: the share of requests whose tenant and body came before.
        distinct_texts: how many different texts.
        tenants: requests of each, the busiest first.
        sessions: how many; 0 where the log has none.
        skipped: lines that could not be read.
        unknown_fields: names that no search has, and in how many requests.
        changes: what a redaction changed, and what that does to the workload.
    """

    requests: int
    span_s: float
    rate_hz: float
    peak_hz: float
    gap_p50_s: float
    gap_p99_s: float
    longest_gap_s: float
    gap_variation: float
    repeated: float
    distinct_texts: int
    tenants: dict[str, int]
    sessions: int
    skipped: int
    unknown_fields: Mapping[str, int] = field(default_factory=dict)
    changes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"LogSummary({counted(self.requests, 'request')} over {duration(self.span_s)})"

    def __str__(self) -> str:
        """One line a fact."""
        return "\n".join(self.lines())

    def lines(self) -> list[str]:
        """The summary in words, a line each."""
        busiest = ", ".join(f"{name} {count:,}" for name, count in list(self.tenants.items())[:3])
        return [
            f"{self.requests:,} requests over {self.span_s:,.1f} s"
            + (f", {self.skipped:,} lines skipped" if self.skipped else ""),
            f"{self.rate_hz:.3g} requests/s, at most {self.peak_hz:.3g} in a second",
            f"gaps: median {self.gap_p50_s:.3g} s, p99 {self.gap_p99_s:.3g} s,"
            f" longest {self.longest_gap_s:.3g} s, variation {self.gap_variation:.2f}",
            f"{self.repeated:.1%} of requests repeat an earlier one;"
            f" {self.distinct_texts:,} distinct texts",
            f"{len(self.tenants):,} tenants ({busiest}), {self.sessions:,} sessions",
            *_told(self.unknown_fields),
            *(f"redacted: {each}" for each in self.changes),
        ]


def summarise(log: QueryLog) -> LogSummary:
    """Count what is in a log.

    Args:
        log: of one request or more.
    """
    offsets = np.array([request.offset_s for request in log])
    gaps = np.diff(offsets) if len(offsets) > 1 else np.zeros(1)
    per_second = np.bincount((offsets - offsets[0]).astype(np.int64)) if len(log) else np.zeros(1)
    kinds = Counter(_kind(request) for request in log)
    texts = {_text(request) for request in log}
    mean = float(gaps.mean())
    return LogSummary(
        requests=len(log),
        span_s=log.span_s,
        rate_hz=1 / mean if mean > 0 else 0.0,
        peak_hz=float(per_second.max()),
        gap_p50_s=float(np.quantile(gaps, 0.5)),
        gap_p99_s=float(np.quantile(gaps, 0.99)),
        longest_gap_s=float(gaps.max()),
        gap_variation=float(gaps.std()) / mean if mean > 0 else 0.0,
        repeated=1 - len(kinds) / len(log) if len(log) else 0.0,
        distinct_texts=len(texts - {""}),
        tenants=dict(Counter(request.tenant for request in log).most_common()),
        sessions=len({request.session for request in log} - {None}),
        skipped=log.skipped,
        unknown_fields=log.unknown_fields,
        changes=log.changes,
    )


def _told(unknown: Mapping[str, int]) -> tuple[str, ...]:
    if not unknown:
        return ()
    first = ", ".join(f"{clipped(name, 40)} ({count:,})" for name, count in _first(unknown))
    more = f" and {len(unknown) - UNKNOWN_TOLD:,} more" if len(unknown) > UNKNOWN_TOLD else ""
    return (f"fields that no search has were let pass: {first}{more}",)


def _first(unknown: Mapping[str, int]) -> Iterable[tuple[str, int]]:
    return islice(unknown.items(), UNKNOWN_TOLD)


def _kind(request: LoggedRequest) -> str:
    return f"{request.tenant}\0{json.dumps(request.body, sort_keys=True, default=str)}"


def _text(request: LoggedRequest) -> str:
    texts = (str(request.body.get(name) or "") for name in ("query", "jobDescription"))
    return next((text.strip() for text in texts if text.strip()), "")
