"""Folders for runs that nothing else has."""

from pathlib import Path

import pytest

from hhperf.errors import RunError
from hhperf.runs.fresh_folder import fresh_folder


def test_no_two_who_ask_get_one_folder(tmp_path: Path) -> None:
    """The second has a number, and what was there stays."""
    names = [fresh_folder(tmp_path / "results" / "a").name for _ in range(3)]
    assert names == ["a", "a-2", "a-3"]


def test_a_place_where_nothing_can_be_made_is_named(tmp_path: Path) -> None:
    """Such as below a file."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(RunError, match="file"):
        fresh_folder(tmp_path / "file" / "a")
