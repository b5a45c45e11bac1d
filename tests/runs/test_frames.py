"""Records with checksums."""

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hhperf.runs.frames import Damage, Frame, Torn, frame, read_frames

PAYLOADS = (b"one", b"hhp\x04 looks like a marker", b"", b"four")


def framed(payloads: tuple[bytes, ...] = PAYLOADS) -> bytes:
    """The payloads as frames of two rows each."""
    parts = [frame(pa.py_buffer(each), 2, 2 * n) for n, each in enumerate(payloads)]
    return b"".join(header + bytes(payload) for header, payload in parts)


def read(data: bytes) -> list[Frame | Damage | Torn]:
    return list(read_frames(pa.BufferReader(data)))


def payloads(found: list[Frame | Damage | Torn]) -> list[bytes]:
    return [each.payload.to_pybytes() for each in found if isinstance(each, Frame)]


def test_frames_come_back_as_they_were() -> None:
    """In order, with nothing between them."""
    assert payloads(read(framed())) == list(PAYLOADS)


@given(st.integers(0, len(framed()) * 8 - 1))
def test_no_flipped_bit_goes_unseen(bit: int) -> None:
    """All frames but the one that it is in come back, and it is counted, with its place."""
    data = bytearray(framed())
    data[bit // 8] ^= 1 << bit % 8
    found = read(bytes(data))
    [damage] = [each for each in found if isinstance(each, Damage)]
    assert damage.begins <= bit // 8 < damage.ends
    assert len(payloads(found)) == len(PAYLOADS) - 1
    assert damage.rows == 2 or (damage.ends == len(data) and damage.rows is None)


@given(st.integers(1, len(framed()) - 1))
def test_what_is_cut_off_is_torn_and_not_damaged(length: int) -> None:
    """A writer that was killed has done no damage."""
    found = read(framed()[:length])
    assert not any(isinstance(each, Damage) for each in found)
    assert payloads(found) == list(PAYLOADS[: len(payloads(found))])


def test_several_damaged_frames_in_a_row_are_counted() -> None:
    """The next whole header says how many rows came before it."""
    data = framed()
    [damage] = [each for each in read(b"\0" * 90 + data[90:]) if isinstance(each, Damage)]
    assert (damage.begins, damage.rows) == (0, 4)


def test_a_missing_frame_is_seen(tmp_path: Path) -> None:
    """Also where the bytes around it are whole."""
    whole = framed()
    first = len(framed(PAYLOADS[:1]))
    second = len(framed(PAYLOADS[:2]))
    found = read(whole[:first] + whole[second:])
    assert Damage(first, first, 2) in found


@pytest.mark.parametrize("data", [b"", b"hh"], ids=["empty", "begun"])
def test_nothing_is_no_damage(data: bytes) -> None:
    """A file of which hardly a byte was written is torn at most."""
    assert read(data) in ([], [Torn()])
