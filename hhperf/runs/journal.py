"""A table that grows on disk batch by batch, and becomes one Parquet file when it is finished.

While it grows it is a file of frames, each with an Arrow message and its checksum: adding a batch
is a `write` of a serialised message (0.3 ms for 1,000 observations, where a Parquet file takes 5
ms), so the measuring process hardly notices, and whatever kills it leaves every batch before the
last write readable.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq

from hhperf.errors import RunError
from hhperf.runs.frames import Frame, frame, read_frames
from hhperf.runs.pieces import Piece, pieces_of

ROWS_PER_GROUP = 131_072
ROWS_PER_FRAME = 8_192
FIRST_ROWS = 512
SHARE_OF_ROWS = 1 / 8
"""A row group holds at most so much of what came before: damage costs a small run little."""


class Journal:
    """Writes `<name>.journal` as it goes, and `<name>.parquet` when it is finished.

    Args:
        folder: the run's.
        name: the table's.
        schema: of every batch.
        instead: rows to begin with, in place of whatever the journal holds now; None for one that
            is not there yet. Whatever ends this halfway, the old one is still whole.

    Raises:
        RunError: the file cannot be written (from every method).
    """

    def __init__(
        self, folder: Path, name: str, schema: pa.Schema, instead: pa.Table | None = None
    ) -> None:
        self._growing = growing(folder, name)
        self._finished = finished(folder, name)
        self._rows = 0
        if instead is None:
            self._begin(self._growing, "xb", schema)
            return
        beside = self._growing.with_suffix(".rewritten")
        self._begin(beside, "wb", schema)
        for batch in instead.cast(schema).to_batches(max_chunksize=ROWS_PER_FRAME):
            self.append(batch)
        with writing(self._growing):
            beside.rename(self._growing)

    def _begin(self, path: Path, mode: Literal["xb", "wb"], schema: pa.Schema) -> None:
        with writing(path):
            self._file = path.open(mode, buffering=0)
        self._write(schema.serialize(), 0)

    def append(self, batch: pa.RecordBatch) -> None:
        """Put the batch on disk."""
        self._write(batch.serialize(), batch.num_rows)

    def compact(self) -> dict[str, tuple[Piece, ...]]:
        """End it, and write the Parquet file beside it, a row group at a time.

        Returns:
            The pieces of the file, by the name that `finish` will give it.

        Raises:
            RunError: the journal is damaged; it stays as it is.
        """
        self._file.close()
        with writing(self._finished):
            return {self._finished.name: _compacted(self._growing, self._partial)}

    def finish(self) -> None:
        """Let the Parquet file take its place; whoever reads it must be able to check it now."""
        with writing(self._finished):
            self._partial.rename(self._finished)
            self._growing.unlink()

    def supersede(self) -> None:
        """Remove the file of a table that was finished before and goes on here."""
        with writing(self._finished):
            self._finished.unlink(missing_ok=True)

    def abandon(self) -> None:
        """Leave the stream as it is: nothing can be written any more."""
        self._file.close()

    @property
    def _partial(self) -> Path:
        return self._finished.with_suffix(".partial")

    def _write(self, payload: pa.Buffer, rows: int) -> None:
        header, message = frame(payload, rows, self._rows)
        whole = self._file.tell()
        with writing(self._growing):
            try:
                for data in (memoryview(header), message):
                    rest = data
                    while rest:
                        rest = rest[self._file.write(rest) :]
            except OSError:
                self._file.truncate(whole)  # so that what is there stays readable, and can go on
                self._file.seek(whole)
                raise
        self._rows += rows


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Within the block what the file system refuses is a `RunError` that names the path."""
    try:
        yield
    except OSError as error:
        raise RunError(f"{path}: cannot be written: {error}") from error


def growing(folder: Path, name: str) -> Path:
    """Where a table is while it is being written."""
    return folder / f"{name}.journal"


def finished(folder: Path, name: str) -> Path:
    """Where a table is once it is complete."""
    return folder / f"{name}.parquet"


def _compacted(source: Path, target: Path) -> tuple[Piece, ...]:
    ends, rows = [], []
    with pa.OSFile(str(source)) as stream:  # mapped, the whole journal would come to sit in memory
        payloads = _payloads(stream, source)
        schema = pa.ipc.read_schema(next(payloads))
        batches = (pa.ipc.read_record_batch(each, schema) for each in payloads)
        with (
            target.open("wb") as sink,
            pq.ParquetWriter(sink, schema, compression="zstd", write_page_checksum=True) as writer,
        ):
            for group in _groups(batches):
                writer.write_table(group)
                ends.append(sink.tell())
                rows.append(len(group))
    return pieces_of(target, ends, rows)


def _payloads(stream: pa.NativeFile, source: Path) -> Iterator[pa.Buffer]:
    for found in read_frames(stream):
        if not isinstance(found, Frame):
            raise RunError(
                f"{source}: was damaged while it was written; load the run with"
                " `undamaged_only=True` (--undamaged-only) to read the rest"
            )
        yield found.payload


def _groups(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
    waiting: list[pa.RecordBatch] = []
    rows, before = 0, 0
    for batch in batches:
        waiting.append(batch)
        rows += batch.num_rows
        if rows >= min(max(FIRST_ROWS, SHARE_OF_ROWS * before), ROWS_PER_GROUP):
            yield pa.Table.from_batches(waiting).combine_chunks()
            before += rows
            waiting, rows = [], 0
    if waiting:
        yield pa.Table.from_batches(waiting).combine_chunks()
