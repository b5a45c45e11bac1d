"""Reading tables."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hhperf.errors import RunError
from hhperf.runs.journal import FIRST_ROWS, Journal, finished, growing
from hhperf.runs.pieces import Piece
from hhperf.runs.tables import Care, RunWarning, read_table
from tests.runs.test_journal import SCHEMA, batch

Pieces = dict[str, tuple[Piece, ...]]


def grown(folder: Path, *batches: pa.RecordBatch) -> Journal:
    journal = Journal(folder, "t", SCHEMA)
    for each in batches:
        journal.append(each)
    return journal


def ended(journal: Journal) -> Pieces:
    pieces = journal.compact()
    journal.finish()
    return pieces


def flip(path: Path, place: int) -> None:
    """Change one bit of a file; counted from the end when negative."""
    data = bytearray(path.read_bytes())
    data[place] ^= 4
    path.write_bytes(data)


@pytest.mark.parametrize("lost", [1, 8, 40])
def test_a_torn_batch_is_left_out_with_a_warning(tmp_path: Path, lost: int) -> None:
    """Every batch before the torn one is readable."""
    grown(tmp_path, batch(1, 2), batch(3)).compact()
    path = growing(tmp_path, "t")
    path.write_bytes(path.read_bytes()[:-lost])
    with pytest.warns(RunWarning, match="ends in the middle of a batch"):
        assert read_table(tmp_path, "t", schema=SCHEMA)["n"].to_pylist() == [1, 2]


@pytest.mark.parametrize("lost", [20, 100], ids=["in its values", "in its description"])
def test_a_torn_batch_of_an_older_journal_is_left_out_with_a_warning(
    tmp_path: Path, lost: int
) -> None:
    """A bare stream, wherever in its last batch it ends."""
    path = tmp_path / "t.arrows"
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, SCHEMA) as stream:
        stream.write_batch(batch(1, 2))
        stream.write_batch(batch(3))
    path.write_bytes(path.read_bytes()[:-lost])
    with pytest.warns(RunWarning, match="ends in the middle of a batch"):
        assert read_table(tmp_path, "t", schema=SCHEMA)["n"].to_pylist() == [1, 2]


def test_some_columns_alone_can_be_read(tmp_path: Path) -> None:
    """Finished or not, a table gives just the columns asked for."""
    journal = grown(tmp_path, batch(1, 2))
    growing_table = read_table(tmp_path, "t", ["word"], schema=SCHEMA)
    pieces = ended(journal)
    assert growing_table.column_names == ["word"]
    assert read_table(tmp_path, "t", ["word"], schema=SCHEMA, care=Care(pieces)) == growing_table


def test_categories_share_one_dictionary(tmp_path: Path) -> None:
    """A text column over several batches becomes codes of one dictionary."""
    grown(tmp_path, batch(1), batch(2, 3)).compact()
    words = read_table(tmp_path, "t", categories=["word"], schema=SCHEMA)["word"]
    assert {tuple(chunk.dictionary.to_pylist()) for chunk in words.chunks} == {("w1", "w0")}


def test_an_empty_journal_is_an_empty_table(tmp_path: Path) -> None:
    """Nothing measured is no error."""
    pieces = ended(grown(tmp_path))
    assert read_table(tmp_path, "t", schema=SCHEMA, care=Care(pieces)).schema == SCHEMA


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    """The message says which file and what to do."""
    with pytest.raises(RunError, match=r"t\.parquet: is missing; copy the run's whole folder"):
        read_table(tmp_path, "t", schema=SCHEMA)


def test_garbage_is_named(tmp_path: Path) -> None:
    """A file of an older format that is no table is an error, not a crash."""
    finished(tmp_path, "t").write_bytes(b"not parquet at all")
    with pytest.raises(RunError, match=r"t\.parquet: is not readable"):
        read_table(tmp_path, "t", schema=SCHEMA)


def test_damage_to_a_journal_is_named_with_its_place(tmp_path: Path) -> None:
    """And with what is lost by it."""
    grown(tmp_path, batch(1, 2), batch(3)).compact()
    path = growing(tmp_path, "t")
    size = path.stat().st_size
    flip(path, -1)
    said = rf"t\.journal: is damaged in bytes [\d,]+ to {size:,}: 1 t are lost"
    with pytest.raises(RunError, match=said):
        read_table(tmp_path, "t", schema=SCHEMA)


def test_the_undamaged_batches_of_a_journal_are_read_on_request(tmp_path: Path) -> None:
    """Also where the schema itself is damaged: it is today's."""
    grown(tmp_path, batch(1, 2), batch(3)).compact()
    flip(growing(tmp_path, "t"), 40)
    flip(growing(tmp_path, "t"), -1)
    with pytest.warns(RunWarning, match=r"left out: 1 t lost"):
        table = read_table(tmp_path, "t", schema=SCHEMA, care=Care(undamaged_only=True))
    assert table["n"].to_pylist() == [1, 2]


def two_groups(folder: Path) -> Pieces:
    ranges = range(FIRST_ROWS), range(FIRST_ROWS, FIRST_ROWS + 3)
    return ended(grown(folder, *(batch(*each) for each in ranges)))


def test_damage_to_a_finished_table_is_named_with_its_group(tmp_path: Path) -> None:
    """Whatever columns are read."""
    pieces = two_groups(tmp_path)
    flip(finished(tmp_path, "t"), pieces["t.parquet"][0].length)
    with pytest.raises(RunError, match=r"is damaged in row group 1 \(bytes .*\): 3 of 515 t are"):
        read_table(tmp_path, "t", ["word"], schema=SCHEMA, care=Care(pieces))


def test_the_undamaged_groups_of_a_finished_table_are_read_on_request(tmp_path: Path) -> None:
    """With a warning that says how much is lost."""
    pieces = two_groups(tmp_path)
    flip(finished(tmp_path, "t"), 10)
    with pytest.warns(RunWarning, match=f"{FIRST_ROWS} of {FIRST_ROWS + 3} t lost"):
        table = read_table(tmp_path, "t", schema=SCHEMA, care=Care(pieces, undamaged_only=True))
    assert table["n"].to_pylist() == [512, 513, 514]


def test_without_its_footer_a_finished_table_is_lost(tmp_path: Path) -> None:
    """It says where the rows are, so nothing else of the file is believed."""
    pieces = two_groups(tmp_path)
    flip(finished(tmp_path, "t"), -20)
    with pytest.raises(RunError, match=r"is damaged in its footer .*: all 515 t are lost"):
        read_table(tmp_path, "t", schema=SCHEMA, care=Care(pieces))
    with pytest.warns(RunWarning, match="all 515 t lost"):
        table = read_table(tmp_path, "t", schema=SCHEMA, care=Care(pieces, undamaged_only=True))
    assert table == SCHEMA.empty_table()


def test_a_table_without_checksums_is_not_believed(tmp_path: Path) -> None:
    """Such as one that was put there by hand."""
    two_groups(tmp_path)
    with pytest.raises(RunError, match=r"run\.json has no checksums of it; copy the run again"):
        read_table(tmp_path, "t", schema=SCHEMA, care=Care({}))


def test_a_flipped_bit_of_a_run_without_checksums_is_met_by_those_of_its_pages(
    tmp_path: Path,
) -> None:
    """Numbers that were stored as they are would else be read as others."""
    table = pa.table([[1, 2, 3], ["a", "b", "c"]], schema=SCHEMA)
    path = finished(tmp_path, "t")
    pq.write_table(table, path, compression="none", use_dictionary=False, write_page_checksum=True)
    flip(path, path.read_bytes().index((2).to_bytes(8, "little")))
    with pytest.raises(RunError, match=r"t\.parquet: is not readable"):
        read_table(tmp_path, "t", schema=SCHEMA)
