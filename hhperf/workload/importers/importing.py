"""From a log of another kind to a query log."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from hhperf.errors import QueryLogError
from hhperf.shown import Displayed
from hhperf.workload.importers.access_log import access_log
from hhperf.workload.importers.entry import Entry, Found
from hhperf.workload.importers.har import har
from hhperf.workload.importers.service_log import service_log
from hhperf.workload.query_log import LogSummary, QueryLog, summarise
from hhperf.workload.reader import LogCollector, OnBadLine
from hhperf.workload.records import FieldError
from hhperf.workload.redaction import Redaction, redacted

FORMATS: Mapping[str, Callable[[Path], Iterator[tuple[int, Found]]]] = {
    "service": service_log,
    "access": access_log,
    "har": har,
}
"""`service` are pino's JSON lines, bare or exported by Google Cloud Logging; `access` is the Common
or Combined Log Format; `har` is what browsers and proxies export."""

SAME_REQUEST = timedelta(seconds=60)
"""One request may be on several lines; its id may come again with a service that begins anew."""


@dataclass(frozen=True, slots=True)
class Imported(Displayed):
    """A query log with what became of the lines it was made from.

    Attributes:
        log: the requests.
        ignored: lines that are no search, or tell of one once more.
        summary: what is in the log.
    """

    log: QueryLog
    ignored: int
    summary: LogSummary

    def __repr__(self) -> str:
        return f"Imported({self.log!r}, {self.ignored:,} lines ignored)"


def import_log(
    path: Path | str,
    kind: str,
    *,
    tenant: str | None = None,
    path_contains: str = "",
    on_bad_line: OnBadLine = "fail",
    redaction: Redaction | None = None,
) -> Imported:
    """Read a log of another kind.

    Args:
        path: the file; text formats may be gzipped (`.gz`).
        kind: one of `FORMATS`.
        tenant: whose candidates are searched where a line does not say it.
        path_contains: only requests with this in their path; those whose line tells none are kept.
        on_bad_line: `fail` raises at the first line that cannot be used, `skip` counts such lines.
        redaction: how to make it tell nothing of who asked for what; None changes nothing.

    Raises:
        QueryLogError: the file or a line cannot be read (naming file and line), a search has no
            tenant, or there is no search at all.

    Example:
        >>> imported = hhperf.import_log("access.log", "access", tenant="acme")
        >>> len(imported.log)
        1
    """
    source = Path(path)
    if kind not in FORMATS:
        known = ", ".join(FORMATS)
        raise QueryLogError(f"there is no log format '{kind}': use one of {known}", path=str(path))
    collector = LogCollector(source, skip=on_bad_line == "skip")
    once = _Once()
    ignored = 0
    for line, entry in FORMATS[kind](source):
        if isinstance(entry, FieldError):
            collector.add(line, entry)
        elif (
            entry is not None
            and (entry.path is None or path_contains in entry.path)
            and (request_id := once.id_of(entry, line))
        ):
            collector.add(line, entry.record(request_id, tenant))
        else:
            ignored += 1
    log = collector.log()
    if redaction is not None:
        log = redacted(log, redaction)
    return Imported(log, ignored, summarise(log))


@dataclass(slots=True)
class _Once:
    """Tells a request that is logged twice from two that have the same id."""

    _seen: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    _times: dict[str, int] = field(default_factory=dict)

    def id_of(self, entry: Entry, line: int) -> str | None:
        """An id that no request before has; None for a request that was seen already."""
        request_id = entry.request_id or f"line-{line:06d}"
        before, content = self._seen.get(request_id), repr(entry.body)
        self._seen[request_id] = entry.at, content
        if before is None:
            return request_id
        if abs(entry.at - before[0]) <= SAME_REQUEST and content == before[1]:
            return None
        self._times[request_id] = self._times.get(request_id, 1) + 1
        return f"{request_id}~{self._times[request_id]}"
