"""Reading query logs: JSONL, CSV and Parquet, the text formats also gzipped.

Every request has these fields:

- `tenant`: whose candidates are searched.
- `offset_s`, seconds after the beginning (0 or more), or `timestamp`, a point in time in ISO 8601
  (UTC unless it says otherwise). One kind throughout; the earliest timestamp becomes offset 0.
- `request_id`, unique; made from the line number when absent.
- `session`, which may be absent.
- `body`: the JSON object of `POST /v1/search/hybrid`. Instead of `body`, its fields may stand
  beside the others by their names on the wire (`query`, `jobDescription`, `jdHash`, `limit`, ...),
  which is how a CSV file has them. In text columns `filters` and `embedding` hold JSON; an empty
  cell is an absent field.

Fields of any other name are let pass, as the service does, and counted in
`QueryLog.unknown_fields`.

Requests out of time order are sorted, those of equal time keeping their order, and counted in
`QueryLog.reordered`: logs written when a request ends are seldom in order of arrival.
"""

from collections import Counter
from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from typing import Literal

from hhperf.errors import QueryLogError
from hhperf.workload.fields import Clock, body, check_names, text, unknown_names
from hhperf.workload.query_log import LoggedRequest, QueryLog
from hhperf.workload.records import FieldError, Record, records
from hhperf.workload.shipped import data_file

OnBadLine = Literal["fail", "skip"]
SHIPPED_LOG = "queries.jsonl"


def load_query_log(path: str | Path | None = None, *, on_bad_line: OnBadLine = "fail") -> QueryLog:
    """Read and check a query log; the module's docstring describes the fields.

    Args:
        path: a file ending in .jsonl, .ndjson or .csv, each also with .gz, or in .parquet; None for
            the log that hhperf ships.
        on_bad_line: "fail" raises at the first line that cannot be used; "skip" leaves such lines
            out and counts them in `QueryLog.skipped`.

    Raises:
        QueryLogError: the file cannot be read, a line cannot be used (naming file, line and field),
            or no usable request is left.

    Example:
        >>> log = hhperf.load_query_log()
        >>> print(log[0].request_id)
        q-000001
    """
    path = data_file(SHIPPED_LOG) if path is None else path
    reader = LogCollector(Path(path), skip=on_bad_line == "skip")
    for line, record in records(reader.path):
        reader.add(line, record)
    return reader.log()


class LogCollector:
    """Collects requests and counts the lines that are none."""

    def __init__(self, path: Path, *, skip: bool) -> None:
        self.path = path
        self._skip = skip
        self._skipped = 0
        self._requests: list[LoggedRequest] = []
        self._lines: dict[str, int] = {}
        self._clock = Clock()
        self._unknown: Counter[str] = Counter()

    def add(self, line: int, record: Record | FieldError) -> None:
        """Take in a record, or refuse it.

        Raises:
            QueryLogError: it cannot be used, and such lines are not skipped.
        """
        try:
            if isinstance(record, FieldError):
                raise record
            self._requests.append(self._request(line, record))
        except FieldError as error:
            self._skipped += 1
            if not self._skip:
                raise QueryLogError(
                    str(error), path=str(self.path), line=line, field=error.field
                ) from error

    def log(self) -> QueryLog:
        """The requests in time order.

        Raises:
            QueryLogError: there are none.
        """
        if not self._requests:
            skipped = f"; {self._skipped} lines were skipped" if self._skipped else ""
            raise QueryLogError(f"holds no usable request{skipped}", path=str(self.path))
        in_time = sorted(self._requests, key=lambda request: request.offset_s)
        if self._clock.kind == "timestamp":
            in_time = _from_zero(in_time)
        return QueryLog(
            requests=tuple(in_time),
            source=str(self.path),
            skipped=self._skipped,
            reordered=_late_comers(self._requests),
            unknown_fields=dict(self._unknown.most_common()),
        )

    def _request(self, line: int, record: Record) -> LoggedRequest:
        check_names(record)
        request_id = text(record, "request_id") or f"line-{line:06d}"
        if request_id in self._lines:
            raise FieldError("request_id", f"is already on line {self._lines[request_id]}")
        tenant = text(record, "tenant")
        if tenant is None:
            raise FieldError("tenant", "is missing; say whose candidates are searched")
        request = LoggedRequest(
            request_id=request_id,
            tenant=tenant,
            session=text(record, "session"),
            body=body(record),
            offset_s=self._clock.read(record),  # last: a line that is refused sets no kind of time
        )
        self._lines[request_id] = line
        self._unknown.update(unknown_names(record, request.body))
        return request


def _from_zero(requests: list[LoggedRequest]) -> list[LoggedRequest]:
    """Count time from the first request on; timestamps hold microseconds, so nothing is lost."""
    origin = requests[0].offset_s
    return [replace(r, offset_s=round(r.offset_s - origin, 6)) for r in requests]


def _late_comers(requests: list[LoggedRequest]) -> int:
    """Requests that stand after one of a later time."""
    offsets = [request.offset_s for request in requests]
    latest = accumulate(offsets, max)
    return sum(offset < seen for offset, seen in zip(offsets, latest, strict=True))
