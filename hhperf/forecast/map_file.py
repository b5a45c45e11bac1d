"""A map on disk: one file of its cells, rewritten as a whole, so that it can be gone on with."""

import json
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from hhperf.errors import RunError
from hhperf.forecast.map_cells import ClaimMap, MapDesign

FILE_NAME = "map.json"
TABLE_NAME = "map.csv"
_ADAPTER = TypeAdapter(ClaimMap)


def write_map(folder: Path, found: ClaimMap) -> None:
    """Put a map into its folder: the file that it is read from, and a table for others.

    Raises:
        RunError: they cannot be written.
    """
    path = folder / FILE_NAME
    partial = path.with_suffix(".partial")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        partial.write_text(json.dumps(_ADAPTER.dump_python(found), indent=1), encoding="utf-8")
        partial.rename(path)
        found.to_frame().to_csv(folder / TABLE_NAME, index=False)
    except OSError as error:
        raise RunError(f"{path}: cannot be written: {error}") from error


def read_map(folder: Path, design: MapDesign | None = None) -> ClaimMap | None:
    """The map of a folder; None where there is none yet.

    Args:
        folder: of a map.
        design: what it has to be made by.

    Raises:
        RunError: it cannot be read, or was made otherwise.
    """
    path = folder / FILE_NAME
    try:
        found = _ADAPTER.validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RunError(f"{path}: {error}") from error
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        field = ".".join(map(str, problem["loc"])) or "the file"
        raise RunError(f"{path}: {field}: {problem['msg']}: take another folder") from None
    if design is not None and found.design != design:
        raise RunError(
            f"{path}: was made by {found.design}, not by {design}: take another folder, or the same"
            " options"
        )
    return found
