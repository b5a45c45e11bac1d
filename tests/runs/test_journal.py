"""Tables that grow on disk."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hhperf.errors import RunError
from hhperf.runs.journal import FIRST_ROWS, Journal, finished, growing
from hhperf.runs.pieces import broken_pieces

SCHEMA = pa.schema([("n", pa.int64()), ("word", pa.string())])


def batch(*numbers: int) -> pa.RecordBatch:
    return pa.record_batch([list(numbers), [f"w{n % 2}" for n in numbers]], schema=SCHEMA)


def test_the_finished_table_takes_the_journal_s_place(tmp_path: Path) -> None:
    """Only when it is told so: until then whoever reads it could not check it."""
    journal = Journal(tmp_path, "t", SCHEMA)
    journal.append(batch(1, 2))
    pieces = journal.compact()
    assert not finished(tmp_path, "t").exists()
    journal.finish()
    assert pq.read_table(finished(tmp_path, "t"))["n"].to_pylist() == [1, 2]
    assert [path.name for path in tmp_path.iterdir()] == list(pieces) == ["t.parquet"]


def test_every_row_group_is_a_piece(tmp_path: Path) -> None:
    """And what holds them together is the last, so that each byte has a checksum."""
    journal = Journal(tmp_path, "t", SCHEMA)
    for first in range(0, 3 * FIRST_ROWS, FIRST_ROWS):
        journal.append(batch(*range(first, first + FIRST_ROWS)))
    [pieces] = journal.compact().values()
    journal.finish()
    path = finished(tmp_path, "t")
    assert [each.rows for each in pieces] == [
        *[FIRST_ROWS] * pq.read_metadata(path).num_row_groups,
        0,
    ]
    assert sum(each.length for each in pieces) == path.stat().st_size
    assert list(broken_pieces(path, pieces)) == []


def test_a_damaged_journal_is_not_made_a_finished_table(tmp_path: Path) -> None:
    """It stays as it is, for the undamaged part to be read."""
    journal = Journal(tmp_path, "t", SCHEMA)
    journal.append(batch(1, 2))
    path = growing(tmp_path, "t")
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    with pytest.raises(RunError, match=r"t\.journal: was damaged while it was written"):
        journal.compact()
    assert path.exists()
