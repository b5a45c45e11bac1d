"""What goes on from where it was, on disk: one JSON file, rewritten as a whole."""

import json
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from hhperf.errors import RunError

Kept = TypeVar("Kept")


def write_json(path: Path, adapter: TypeAdapter[Kept], kept: Kept) -> None:
    """Put it there; whoever reads meanwhile has the one before.

    Raises:
        RunError: it cannot be written.
    """
    partial = path.with_suffix(".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(json.dumps(adapter.dump_python(kept), indent=1), encoding="utf-8")
        partial.rename(path)
    except OSError as error:
        raise RunError(f"{path}: cannot be written: {error}") from error


def read_json(path: Path, adapter: TypeAdapter[Kept]) -> Kept | None:
    """What is there; None where nothing is yet.

    Raises:
        RunError: it cannot be read, or is something else.
    """
    try:
        return adapter.validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RunError(f"{path}: {error}") from error
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        field = ".".join(map(str, problem["loc"])) or "the file"
        raise RunError(f"{path}: {field}: {problem['msg']}: take another folder") from None
