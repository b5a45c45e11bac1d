"""Keeping secrets off the disk."""

import json
import platform
from dataclasses import replace
from pathlib import Path

import pytest

from hhperf.errors import RunError
from hhperf.runs.metadata import (
    Conditions,
    ProfileFacts,
    describe,
    this_host,
    without_credentials,
    without_secrets,
    write_metadata,
)
from hhperf.runs.run import load_run
from tests.runs.conftest import DESIGN, METADATA


def test_settings_named_like_secrets_are_left_out() -> None:
    """Other settings stay as they are."""
    settings = {"PGVECTOR_PASSWORD": "x", "my_api_key": "y", "SEARCH_RRF_K": 60}
    assert without_secrets(settings) == {"SEARCH_RRF_K": 60}


def test_addresses_lose_their_credentials() -> None:
    """Wherever they stand in a text."""
    text = "from redis://:pw@cache:6379 to http://me:pw@host/v1?q=a@b"
    assert without_credentials(text) == "from redis://cache:6379 to http://host/v1?q=a@b"


PLAN = ProfileFacts("plan", {"embedding": {"median_s": 0.05}}, "cd" * 32)


def test_metadata_come_back_as_they_were(tmp_path: Path) -> None:
    """Nested facts survive the way through JSON."""
    conditions = Conditions({"SEARCH_RRF_K": 60}, PLAN, {"postgresql": "18.4"}, {"why": "test"})
    metadata = replace(METADATA, conditions=conditions, status="finished")
    write_metadata(tmp_path, metadata)
    assert load_run(tmp_path).metadata == metadata


def test_the_description_has_no_secrets() -> None:
    """Settings are cleaned before they are kept."""
    conditions = describe(
        Conditions({"API_TOKEN": "x", "SEARCH_RRF_K": 60}), METADATA.log, DESIGN, 1
    )
    assert conditions.conditions.settings == {"SEARCH_RRF_K": 60}


def test_the_host_has_no_name() -> None:
    """Cores, memory and kernel are told, the machine's name is not."""
    host = this_host()
    assert host.cores >= 1
    assert host.memory_bytes > 1 << 20
    assert host.kernel == f"{platform.system()} {platform.release()}"
    assert platform.node() not in str(host)


def test_equal_circumstances_do_not_differ() -> None:
    """Another seed, label or length is no obstacle to a comparison."""
    other = replace(METADATA, seed=8, design=replace(DESIGN, pairs=99))
    labelled = replace(other, conditions=Conditions(labels={"try": "2"}))
    assert METADATA.differences(labelled) == ()


def test_other_circumstances_are_named() -> None:
    """Each checked fact that differs is told by name."""
    other = replace(
        METADATA,
        conditions=Conditions(profile=PLAN),
        design=replace(DESIGN, cache_state="cold"),
        log=replace(METADATA.log, sha256=""),
    )
    assert METADATA.differences(other) == ("conditions.profile", "log.sha256", "design")


def test_a_folder_without_a_run_is_named(tmp_path: Path) -> None:
    """The message says what to give instead."""
    with pytest.raises(RunError, match=r"is not a run \(no run\.json\); name the folder"):
        load_run(tmp_path)


def test_a_newer_format_asks_for_an_upgrade(tmp_path: Path) -> None:
    """A file of a later hhperf is refused before its unknown parts are read."""
    (tmp_path / "run.json").write_text(json.dumps({"format_version": 4, "unheard": "of"}))
    with pytest.raises(RunError, match=r"has format 4, .* reads up to 3: upgrade hhperf"):
        load_run(tmp_path)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format_version": 1}', '{"format_version": "x"}']
)
def test_damaged_metadata_are_named(tmp_path: Path, text: str) -> None:
    """Whatever is wrong with the file, the message says which file."""
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(RunError, match=r"run\.json: is damaged"):
        load_run(tmp_path)
