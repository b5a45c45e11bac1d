"""Query log files as records: one mapping of field names to values for each line or row.

Flat formats (CSV, Parquet) have a column for each field of the body; JSONL may too, or has the body
as one object under `body`.
"""

import csv
import gzip
import io
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

from hhperf.errors import QueryLogError

Record = Mapping[str, Any]


class FieldError(Exception):
    """A record, or a field of it, is wrong; file and line are added where they are known.

    Attributes:
        field: its name; None when the record as a whole is meant.
    """

    def __init__(self, field: str | None, problem: str) -> None:
        super().__init__(problem)
        self.field = field


Numbered = tuple[int, Record | FieldError]
"""A line or row number from 1, and its record or why it has none."""

_NO_UTF_8 = "is not UTF-8; save the file as UTF-8"

_CELL_CHARS = 4_000_000


def records(path: Path) -> Iterator[Numbered]:
    """The file's records, in order; a line that is no record comes as an error, not raised.

    Raises:
        QueryLogError: the file cannot be read at all, or no further.
    """
    name = path.name.lower()
    for suffixes, read in _FORMATS.items():
        if name.endswith(suffixes):
            return _guarded(path, read)
    known = ", ".join(suffix for suffixes in _FORMATS for suffix in suffixes)
    raise QueryLogError(f"cannot tell the format from the name; use one of {known}", path=str(path))


def _guarded(path: Path, read: Callable[[Path], Iterator[Numbered]]) -> Iterator[Numbered]:
    line = 0
    try:
        for line, record in read(path):
            yield line, record
    except FileNotFoundError:
        raise QueryLogError("there is no such file", path=str(path)) from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        problem = f"the compressed file is damaged after line {line} ({error}); fetch it anew"
        raise QueryLogError(problem, path=str(path)) from error
    except OSError as error:
        raise QueryLogError(f"cannot be read: {error.strerror}", path=str(path)) from error


def _open_text(path: Path) -> io.TextIOWrapper:
    # Bytes that are no UTF-8 come through as surrogates, so that the line they are on can be named.
    opener = gzip.open if path.suffix.lower() == ".gz" else open
    raw = opener(path, "rb")
    return io.TextIOWrapper(raw, encoding="utf-8-sig", errors="surrogateescape", newline="")


def _jsonl(path: Path) -> Iterator[Numbered]:
    with _open_text(path) as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield number, _json_record(line)


def _json_record(line: str) -> Record | FieldError:
    try:
        line.encode()
        record = json.loads(line, parse_constant=_no_constant)
    except UnicodeEncodeError:
        return FieldError(None, _NO_UTF_8)
    except (ValueError, RecursionError) as error:
        return FieldError(None, f"is not JSON: {error}")
    if not isinstance(record, dict):
        return FieldError(None, "is not a JSON object")
    return record


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number in JSON")


def _csv(path: Path) -> Iterator[Numbered]:
    csv.field_size_limit(_CELL_CHARS)
    with _open_text(path) as lines:
        rows = csv.reader(lines, strict=True)
        header = _csv_header(rows, path)
        while True:
            number = rows.line_num + 1
            try:
                cells = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                yield number, FieldError(None, f"is not CSV: {error}")
                continue
            if cells:
                yield number, _csv_record(header, cells)


def _csv_header(rows: Iterator[list[str]], path: Path) -> list[str]:
    try:
        header = [name.strip() for name in next(rows, [])]
    except csv.Error as error:
        raise QueryLogError(f"is not CSV: {error}", path=str(path), line=1) from error
    doubled = next((name for name in header if header.count(name) > 1), None)
    if doubled is not None:
        raise QueryLogError("this column stands there twice", path=str(path), line=1, field=doubled)
    return header


def _csv_record(header: list[str], cells: list[str]) -> Record | FieldError:
    if len(cells) != len(header):
        return FieldError(None, f"has {len(cells)} cells where the header has {len(header)}")
    try:
        "".join(cells).encode()
    except UnicodeEncodeError:
        return FieldError(None, _NO_UTF_8)
    return {name: cell for name, cell in zip(header, cells, strict=True) if cell != ""}


def _parquet(path: Path) -> Iterator[Numbered]:
    import pyarrow as pa  # noqa: PLC0415  (heavy, and most logs are text)
    import pyarrow.parquet as pq  # noqa: PLC0415

    number = 0
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches():
                for row in batch.to_pylist():
                    number += 1
                    yield number, _without_nulls(row)
    except pa.ArrowInvalid as error:
        raise QueryLogError(f"is not a readable Parquet file: {error}", path=str(path)) from error


def _without_nulls(value: Any) -> Any:
    """A struct column has every key in every row: a null there means that the key is absent."""
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return value


_FORMATS: Mapping[tuple[str, ...], Callable[[Path], Iterator[Numbered]]] = {
    (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz"): _jsonl,
    (".csv", ".csv.gz"): _csv,
    (".parquet",): _parquet,
}
