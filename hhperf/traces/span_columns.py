"""Spans as columns: collected batch by batch on disk, so that memory does not grow with them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa

from hhperf.traces.span_row import SpanRow

_BATCH = 50_000
_FIELDS = {
    "trace_high": pa.uint64(),
    "trace_low": pa.uint64(),
    "span": pa.uint64(),
    "above": pa.uint64(),
    "service": pa.int32(),
    "clock": pa.int32(),
    "instance": pa.int32(),
    "operation": pa.int32(),
    "kind": pa.int8(),
    "start_ns": pa.int64(),
    "end_ns": pa.int64(),
    "failed": pa.bool_(),
    "awaited": pa.bool_(),
    "resent": pa.bool_(),
    "links": pa.int32(),
    "weight": pa.float64(),
    "tail": pa.bool_(),
}


@dataclass(slots=True)
class Words:
    """Texts by number, each once.

    Attributes:
        codes: of each text; -1 stands for none.
    """

    codes: dict[str, int] = field(default_factory=dict)

    def code(self, text: str | None) -> int:
        """The text's number, a new one for a new text."""
        return -1 if text is None else self.codes.setdefault(text, len(self.codes))

    @property
    def texts(self) -> list[str]:
        """All of them, by number."""
        return list(self.codes)


class SpanColumns:
    """A file that takes spans one by one and gives them back as columns.

    Args:
        path: of the file, which is written.
        keep: the attributes that each span carries.
    """

    def __init__(self, path: Path, keep: Sequence[str]) -> None:
        self.words = Words()
        self.count = 0
        self._kept = [f"kept_{place}" for place in range(len(keep))]
        self._path = path
        self._schema = pa.schema({**_FIELDS, **dict.fromkeys(self._kept, pa.int32())})
        self._rows: list[tuple[Any, ...]] = []
        self._writer = pa.ipc.new_file(path, self._schema)

    def __enter__(self) -> "SpanColumns":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self._flush()
        self._writer.close()

    def add(self, row: SpanRow) -> None:
        """Take one span."""
        code = self.words.code
        self._rows.append(
            (
                int.from_bytes(row.trace[:8], "big"),
                int.from_bytes(row.trace[8:], "big"),
                row.span,
                row.parent,
                code(row.service),
                code(row.clock),
                code(row.instance),
                code(row.operation),
                row.kind,
                row.start_ns,
                row.end_ns,
                row.failed,
                row.awaited,
                row.resent,
                row.links,
                *row.sampling,
                *map(code, row.kept),
            )
        )
        self.count += 1
        if len(self._rows) >= _BATCH:
            self._flush()

    def read(self) -> dict[str, np.ndarray[Any, Any]]:
        """All columns, each of shape (count,), once the file is closed."""
        with pa.memory_map(str(self._path)) as source:
            table = pa.ipc.open_file(source).read_all()
            return {name: table[name].to_numpy() for name in table.column_names}

    def _flush(self) -> None:
        if self._rows:
            columns = zip(*self._rows, strict=True)
            arrays = [
                pa.array(column, field.type)
                for column, field in zip(columns, self._schema, strict=True)
            ]
            self._writer.write(pa.record_batch(arrays, schema=self._schema))
            self._rows = []
