"""Finished files in pieces."""

from pathlib import Path

import pytest

from hhperf.runs.pieces import Broken, broken_pieces, pieces_of


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(b"aaaabbbbbbcc")
    return path


def test_a_file_is_whole_as_it_was_written(file: Path) -> None:
    """Every byte is in a piece, and the last one has no rows."""
    pieces = pieces_of(file, [4, 10], [7, 8])
    assert [(each.length, each.rows) for each in pieces] == [(4, 7), (6, 8), (2, 0)]
    assert list(broken_pieces(file, pieces)) == []


def test_a_changed_piece_has_a_place(file: Path) -> None:
    """Its number, its bytes and its rows."""
    pieces = pieces_of(file, [4, 10], [7, 8])
    file.write_bytes(b"aaaabbbBbbcc")
    assert list(broken_pieces(file, pieces)) == [Broken(1, 4, 10, 8)]


@pytest.mark.parametrize(
    ("data", "number"), [(b"aaaabbbbbbc", 2), (b"aaaabbbbbbccd", 3)], ids=["shorter", "longer"]
)
def test_another_length_is_damage(file: Path, data: bytes, number: int) -> None:
    """Whether something is missing or was added."""
    pieces = pieces_of(file, [4, 10], [7, 8])
    file.write_bytes(data)
    assert [each.number for each in broken_pieces(file, pieces)] == [number]
