"""A map on disk: one file of its cells, rewritten as a whole, so that it can be gone on with."""

from pathlib import Path

from pydantic import TypeAdapter

from hhperf.errors import RunError
from hhperf.forecast.json_file import read_json, write_json
from hhperf.forecast.map_cells import ClaimMap, MapDesign

FILE_NAME = "map.json"
TABLE_NAME = "map.csv"
_ADAPTER = TypeAdapter(ClaimMap)


def write_map(folder: Path, found: ClaimMap) -> None:
    """Put a map into its folder: the file that it is read from, and a table for others.

    Raises:
        RunError: they cannot be written.
    """
    write_json(folder / FILE_NAME, _ADAPTER, found)
    path = folder / TABLE_NAME
    try:
        found.to_frame().to_csv(path, index=False)
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
    found = read_json(path, _ADAPTER)
    if found is not None and design is not None and found.design != design:
        raise RunError(
            f"{path}: was made by {found.design}, not by {design}: take another folder, or the same"
            " options"
        )
    return found
