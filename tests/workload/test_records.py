"""Files of every format become the same records."""

import gzip
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hhperf.errors import QueryLogError
from hhperf.workload.records import FieldError, records


def read(path: Path) -> list[Any]:
    return [record for _, record in records(path)]


def numbers(path: Path) -> list[int]:
    return [number for number, _ in records(path)]


def written(path: Path, content: str | bytes) -> Path:
    raw = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(raw) if path.suffix == ".gz" else raw)
    return path


@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "A.JSONL", "a.jsonl.gz"])
def test_json_lines(tmp_path: Path, name: str) -> None:
    """One object a line; blank lines and a byte order mark do not count."""
    path = written(tmp_path / name, '\ufeff{"a": 1}\n\n{"a": 2}')
    assert read(path) == [{"a": 1}, {"a": 2}]
    assert numbers(path) == [1, 3]


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_csv(tmp_path: Path, name: str) -> None:
    """Cells are text, empty ones absent; a record is numbered by its first line."""
    path = written(tmp_path / name, 'q,limit\r\n"two\nlines",5\r\nx,\r\n')
    assert read(path) == [{"q": "two\nlines", "limit": "5"}, {"q": "x"}]
    assert numbers(path) == [2, 4]


def test_parquet(tmp_path: Path) -> None:
    """Values keep their types; a null is absent, in structs too."""
    rows = [{"q": "a", "f": {"s": ["x"], "y": None}}, {"q": None, "f": {"s": None, "y": 2}}]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet")
    assert read(tmp_path / "a.parquet") == [{"q": "a", "f": {"s": ["x"]}}, {"f": {"y": 2}}]
    assert numbers(tmp_path / "a.parquet") == [1, 2]


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        ("{", "not JSON"),
        ("[1]", "not a JSON object"),
        ('{"a": NaN}', "NaN is not a number"),
        ("[" * 100_000, "not JSON"),
        (b'{"a": "\xff"}', "not UTF-8"),
    ],
    ids=["cut", "a list", "NaN", "too deep", "no UTF-8"],
)
def test_bad_json_line_is_handed_over(tmp_path: Path, bad: str | bytes, problem: str) -> None:
    """A line that is no record comes as an error that names it; reading goes on after it."""
    raw = bad.encode() if isinstance(bad, str) else bad
    path = written(tmp_path / "a.jsonl", b'{"a": 1}\n' + raw + b'\n{"a": 3}')
    found = read(path)
    assert isinstance(found[1], FieldError)
    assert numbers(path)[1] == 2
    assert problem in str(found[1])
    assert found[2] == {"a": 3}


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        (b"1", "1 cells"),
        (b"1,2,3", "3 cells"),
        (b"1,\xff", "not UTF-8"),
        (b'"1"x,2', "is not CSV"),
    ],
    ids=["a cell short", "a cell too many", "no UTF-8", "more after a quote"],
)
def test_bad_csv_row_is_handed_over(tmp_path: Path, bad: bytes, problem: str) -> None:
    """A row of the wrong length or encoding is named; reading goes on after it."""
    path = written(tmp_path / "a.csv", b"a,b\n" + bad + b"\n3,4\n")
    found = read(path)
    assert problem in str(found[0])
    assert numbers(path)[0] == 2
    assert found[1] == {"a": "3", "b": "4"}


def test_unclosed_quote_is_handed_over(tmp_path: Path) -> None:
    """A quote that never ends is an error on the line where it begins."""
    path = written(tmp_path / "a.csv", 'a,b\n1,2\n"3,4\n')
    assert read(path)[0] == {"a": "1", "b": "2"}
    assert numbers(path)[1] == 3


def test_doubled_column_is_named(tmp_path: Path) -> None:
    """Two columns of one name would hide each other."""
    with pytest.raises(QueryLogError, match=r"'a'.*twice"):
        read(written(tmp_path / "a.csv", "a,a\n1,2\n"))


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.txt", b"", "cannot tell the format"),
        ("a.jsonl.gz", gzip.compress(b'{"a": 1}\n' * 9)[:-9], "damaged"),
        ("a.parquet", b"PAR1 this is not it PAR1", "not a readable Parquet"),
    ],
    ids=["text", "cut gzip", "no Parquet"],
)
def test_unreadable_file_is_an_error(
    tmp_path: Path, name: str, content: bytes, problem: str
) -> None:
    """What cannot be read at all names the file and the reason."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(QueryLogError, match=f"{name}.*{problem}"):
        read(tmp_path / name)


def test_text_that_is_not_compressed_is_an_error(tmp_path: Path) -> None:
    """A .gz name on plain text is a damaged file."""
    (tmp_path / "a.csv.gz").write_text("a,b\n")
    with pytest.raises(QueryLogError, match="damaged"):
        read(tmp_path / "a.csv.gz")


@pytest.mark.parametrize("name", ["gone.jsonl", "gone.csv", "gone.parquet"])
def test_missing_file_is_an_error(tmp_path: Path, name: str) -> None:
    """A file that is not there is said not to be there."""
    with pytest.raises(QueryLogError, match="no such file"):
        read(tmp_path / name)


def test_folder_is_an_error(tmp_path: Path) -> None:
    """A folder cannot be read as a log."""
    (tmp_path / "a.jsonl").mkdir()
    with pytest.raises(QueryLogError, match="cannot be read"):
        read(tmp_path / "a.jsonl")
