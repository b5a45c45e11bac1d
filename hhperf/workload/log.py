"""A query log: timestamped requests, in the order in which they are to be sent."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from hhperf.display import Card, Displayed, counted, duration

if TYPE_CHECKING:
    import pandas as pd


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
    """

    requests: tuple[LoggedRequest, ...]
    source: str
    skipped: int = 0
    reordered: int = 0

    def __repr__(self) -> str:
        skipped = f", {counted(self.skipped, 'line')} skipped" if self.skipped else ""
        size = f"{counted(len(self), 'request')} over {duration(self.span_s)}"
        return f"QueryLog({Path(self.source).name!r}, {size}{skipped})"

    def _card(self) -> Card:
        from hhperf.workload.tables import log_card  # noqa: PLC0415  (it sums up logs)

        return log_card(self)

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

    def head(self, count: int) -> "QueryLog":
        """The first `count` requests, all of them when there are fewer."""
        return self[: max(count, 0)]

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
