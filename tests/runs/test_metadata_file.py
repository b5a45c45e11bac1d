"""Metadata on disk."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hhperf.errors import RunError
from hhperf.runs.metadata import Conditions, ProfileFacts
from hhperf.runs.metadata_file import read_metadata, write_metadata
from hhperf.runs.pieces import Piece
from hhperf.runs.tables import RunWarning
from tests.runs.conftest import METADATA

PLAN = ProfileFacts("plan", {"embedding": {"median_s": 0.05}}, "cd" * 32)


def test_metadata_come_back_as_they_were(tmp_path: Path) -> None:
    """Nested facts survive the way through JSON."""
    conditions = Conditions({"SEARCH_RRF_K": 60}, PLAN, {"postgresql": "18.4"}, {"why": "süß"})
    files = {"observations.parquet": (Piece(7, 3, "0badcafe"), Piece(2, 0, "00000000"))}
    metadata = replace(METADATA, conditions=conditions, status="finished", files=files)
    write_metadata(tmp_path, metadata)
    assert read_metadata(tmp_path) == metadata


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.integers(0, 10_000))
def test_no_flipped_bit_goes_unseen(tmp_path: Path, place: int) -> None:
    """Wherever it is."""
    write_metadata(tmp_path, METADATA)
    path = tmp_path / "run.json"
    data = bytearray(path.read_bytes())
    data[place // 8 % len(data)] ^= 1 << place % 8
    path.write_bytes(data)
    with pytest.raises(RunError, match=r"run\.json: is damaged"):
        read_metadata(tmp_path)


@pytest.mark.parametrize("written", ['"seed": 7', '"checksum"'])
def test_a_changed_file_is_taken_as_it_is_on_request(tmp_path: Path, written: str) -> None:
    """With a warning."""
    write_metadata(tmp_path, METADATA)
    path = tmp_path / "run.json"
    changed = written.replace("7", "8").replace("check", "chunk")
    path.write_text(path.read_text().replace(written, changed))
    with pytest.warns(RunWarning, match="its checksum does not hold; taken as it is"):
        assert read_metadata(tmp_path, undamaged_only=True).seed in (7, 8)


def test_a_folder_without_a_run_is_named(tmp_path: Path) -> None:
    """The message says what to give instead."""
    with pytest.raises(RunError, match=r"is not a run \(no run\.json\); name the folder"):
        read_metadata(tmp_path)


def test_a_newer_format_asks_for_an_upgrade(tmp_path: Path) -> None:
    """A file of a later hhperf is refused before its unknown parts are read."""
    (tmp_path / "run.json").write_text(json.dumps({"format_version": 5, "unheard": "of"}))
    with pytest.raises(RunError, match=r"has format 5, .* reads up to 4: upgrade hhperf"):
        read_metadata(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"format_version": 1}',
        '{"format_version": 0}',
        '{"format_version": -5}',
        '{"format_version": "x"}',
    ],
)  # fmt: skip
def test_damaged_metadata_are_named(tmp_path: Path, text: str) -> None:
    """Whatever is wrong with the file, the message says which file."""
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(RunError, match=r"run\.json: is damaged"):
        read_metadata(tmp_path)
