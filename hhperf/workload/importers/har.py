"""HTTP Archives (HAR 1.2), as browsers and recording proxies export them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from hhperf.errors import QueryLogError
from hhperf.workload.importers.entry import (
    Entry,
    Found,
    at,
    body_of_parameters,
    first_text,
    header,
    moment,
    numbered_lines,
    search_body,
)
from hhperf.workload.records import FieldError


def har(path: Path) -> Iterator[tuple[int, Found]]:
    """Each entry, numbered from 1, with its search; None where it is of something else.

    Raises:
        QueryLogError: the file is not a HTTP Archive.
    """
    lines = [text for _, text in numbered_lines(path) if isinstance(text, str)]
    try:
        entries = at(json.loads("\n".join(lines)), "log", "entries")
    except (ValueError, RecursionError) as error:
        raise QueryLogError(f"is not JSON: {error}", path=str(path)) from error
    if not isinstance(entries, list):
        raise QueryLogError("is not a HTTP Archive: it has no log.entries", path=str(path))
    for number, entry in enumerate(entries, start=1):
        yield number, _entry(entry)


def _entry(entry: Any) -> Found:
    request = at(entry, "request")
    if not isinstance(request, dict):
        return FieldError("request", "has no request")
    body = search_body(at(request, "postData", "text")) or _of_query(request)
    if body is None:
        return None
    arrived = moment(at(entry, "startedDateTime"))
    if arrived is None:
        return FieldError("startedDateTime", "is not a time")
    return Entry(
        at=arrived,
        body=body,
        request_id=header(request.get("headers"), "x-request-id"),
        tenant=header(request.get("headers"), "x-tenant-id"),
        session=first_text(at(entry, "pageref"), at(entry, "connection")),
        path=_path(str(request.get("url", ""))),
    )


def _of_query(request: dict[str, Any]) -> Any:
    parameters = request.get("queryString")
    if not isinstance(parameters, list):
        return None
    pairs = {str(at(each, "name")): str(at(each, "value")) for each in parameters}
    return body_of_parameters(pairs)


def _path(url: str) -> str | None:
    try:
        return urlsplit(url).path
    except ValueError:
        return None
