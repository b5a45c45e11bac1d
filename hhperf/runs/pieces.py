"""Finished files in pieces with a checksum each, so that damage is seen and has a place."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO
from zlib import crc32

_AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True)
class Piece:
    """Some bytes of a file; they follow those of the piece before.

    Attributes:
        length: how many bytes.
        rows: how many rows of a table are in them; 0 for what holds a table together.
        checksum: CRC-32 of the bytes, in hexadecimal.
    """

    length: int
    rows: int
    checksum: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A piece that is not as it was written.

    Attributes:
        number: which one, from 0; as many as there are pieces for bytes after the last.
        begins: its first byte, counted from 0.
        ends: the byte after its last.
        rows: that are lost with it.
    """

    number: int
    begins: int
    ends: int
    rows: int


def pieces_of(path: Path, ends: Sequence[int], rows: Sequence[int]) -> tuple[Piece, ...]:
    """A file that has just been written, cut into pieces.

    Args:
        path: the file.
        ends: where each piece but the last ends.
        rows: how many rows are in each of these; the last has none.

    Raises:
        OSError: it cannot be read.
    """
    bounds = (0, *ends, path.stat().st_size)
    lengths = [end - begin for begin, end in pairwise(bounds)]
    with path.open("rb") as file:
        sums = [_checksum(file, length) for length in lengths]
    return tuple(map(Piece, lengths, (*rows, 0), sums))


def broken_pieces(path: Path, pieces: Sequence[Piece]) -> Iterator[Broken]:
    """Those that are not as they were written, in order.

    Raises:
        OSError: the file cannot be read.
    """
    begins = 0
    with path.open("rb") as file:
        for number, piece in enumerate(pieces):
            ends = begins + piece.length
            if _checksum(file, piece.length) != piece.checksum:
                yield Broken(number, begins, ends, piece.rows)
            begins = ends
        if (size := path.stat().st_size) > begins:
            yield Broken(len(pieces), begins, size, 0)


def _checksum(file: BinaryIO, length: int) -> str:
    """Of the file's next bytes; a file that ends before has another one than was written."""
    checksum, rest = 0, length
    while rest and (data := file.read(min(rest, _AT_ONCE))):
        checksum = crc32(data, checksum)
        rest -= len(data)
    return f"{checksum:08x}" if not rest else "cut off"
