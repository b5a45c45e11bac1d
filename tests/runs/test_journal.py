"""Tables that grow on disk."""

from pathlib import Path

import pyarrow as pa
import pytest

from hhperf.errors import RunError
from hhperf.runs.journal import Journal, RunWarning, finished, growing, read_table

SCHEMA = pa.schema([("n", pa.int64()), ("word", pa.string())])


def batch(*numbers: int) -> pa.RecordBatch:
    return pa.record_batch([list(numbers), [f"w{n % 2}" for n in numbers]], schema=SCHEMA)


@pytest.mark.parametrize("lost", [1, 8, 40])
def test_a_torn_batch_is_left_out_with_a_warning(tmp_path: Path, lost: int) -> None:
    """Every batch before the torn one is readable."""
    journal = Journal(tmp_path, "t", SCHEMA)
    journal.append(batch(1, 2))
    journal.append(batch(3))
    whole = growing(tmp_path, "t").read_bytes()
    journal.close()
    growing(tmp_path, "torn").write_bytes(whole[:-lost])
    with pytest.warns(RunWarning, match="ends in the middle of a batch"):
        assert read_table(tmp_path, "torn")["n"].to_pylist() == [1, 2]


def test_some_columns_alone_can_be_read(tmp_path: Path) -> None:
    """Finished or not, a table gives just the columns asked for."""
    journal = Journal(tmp_path, "t", SCHEMA)
    journal.append(batch(1, 2))
    growing_table = read_table(tmp_path, "t", ["word"])
    journal.close()
    assert growing_table.column_names == ["word"]
    assert read_table(tmp_path, "t", ["word"]) == growing_table


def test_categories_share_one_dictionary(tmp_path: Path) -> None:
    """A text column over several batches becomes codes of one dictionary."""
    journal = Journal(tmp_path, "t", SCHEMA)
    journal.append(batch(1))
    journal.append(batch(2, 3))
    words = read_table(tmp_path, "t", categories=["word"])["word"]
    journal.close()
    assert {tuple(chunk.dictionary.to_pylist()) for chunk in words.chunks} == {("w1", "w0")}


def test_an_empty_journal_is_an_empty_table(tmp_path: Path) -> None:
    """Nothing measured is no error."""
    Journal(tmp_path, "t", SCHEMA).close()
    assert read_table(tmp_path, "t").schema == SCHEMA


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    """The message says which file and what to do."""
    with pytest.raises(RunError, match=r"t\.arrows: is missing; copy the run's whole folder"):
        read_table(tmp_path, "t")


def test_garbage_is_named(tmp_path: Path) -> None:
    """A file that is no table is an error, not a crash."""
    finished(tmp_path, "t").write_bytes(b"not parquet at all")
    with pytest.raises(RunError, match=r"t\.parquet: is not readable"):
        read_table(tmp_path, "t")
