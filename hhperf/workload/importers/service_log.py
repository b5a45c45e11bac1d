"""The service's own log: pino's JSON lines, bare or as Google Cloud Logging exports them.

A search is a line that holds a body, under any of the names that loggers use for it. A line that
was written when the request had ended tells how long it took: it arrived that much earlier.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from hhperf.workload.importers.entry import (
    Entry,
    Found,
    at,
    first_text,
    header,
    moment,
    numbered_lines,
    read_json,
    search_body,
)
from hhperf.workload.records import FieldError

_BODIES = (
    ("req", "body"), ("request", "body"), ("body",), ("payload",), ("request",), ("searchRequest",),
    ("params",), ("data",),
)  # fmt: skip
_TOOK_MS = ("responseTime", "responseTimeMs", "durationMs", "elapsedMs")

Fields = Mapping[str, Any]


def service_log(path: Path) -> Iterator[tuple[int, Found]]:
    """Each line or element with its search; None where it is of something else.

    Raises:
        QueryLogError: the file cannot be read.
    """
    for number, line in _elements(path):
        yield number, line if isinstance(line, FieldError) else _entry(line)


def _elements(path: Path) -> Iterator[tuple[int, Any]]:
    """Lines of JSON, or the elements of the one array that the file is."""
    lines = list(numbered_lines(path))
    texts = [text for _, text in lines if isinstance(text, str)]
    if texts and texts[0].startswith("["):
        try:
            yield from enumerate(json.loads("\n".join(texts)), start=1)
        except (ValueError, RecursionError) as error:
            yield 1, FieldError(None, f"is not a JSON array: {error}")
        return
    for number, text in lines:
        try:
            yield number, json.loads(text) if isinstance(text, str) else text
        except (ValueError, RecursionError) as error:
            yield number, FieldError(None, f"is not JSON: {error}")


def _entry(line: object) -> Found:
    if not isinstance(line, dict):
        return FieldError(None, "is not a JSON object")
    fields = _unwrapped(line)
    body = _body(fields)
    if body is None:
        return None
    written = next(filter(None, map(moment, _times(line, fields))), None)
    if written is None:
        return FieldError("time", "has no time")
    headers = at(fields, "req", "headers") or at(fields, "headers")
    url = first_text(
        at(fields, "req", "url"), fields.get("url"), at(line, "httpRequest", "requestUrl")
    )
    return Entry(
        at=written - timedelta(milliseconds=_took_ms(fields)),
        body=body,
        request_id=first_text(
            fields.get("requestId"),
            header(headers, "x-request-id"),
            fields.get("reqId"),
            at(fields, "req", "id"),
            line.get("insertId"),
        ),
        tenant=first_text(
            fields.get("tenantId"),
            fields.get("tenant"),
            at(fields, "tenant", "id"),
            header(headers, "x-tenant-id"),
        ),
        session=first_text(fields.get("sessionId"), fields.get("session")),
        path=None if url is None else url.partition("?")[0],
    )


def _unwrapped(line: Fields) -> Fields:
    """The fields that the service wrote, out of the envelope that the cloud put around them."""
    payloads = line.get("jsonPayload"), read_json(line.get("textPayload"))
    return next((each for each in payloads if isinstance(each, dict)), line)


def _body(fields: Fields) -> Fields | None:
    found = (search_body(at(fields, *place)) for place in _BODIES)
    return next((body for body in found if body is not None), None)


def _times(line: Fields, fields: Fields) -> Iterator[object]:
    """The service's own clock first: the envelope's is that of whoever took the line in."""
    for source in (fields, line):
        yield from (source[name] for name in ("time", "timestamp", "@timestamp") if name in source)


def _took_ms(fields: Fields) -> float:
    found = (fields.get(name) for name in _TOOK_MS)
    return next((float(each) for each in found if isinstance(each, int | float)), 0.0)
