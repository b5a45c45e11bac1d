"""What a run says of itself, and in what two differ."""

from dataclasses import replace

from hhperf.runs.metadata import (
    Conditions,
    ProfileFacts,
    describe,
    without_secrets,
)
from tests.runs.conftest import DESIGN, METADATA


def test_settings_named_like_secrets_are_left_out() -> None:
    """Other settings stay as they are."""
    settings = {"PGVECTOR_PASSWORD": "x", "my_api_key": "y", "SEARCH_RRF_K": 60}
    assert without_secrets(settings) == {"SEARCH_RRF_K": 60}


PLAN = ProfileFacts("plan", {"embedding": {"median_s": 0.05}}, "cd" * 32)


def test_the_description_has_no_secrets() -> None:
    """Settings are cleaned before they are kept."""
    conditions = describe(
        Conditions({"API_TOKEN": "x", "SEARCH_RRF_K": 60}), METADATA.log, DESIGN, 1
    )
    assert conditions.conditions.settings == {"SEARCH_RRF_K": 60}


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
