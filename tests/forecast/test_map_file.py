"""A map that is written, read and gone on with."""

import math
from dataclasses import replace
from pathlib import Path

import pytest

from hhperf.analysis.estimate import Estimate
from hhperf.errors import RunError
from hhperf.forecast.map_cells import ClaimMap, MapDesign
from hhperf.forecast.map_file import read_map, write_map
from tests.forecast.made_cells import cell


def test_a_map_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Measured cells and ends without bounds too."""
    endless = Estimate(0.3, -math.inf, 1.0, p_value=0.5)
    found = ClaimMap(MapDesign(), (replace(cell(0.3), measured=endless, run="runs/x"), cell(0.1)))
    write_map(tmp_path, found)
    again = read_map(tmp_path, MapDesign())
    assert again is not None
    assert again.cells[0].measured == endless
    assert [each.place for each in again.cells] == [each.place for each in found.cells]
    assert (tmp_path / "map.csv").read_text().count("\n") == 3


def test_a_map_made_otherwise_is_not_gone_on_with(tmp_path: Path) -> None:
    """Its cells would not go together."""
    write_map(tmp_path, ClaimMap(MapDesign(), (cell(0.3),)))
    with pytest.raises(RunError, match="take another folder, or the same options"):
        read_map(tmp_path, MapDesign(seed=1))


def test_what_is_no_map_is_named(tmp_path: Path) -> None:
    """With its file; a folder without one has none yet."""
    assert read_map(tmp_path) is None
    (tmp_path / "map.json").write_text('{"design": 3}')
    with pytest.raises(RunError, match=r"map.json: design"):
        read_map(tmp_path)
