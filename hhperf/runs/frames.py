"""Frames: the records of a journal, each with its length, its rows and its checksums.

A frame is a header and a payload. Both are checked before anybody looks into the payload, so that
whatever parses it never meets a damaged byte; a header says how many rows came before it, so that
damage to another one can be counted::

    marker 4 bytes | rows 4 | rows before 8 | length 8 | CRC-32 of payload 4 | of the header 4
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct
from zlib import crc32

import pyarrow as pa

_MARKER = b"hhp\x04"
_HEADER = Struct("<4sIQQI")
_CHECKED = Struct("<4sIQQII")
_FIND = re.compile(re.escape(_MARKER))


@dataclass(frozen=True, slots=True)
class Frame:
    """A payload that is as it was written, and how many rows it holds."""

    rows: int
    payload: pa.Buffer


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes that are not as they were written.

    Attributes:
        begins: the first of them that may be damaged, counted from 0.
        ends: where the first whole frame after them begins, or the file ends.
        rows: how many are lost with them; None when nothing after them says it.
    """

    begins: int
    ends: int
    rows: int | None


@dataclass(frozen=True, slots=True)
class Torn:
    """A last frame of which only the beginning was written."""


@dataclass(frozen=True, slots=True)
class _Header:
    rows: int
    before: int
    length: int
    checksum: int


def frame(payload: pa.Buffer, rows: int, before: int) -> tuple[bytes, memoryview]:
    """What to write for a payload: its header, and itself.

    Args:
        payload: a serialised message.
        rows: how many rows it holds.
        before: how many the frames before hold.
    """
    whole = memoryview(payload)
    header = _HEADER.pack(_MARKER, rows, before, len(whole), crc32(whole))
    return header + crc32(header).to_bytes(4, "little"), whole


def read_frames(source: pa.NativeFile) -> Iterator[Frame | Damage | Torn]:
    """The frames of a file in order, and what is damaged between them.

    Nothing of a damaged frame is given out; reading goes on with the next whole header.
    """
    size, at, good, rows = source.size(), 0, 0, 0
    while at < size:
        header = _read_header(source, at)
        if header is None:
            if at == good and size - at < _CHECKED.size:
                yield Torn()
                return
            at = _next_marker(source, at + 1, size)
            continue
        if header.before != rows or at != good:
            yield Damage(good, at, header.before - rows)
        end = at + _CHECKED.size + header.length
        if end > size:
            yield Torn()
            return
        payload = source.read_buffer(header.length)
        is_whole = crc32(payload) == header.checksum
        yield Frame(header.rows, payload) if is_whole else Damage(at, end, header.rows)
        at = good = end
        rows = header.before + header.rows
    if good < size:
        yield Damage(good, size, None)


def _read_header(source: pa.NativeFile, at: int) -> _Header | None:
    """The header at a place, with the file left behind it; None where there is no whole one."""
    source.seek(at)
    data = source.read(_CHECKED.size)
    if len(data) < _CHECKED.size:
        return None
    marker, rows, before, length, checksum, own = _CHECKED.unpack(data)
    if marker != _MARKER or crc32(data[: _HEADER.size]) != own:
        return None
    return _Header(rows, before, length, checksum)


def _next_marker(source: pa.NativeFile, at: int, size: int) -> int:
    source.seek(at)
    found = _FIND.search(memoryview(source.read_buffer(size - at)))
    return at + found.start() if found else size
