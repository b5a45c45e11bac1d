"""A run's metadata on disk: one file, which carries a checksum of itself."""

import json
import re
from pathlib import Path
from typing import Any
from zlib import crc32

from pydantic import TypeAdapter

from hhperf.errors import RunError
from hhperf.runs.journal import writing
from hhperf.runs.metadata import FORMAT_VERSION, RunMetadata
from hhperf.runs.tables import warn

FILE_NAME = "run.json"
CHECKED_SINCE = 4
"""The first format that has checksums."""

_CHECKSUM = re.compile(rb'"checksum": "([0-9a-f]{8})"\n\}\n\Z')
_BLANK = b"0" * 8
_ADAPTER = TypeAdapter(RunMetadata)
_RAW = TypeAdapter(dict[str, Any])


def write_metadata(folder: Path, metadata: RunMetadata) -> None:
    """Put the metadata into the run's folder, in one step.

    Raises:
        RunError: the file cannot be written.
    """
    path = folder / FILE_NAME
    partial = path.with_suffix(".partial")
    with writing(path):
        partial.write_bytes(_with_checksum(_ADAPTER.dump_python(metadata, mode="json")))
        partial.rename(path)


def read_metadata(folder: Path, *, undamaged_only: bool = False) -> RunMetadata:
    """Read a run's metadata.

    Args:
        folder: the run's.
        undamaged_only: whether to take a file that can be read although its checksum does not hold.

    Raises:
        RunError: the folder holds no run, a newer hhperf wrote it, or it is damaged.

    Warns:
        RunWarning: the checksum does not hold, and the file was taken as it is.
    """
    path = folder / FILE_NAME
    try:
        data = path.read_bytes()
        is_whole = _is_whole(data)
        if is_whole is False and not undamaged_only:
            raise _damaged(path)
        metadata = _parsed(path, data)
    except (FileNotFoundError, NotADirectoryError):
        raise RunError(
            f"{folder}: is not a run (no {FILE_NAME}); name the folder that the replay wrote"
        ) from None
    except (OSError, KeyError, ValueError) as error:
        raise RunError(
            f"{path}: is damaged ({_first_line(error)}); copy it again from where it is whole"
        ) from error
    if is_whole or (is_whole is None and metadata.format_version < CHECKED_SINCE):
        return metadata
    if not undamaged_only:
        raise _damaged(path)
    warn(f"{path}: its checksum does not hold; taken as it is")
    return metadata


def _damaged(path: Path) -> RunError:
    return RunError(
        f"{path}: is damaged, or was changed by hand (its checksum does not hold); copy it again"
        " from where it is whole, or load it with `undamaged_only=True` (--undamaged-only) to take"
        " it as it is"
    )


def _parsed(path: Path, data: bytes) -> RunMetadata:
    raw = _RAW.validate_json(data)
    found = int(raw["format_version"])
    if found > FORMAT_VERSION:
        raise RunError(
            f"{path}: has format {found}, this hhperf reads up to {FORMAT_VERSION}: upgrade hhperf"
        )
    if found < 1:
        raise ValueError(f"there is no format {found}")
    return _ADAPTER.validate_python(raw)


def _with_checksum(facts: dict[str, Any]) -> bytes:
    text = json.dumps(facts | {"checksum": _BLANK.decode()}, indent=2, ensure_ascii=False)
    blank = text.encode() + b"\n"
    checksum = f"{crc32(blank):08x}".encode()
    return _CHECKSUM.sub(b'"checksum": "' + checksum + b'"\n}\n', blank)


def _is_whole(data: bytes) -> bool | None:
    """Whether a file is as it was written; None where it has no checksum."""
    found = _CHECKSUM.search(data)
    if found is None:
        return None
    begin, end = found.span(1)
    return f"{crc32(data[:begin] + _BLANK + data[end:]):08x}".encode() == found[1]


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
