"""Folders for runs that nothing else has."""

from pathlib import Path

import pytest

from hhperf.errors import RunError
from hhperf.runs.fresh_folder import empty_folders, fresh_folder


def test_no_two_who_ask_get_one_folder(tmp_path: Path) -> None:
    """The second has a number, and what was there stays."""
    names = [fresh_folder(tmp_path / "results" / "a").name for _ in range(3)]
    assert names == ["a", "a-2", "a-3"]


def test_a_place_where_nothing_can_be_made_is_named(tmp_path: Path) -> None:
    """Such as below a file."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(RunError, match="file"):
        fresh_folder(tmp_path / "file" / "a")


@pytest.mark.parametrize(
    ("error", "there"), [(KeyboardInterrupt, False), (ValueError, True)], ids=str
)
def test_a_folder_that_was_there_goes_with_an_interrupt_alone(
    tmp_path: Path, error: type[BaseException], there: bool
) -> None:
    """It was made for the run a moment before, or it is somebody's."""
    given = tmp_path / "given"
    given.mkdir()
    with pytest.raises(error), empty_folders([tmp_path / "run" / "new", given]):
        raise error
    assert given.exists() == there
    assert not (tmp_path / "run").exists()


def test_a_folder_with_something_in_it_stays(tmp_path: Path) -> None:
    """Whatever ended what was to be measured into it."""

    def measure() -> None:
        with empty_folders([tmp_path / "run"]):
            (tmp_path / "run" / "run.json").touch()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        measure()
    assert (tmp_path / "run" / "run.json").exists()
