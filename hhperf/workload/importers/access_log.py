"""Access logs in the Common or Combined Log Format, as Apache and nginx write them.

They hold a request's line but not its body, so only searches by query parameters can be read. The
client's address becomes a session by a hash: it is not kept.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from hhperf.workload.importers.entry import (
    Entry,
    Found,
    body_of_parameters,
    first_text,
    numbered_lines,
)
from hhperf.workload.records import FieldError

_LINE = re.compile(
    r'^(?P<host>\S+) \S+ (?P<user>.*?) \[(?P<time>[^\]]+)\] "(?P<request>(?:[^"\\]|\\.)*)"'
    r" (?P<status>\d{3}|-) (?:\d+|-)(?P<rest>(?: .*)?)$"
)
_TENANTS = ("tenant", "tenantId", "tenant_id")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def access_log(path: Path) -> Iterator[tuple[int, Found]]:
    """Each line with its search; None where it is of something else.

    Raises:
        QueryLogError: the file cannot be read.
    """
    for number, line in numbered_lines(path):
        yield number, line if isinstance(line, FieldError) else _found(line)


def _found(line: str) -> Found:
    matched = _LINE.match(line)
    arrived = _moment(matched["time"]) if matched else None
    if matched is None or arrived is None:
        return FieldError(None, "is not in the Common or Combined Log Format")
    _, _, rest = matched["request"].partition(" ")
    target = rest.rpartition(" ")[0] or rest
    try:
        parts = urlsplit(target)
    except ValueError:
        return None
    parameters = dict(parse_qsl(parts.query))
    body = body_of_parameters(parameters)
    if body is None:
        return None
    return Entry(
        at=arrived,
        body=body,
        request_id=first_text(parameters.get("requestId")),
        tenant=first_text(*(parameters.get(name) for name in _TENANTS)),
        session=_session(matched),
        path=parts.path,
    )


def _session(matched: re.Match[str]) -> str:
    """Who sent it, as far as the line tells, as a hash."""
    agent = matched["rest"].rpartition(' "')[2]
    who = f"{matched['host']}\0{matched['user']}\0{agent}"
    return blake2b(who.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _moment(text: str) -> datetime | None:
    """The format's own time; its months are English whatever the locale."""
    day, _, others = text.partition("/")
    month, _, year = others.partition("/")
    if month not in _MONTHS:
        return None
    try:
        return datetime.strptime(
            f"{day}/{_MONTHS.index(month) + 1:02}/{year}", "%d/%m/%Y:%H:%M:%S %z"
        )
    except ValueError:
        return None
