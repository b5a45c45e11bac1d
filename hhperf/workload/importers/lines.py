"""The lines of a text file, gzipped or not."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

from hhperf.errors import QueryLogError


def numbered_lines(path: Path) -> Iterator[tuple[int, str | QueryLogError]]:
    """Each line that is not blank, with its number from 1; one that is not UTF-8 as an error.

    Raises:
        QueryLogError: the file cannot be read.
    """
    opener = gzip.open if path.suffix.lower() == ".gz" else open
    try:
        with opener(path, "rb") as lines:
            for number, raw in enumerate(lines, start=1):
                try:
                    text = raw.decode("utf-8-sig" if number == 1 else "utf-8").strip()
                except UnicodeDecodeError:
                    yield number, QueryLogError("is not UTF-8", path=str(path), line=number)
                    continue
                if text:
                    yield number, text
    except FileNotFoundError:
        raise QueryLogError("there is no such file", path=str(path)) from None
    except (OSError, EOFError, zlib.error) as error:
        raise QueryLogError(f"cannot be read: {error}", path=str(path)) from error
