"""Checking one record of a query log, field by field."""

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from hhperf.errors import RequestError
from hhperf.search.model import SearchRequest, unknown_fields
from hhperf.workload.records import FieldError, Record

BODY_FIELDS = SearchRequest.names()
OWN_FIELDS = frozenset({"request_id", "offset_s", "timestamp", "tenant", "session", "body"})

FLAGS = frozenset({"includeDebug", "enableNlp", "anonymizedView"})
JSON_FIELDS = FLAGS | {"filters", "embedding", "limit", "offset", "signalWeights"}
"""What a text column or parameter holds as JSON."""


def unknown_names(record: Record, searched: Mapping[str, Any]) -> tuple[str, ...]:
    """Names beside the body and in it that mean nothing.

    Counted and told, since a misspelled filter silently searches without it; not refused, since the
    deployed service lets them pass, and its logs hold them.
    """
    beside = set(record) - OWN_FIELDS - BODY_FIELDS
    told = (name for name in sorted(map(str, beside)) if record[name] is not None)
    return (*told, *unknown_fields(searched))


def check_names(record: Record) -> None:
    """Refuse a search that is told twice.

    Raises:
        FieldError: fields of the body stand both in and beside `body`.
    """
    doubled = sorted(set(record) & BODY_FIELDS) if "body" in record else []
    if doubled:
        raise FieldError(doubled[0], "stands beside `body`; put it inside")


def text(record: Record, field: str) -> str | None:
    """A text that is not blank; None when the field is absent or null.

    Raises:
        FieldError: it is no text, or holds half a surrogate pair.
    """
    value = record.get(field)
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip():
        raise FieldError(field, f"is {value!r}, needs to be text that is not blank")
    if not _is_unicode(value):
        raise FieldError(field, "is not valid Unicode")
    return value


def body(record: Record) -> Mapping[str, Any]:
    """The request's body, checked as the service checks it.

    Raises:
        FieldError: the service would refuse it.
    """
    found = record["body"] if "body" in record else _flat_body(record)
    found = _decoded("body", found)
    if not isinstance(found, dict):
        raise FieldError("body", "is not a JSON object")
    try:
        SearchRequest.from_wire(found)
    except RequestError as error:
        problem = str(error).removeprefix(f"{error.field}: ")
        raise FieldError(error.field, problem) from error
    return found


def _flat_body(record: Record) -> dict[str, Any]:
    fields = {name: value for name, value in record.items() if name in BODY_FIELDS}
    return {
        name: _decoded(name, value) if name in JSON_FIELDS else value
        for name, value in fields.items()
        if value is not None
    }


def _decoded(field: str, value: Any) -> Any:
    """What a text column holds as JSON; whole numbers that were stored as 20.0 become 20."""
    if isinstance(value, str):
        written = value.lower() if field in FLAGS else value
        try:
            value = json.loads(written)
        except (ValueError, RecursionError) as error:
            raise FieldError(field, f"is not JSON ({error}): {value[:40]!r}") from error
    if field in ("limit", "offset") and isinstance(value, float) and value.is_integer():
        return int(value)
    return value


class Clock:
    """Reads when each request was sent, in seconds after the first record that was read.

    Attributes:
        kind: the field that holds the time; that of the first record, once there is one.
    """

    def __init__(self) -> None:
        self.kind: Literal["offset_s", "timestamp"] | None = None
        self._first: datetime | None = None

    def read(self, record: Record) -> float:
        """Seconds: `offset_s` as it is, a `timestamp` relative to the first one (maybe negative).

        Raises:
            FieldError: there is no time, it cannot be read, or other records have the other kind.
        """
        kind = _kind(record)
        if self.kind not in (None, kind):
            raise FieldError(kind, f"other lines have {self.kind}; use one of them throughout")
        seconds = _offset(record) if kind == "offset_s" else self._since_first(record)
        self.kind = kind
        return seconds

    def _since_first(self, record: Record) -> float:
        moment = _timestamp(record)
        self._first = self._first or moment
        return (moment - self._first).total_seconds()


def _kind(record: Record) -> Literal["offset_s", "timestamp"]:
    has_offset, has_timestamp = (record.get(name) is not None for name in ("offset_s", "timestamp"))
    if has_offset and has_timestamp:
        raise FieldError("timestamp", "stands beside offset_s; keep one of them")
    if not has_offset and not has_timestamp:
        raise FieldError("offset_s", "is missing; give offset_s (seconds) or an ISO timestamp")
    return "offset_s" if has_offset else "timestamp"


def _offset(record: Record) -> float:
    value = record["offset_s"]
    try:
        seconds = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        seconds = math.nan
    if not (math.isfinite(seconds) and seconds >= 0):
        raise FieldError("offset_s", f"is {value!r}, needs to be a number of seconds, 0 or more")
    return seconds


def _timestamp(record: Record) -> datetime:
    value = record["timestamp"]
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        return moment.replace(tzinfo=moment.tzinfo or UTC)
    except (TypeError, ValueError) as error:
        wanted = "needs to be ISO 8601, such as 2026-01-31T09:30:00.250Z"
        raise FieldError("timestamp", f"is {value!r}, {wanted}") from error


def _is_unicode(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
