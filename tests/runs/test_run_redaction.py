"""Runs that tell nothing of who asked for what."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest

from hhperf.errors import RedactionError
from hhperf.pseudonyms import Pseudonyms
from hhperf.runs.observation import Arm, Outcome
from hhperf.runs.run import Run, load_run
from hhperf.runs.run_redaction import KeptOfRun, redact_run
from hhperf.verdict.compare import compare
from hhperf.workload.shipped import data_dir
from tests.alike import plain
from tests.runs.conftest import METADATA, observe
from tests.runs.test_formats import KEPT

SECRET = "zanzibar"
HIDDEN = Pseudonyms(b"k")


@pytest.fixture
def told(written: Callable[..., Path]) -> Run:
    """A run that tells a secret wherever it can."""
    secrets: dict[str, Any] = {
        "tenant": SECRET, "session": SECRET, "request_id": SECRET, "result_digest": SECRET,
        "error": f"no {SECRET}",
    }  # fmt: skip
    failed = observe(1, Arm.TREATMENT, session=None, outcome=Outcome.ERROR)
    run = load_run(written(observe(0, **secrets), failed))
    return Run(run.path, replace(run.metadata, log=replace(METADATA.log, source=SECRET)))


def test_nothing_is_left_of_who_asked(told: Run, tmp_path: Path) -> None:
    """In any column, nor in the metadata; what was not known or empty is so still."""
    made = redact_run(told, tmp_path / "out", HIDDEN)
    everything = str(made.observations.to_pylist()) + (made.path / "run.json").read_text()
    assert SECRET in str(told.observations.to_pylist())
    assert SECRET not in everything
    assert METADATA.log.sha256 not in everything
    _, failed = made.observations.to_pylist()
    assert (failed["session"], failed["result_digest"], failed["error"]) == (None, "", "")
    keys = [run.observations["text_key"].to_pylist() for run in (told, made)]
    assert not set(keys[0]) & set(keys[1])


@pytest.mark.parametrize("name", get_args(KeptOfRun))
def test_what_is_named_stays(told: Run, tmp_path: Path, name: str) -> None:
    """It alone."""
    made = redact_run(told, tmp_path / "out", HIDDEN, frozenset({name}))
    columns = [each for each in get_args(KeptOfRun) if each != "source"]
    same = {each for each in columns if made.observations[each] == told.observations[each]}
    same |= {"source"} if made.metadata.log == told.metadata.log else set()
    assert same == {name}


def test_an_unknown_name_to_keep_is_refused(told: Run, tmp_path: Path) -> None:
    """Before anything is written."""
    with pytest.raises(RedactionError, match="a run has no 'tenants', use some of tenant, "):
        redact_run(told, tmp_path / "out", HIDDEN, frozenset({"tenants"}))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "path", [data_dir() / "runs" / "two-deployments", KEPT / "format_2"], ids=["paired", "load"]
)
def test_savings_and_gates_stay_what_they_are(tmp_path: Path, path: Path) -> None:
    """To the last digit."""
    run = load_run(path)
    made = redact_run(run, tmp_path / "out", Pseudonyms())
    assert plain(compare(made)) == plain(compare(run))
    assert made.status == run.status


def test_an_old_run_comes_out_in_today_s_format(tmp_path: Path) -> None:
    """With checksums, and without an anchor where it had none."""
    made = redact_run(load_run(KEPT / "format_1"), tmp_path / "out", HIDDEN)
    assert (made.metadata.format_version, made.metadata.anchor) == (4, None)
    assert made.metadata.files.keys() == {"observations.parquet", "health.parquet"}


def test_of_several_things_unknown_the_first_is_named(told: Run, tmp_path: Path) -> None:
    """In the order of the alphabet."""
    with pytest.raises(RedactionError, match="no 'antenna'"):
        redact_run(told, tmp_path / "out", HIDDEN, frozenset({"zebra", "antenna"}))
