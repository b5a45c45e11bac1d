"""What is known of the data behind a run, and the command that records it again."""

from dataclasses import replace

import pytest

from hhperf.runs.metadata import LogFacts, PairedDesign, RunMetadata, SwitchbackDesign
from hhperf.runs.run import load_run
from hhperf.show.findings import Findings
from hhperf.show.report.provenance import (
    SHIPPED_LOG_SHA256,
    credits_of,
    data_note,
    facts_table,
    recording_command,
)
from hhperf.workload.make import make_query_log
from hhperf.workload.query_log import QueryLog
from tests.runs.conftest import METADATA
from tests.show.report.made import write_load


@pytest.fixture
def shipped(exceeding: Findings) -> RunMetadata:
    """Of a run on the shipped log and the embedded stack."""
    return exceeding.run.metadata


def on_log(metadata: RunMetadata, log: QueryLog) -> RunMetadata:
    """The same run on another log."""
    return replace(metadata, log=LogFacts(log.source, log.sha256, len(log)))


def test_a_run_of_a_regime_is_recorded_by_the_regime_s_name() -> None:
    """With its looks, and beside its other arm: as `hhperf run` does."""
    again = recording_command([load_run("data/runs/claim/plan-eager").metadata])
    assert again == (
        "hhperf run --only plan --pairs 800 --in-flight 12 --cache-state cold --seed 0"
    )


def test_the_shipped_log_is_known_by_its_hash(log: QueryLog) -> None:
    """The constant is that of the file."""
    assert log.sha256 == SHIPPED_LOG_SHA256


def test_a_made_log_is_known(shipped: RunMetadata) -> None:
    """In memory it says how it was made."""
    assert "synthetic" in data_note(on_log(shipped, make_query_log(20, seed=4)))


def test_of_ones_own_log_only_the_candidates_are_synthetic(shipped: RunMetadata) -> None:
    """A log of the shipped one's name is not the shipped one; the embedded people are made."""
    own = replace(shipped, log=replace(shipped.log, sha256="ab" * 32))
    assert data_note(own) == (
        "Queries are those of the log queries.jsonl; profiles are synthetic, made from real"
        " vocabulary."
    )
    assert not any("Azure" in each.text for each in credits_of(own))


def test_of_ones_own_server_nothing_is_claimed(shipped: RunMetadata) -> None:
    """Neither of its queries nor of its candidates."""
    settings = {**shipped.conditions.settings, "PGVECTOR_HOST": "db"}
    conditions = replace(shipped.conditions, settings=settings)
    own = replace(shipped, log=METADATA.log, conditions=conditions)
    assert "synthetic" not in data_note(own)
    assert credits_of(own) == ()


def test_the_facts_have_versions_and_seeds(shipped: RunMetadata) -> None:
    """What a reader needs to compare set-ups."""
    facts: dict[str, str] = {row[0]: row[1] for row in facts_table(shipped, 3).rows}
    assert facts["postgres"] == "PostgreSQL 18.4, pgvector 0.8.5"
    assert facts["seeds"] == "0 of the run, 3 of the bootstrap"


def test_settings_of_ones_own_stand_before_the_command(shipped: RunMetadata) -> None:
    """And a log other than the shipped one is named."""
    settings = {**shipped.conditions.settings, "SEARCH_RRF_K": 30}
    conditions = replace(shipped.conditions, settings=settings)
    own = replace(shipped, log=METADATA.log, conditions=conditions)
    command = recording_command([own])
    assert command is not None
    assert command.startswith("env SEARCH_RRF_K=30 hhperf replay results/again")
    assert "--log queries.jsonl" in command


def test_a_run_until_its_verdict_is_one_again(shipped: RunMetadata) -> None:
    """By the command that stops."""
    labels = {"until_verdict": "p95", "until_threshold": "0.2"}
    stopped = replace(shipped, conditions=replace(shipped.conditions, labels=labels))
    command = recording_command([stopped])
    assert command is not None
    assert command.startswith("hhperf run --until-verdict --threshold 0.2 --pairs 1000")


def test_live_deployments_are_targets_again() -> None:
    """By the addresses that the run recorded."""
    arms = {arm: f"https://{arm.value}.example/search" for arm in METADATA.design.arms}
    command = recording_command([replace(METADATA, design=replace(METADATA.design, arms=arms))])
    assert command is not None
    assert command.startswith("hhperf replay results/again --order log")
    assert "--target control=https://control.example/search --target treatment=https" in command
    assert "--profile" not in command
    assert "rerank" not in command


def test_the_way_around_a_cache_is_in_the_command() -> None:
    """Of a command between requests the program alone was recorded."""
    arms = {arm: f"https://{arm.value}.example" for arm in METADATA.design.arms}
    assert isinstance(METADATA.design, PairedDesign)
    design = replace(METADATA.design, arms=arms, before_each="redis-cli")
    conditions = replace(METADATA.conditions, vary="jdHash")
    command = recording_command([replace(METADATA, design=design, conditions=conditions)])
    assert command is not None
    assert "--before-each 'redis-cli …'" in command
    assert command.endswith("--target control_again=https://control_again.example --vary jdHash")


def test_a_run_of_callables_has_no_command() -> None:
    """Python has made it."""
    assert recording_command([METADATA]) is None


@pytest.fixture
def loaded(shipped: RunMetadata, tmp_path_factory: pytest.TempPathFactory) -> RunMetadata:
    """Of a run of this kit's arms at 10 requests a second."""
    made = write_load(tmp_path_factory.mktemp("load") / "run", 10.0, 0.5).metadata
    return replace(shipped, design=made.design)


def test_a_run_under_load_has_its_command(loaded: RunMetadata) -> None:
    """With the load, as it was said."""
    command = recording_command([loaded])
    assert command is not None
    assert (
        "hhperf load results/again --rate 10 --arrivals poisson --seconds 9 --rounds 1" in command
    )


def test_a_sweep_has_its_command(loaded: RunMetadata) -> None:
    """With all its loads."""
    assert isinstance(loaded.design, SwitchbackDesign)
    more = replace(loaded, design=replace(loaded.design, load="Poisson, 20/s for 9 s"))
    command = recording_command([loaded, more])
    assert command is not None
    assert command.startswith("hhperf sweep results/again --rates 10,20 --seconds 9")


def test_a_load_of_many_phases_has_none(loaded: RunMetadata) -> None:
    """Its words are not its options."""
    assert isinstance(loaded.design, SwitchbackDesign)
    ramp = replace(loaded, design=replace(loaded.design, load="Poisson, 10 to 40/s for 9 s"))
    assert recording_command([ramp]) is None
