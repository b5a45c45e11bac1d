"""Files of traces: opened, decompressed and told apart by what is in them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import BinaryIO, Protocol, TypeVar

import pyarrow as pa

from hhperf.errors import TraceFileError

FORMATS = "OTLP (JSON or protobuf), Jaeger's JSON or Zipkin's v2 JSON, plain, gzip or zstd"

Item = TypeVar("Item")

_COMPRESSED = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
_PEEKED = 65_536
_KEY = re.compile(rb'"(resourceSpans|resource_spans|data|spans|traceID)"\s*:')


class Source(Protocol):
    """What bytes are read from."""

    def read(self, size: int = -1, /) -> bytes:
        """The next so many bytes, fewer at the end."""


@dataclass(slots=True)
class Place:
    """Where in a file a reader is, for the words of an error.

    Attributes:
        path: of the file.
        where: the line, message or trace, in words.
        span: the span's number there, from 1; 0 for none.
    """

    path: Path
    where: str = ""
    span: int = 0

    def error(self, message: str) -> TraceFileError:
        """What is wrong here."""
        span = f"span {self.span}" if self.span else ""
        where = ", ".join(filter(None, [self.where, span]))
        return TraceFileError(f"{where}: {message}" if where else message, path=str(self.path))


class Peeked:
    """Bytes whose beginning can be looked at before they are read; knows how many were."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._ahead = b""
        self.position = 0

    def peek(self, size: int = _PEEKED) -> bytes:
        """Up to so many bytes that come next."""
        while len(self._ahead) < size and (more := self._source.read(size - len(self._ahead))):
            self._ahead += more
        return self._ahead[:size]

    def read(self, size: int = -1) -> bytes:
        """The next bytes: so many of them, fewer at the end; all of them for -1."""
        if size < 0:
            found = self._ahead + self._source.read()
            self._ahead = b""
        else:
            found, self._ahead = self._ahead[:size], self._ahead[size:]
            while len(found) < size and (more := self._source.read(size - len(found))):
                found += more
        self.position += len(found)
        return found

    def lines(self) -> Iterator[bytes]:
        """Line by line."""
        rest = b""
        while block := self.read(1 << 20):
            *lines, rest = (rest + block).split(b"\n")
            yield from lines
        if rest:
            yield rest


def placed(items: Iterator[Item], what: str, stream: Peeked, place: Place) -> Iterator[Item]:
    """Items of a JSON document, each with its place noted before it is read on."""
    for number in count(1):
        place.where, place.span = f"{what} {number}", 0
        try:
            item = next(items, None)
        finally:
            place.where += f" before byte {stream.position:,}"
        if item is None:
            return
        yield item


@contextmanager
def opened(place: Place) -> Iterator[Peeked]:
    """A file's bytes, decompressed.

    Raises:
        TraceFileError: it cannot be opened, or its compressed data end too early or are damaged.
    """
    try:
        with place.path.open("rb") as file:
            yield Peeked(decompressed(file))
    except (pa.ArrowInvalid, OSError, EOFError) as error:
        raise place.error(f"cannot be read on: {_told(error)}") from error


def decompressed(file: BinaryIO) -> Source:
    """The bytes of a file, or of one message, whatever they are compressed with."""
    head = file.read(4)
    file.seek(-len(head), 1)
    for magic, codec in _COMPRESSED.items():
        if head.startswith(magic):
            stream: Source = pa.CompressedInputStream(pa.PythonFile(file, "r"), codec)
            return stream
    return file


def format_of(head: bytes, place: Place) -> str:
    """Tell the format by a file's beginning: `otlp-json`, `otlp-proto`, `jaeger` or `zipkin`.

    Raises:
        TraceFileError: it is none of them.
    """
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith(b"["):
        return "zipkin"
    if text.startswith(b"{"):
        found = _KEY.search(text)
        if found is not None:
            return "otlp-json" if found[1].lower().startswith(b"resource") else "jaeger"
    elif head[:1] in (b"\x00", b"\x0a"):
        return "otlp-proto"
    said = "is empty" if not text else "is no file of traces that can be read"
    raise place.error(f"{said}; there are {FORMATS}")


def _told(error: BaseException) -> str:
    said = " ".join(str(error).split())
    return f"{said} (is it cut?)" if isinstance(error, pa.ArrowInvalid | EOFError) else said
