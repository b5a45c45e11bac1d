"""What all importers share: a file's lines, a search found in one, and how its parts are read."""

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hhperf.errors import QueryLogError
from hhperf.workload.fields import BODY_FIELDS, FLAGS, JSON_FIELDS
from hhperf.workload.records import FieldError


def numbered_lines(path: Path) -> Iterator[tuple[int, str | FieldError]]:
    """Each line that is not blank, with its number from 1; one that is not UTF-8 as an error.

    Raises:
        QueryLogError: the file cannot be read.
    """
    opener = gzip.open if path.suffix.lower() == ".gz" else open
    try:
        with opener(path, "rb") as lines:
            for number, raw in enumerate(lines, start=1):
                try:
                    text = raw.decode("utf-8-sig" if number == 1 else "utf-8").strip()
                except UnicodeDecodeError:
                    yield number, FieldError(None, "is not UTF-8")
                    continue
                if text:
                    yield number, text
    except FileNotFoundError:
        raise QueryLogError("there is no such file", path=str(path)) from None
    except (OSError, EOFError, zlib.error) as error:
        raise QueryLogError(f"cannot be read: {error}", path=str(path)) from error


SEARCHED = ("query", "jobDescription", "embedding")
"""A body without any of these is of no search."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One search.

    Attributes:
        at: when the request arrived.
        body: of the request.
        request_id: None where the log has none.
        tenant: None where the log does not say.
        session: None where the log does not say.
        path: of the request; None where the log has none.
    """

    at: datetime
    body: Mapping[str, Any]
    request_id: str | None = None
    tenant: str | None = None
    session: str | None = None
    path: str | None = None

    def record(self, request_id: str, tenant: str | None) -> dict[str, Any]:
        """The entry as a record of a query log."""
        found = {"tenant": self.tenant or tenant, "session": self.session}
        return {"request_id": request_id, "timestamp": self.at, "body": dict(self.body)} | {
            name: value for name, value in found.items() if value is not None
        }


Found = Entry | FieldError | None
"""What a line holds: a search, why it cannot be told, or something else."""


def read_json(text: Any, otherwise: Any = None) -> Any:
    """What a text of JSON holds; what is said otherwise where it is none."""
    try:
        return json.loads(text)
    except (TypeError, ValueError, RecursionError):
        return otherwise


def search_body(found: object) -> Mapping[str, Any] | None:
    """A body that searches for something, also one that was logged as text; else None."""
    if isinstance(found, str) and found.lstrip().startswith("{"):
        found = read_json(found)
    if isinstance(found, dict) and any(found.get(name) for name in SEARCHED):
        return found
    return None


def body_of_parameters(parameters: Mapping[str, str]) -> Mapping[str, Any] | None:
    """The body that query parameters make; `q` is a query. None where they search for nothing."""
    named = {"query" if name == "q" else name: value for name, value in parameters.items()}
    body = {name: _typed(name, value) for name, value in named.items() if name in BODY_FIELDS}
    return search_body(body)


def first_text(*found: object) -> str | None:
    """The first that is a text or a number, as text; None where none is."""
    for each in found:
        if isinstance(each, str | int) and not isinstance(each, bool) and str(each).strip():
            return str(each).strip()
    return None


def at(mapping: object, *path: str) -> Any:
    """What stands at a path of nested mappings; None where it ends before."""
    for name in path:
        if not isinstance(mapping, dict):
            return None
        mapping = mapping.get(name)
    return mapping


def header(headers: object, name: str) -> str | None:
    """A header by its name in any case, from a mapping or a list of names and values."""
    return first_text(*(value for key, value in _pairs(headers) if key.lower() == name.lower()))


def moment(value: object) -> datetime | None:
    """A point in time from ISO 8601, or seconds or milliseconds since 1970; None for neither."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            seconds = value / 1e3 if abs(value) > 1e11 else value  # 1e11 s is the year 5138
            return datetime.fromtimestamp(seconds, UTC)
        found = datetime.fromisoformat(str(value))
    except (ValueError, OverflowError, OSError):
        return None
    return found.replace(tzinfo=found.tzinfo or UTC)


def _pairs(headers: object) -> Iterator[tuple[str, object]]:
    if isinstance(headers, dict):
        yield from ((str(name), value) for name, value in headers.items())
    elif isinstance(headers, list):
        for each in headers:
            yield str(at(each, "name")), at(each, "value")


def _typed(name: str, value: str) -> Any:
    if name in ("limit", "offset") and value.lstrip("-").isdigit():
        return int(value)
    if name in JSON_FIELDS:
        return read_json(value.lower() if name in FLAGS else value, otherwise=value)
    return value
