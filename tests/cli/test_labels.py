"""What a run is called by."""

import subprocess
from pathlib import Path

import pytest

from hhperf.cli.labels import commit_here, labels_of
from hhperf.errors import SettingsError


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit, as the folder that commands run in."""
    who = ("-c", "user.name=A", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false")
    (tmp_path / "file").write_text("1")
    for each in (("init", "-q"), ("add", "file"), (*who, "commit", "-q", "-m", "one")):
        subprocess.run(["git", *each], cwd=tmp_path, check=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_label_is_taken_as_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside of a repository there is no commit besides."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert labels_of(["build=7", "commit=v1.2"]) == {"build": "7", "commit": "v1.2"}
    assert labels_of(None) == {}


def test_the_commit_checked_out_is_a_label(checkout: Path) -> None:
    """With a plus where a file that it knows is another by now."""
    commit = labels_of(None)["commit"]
    assert len(commit) == 10
    (checkout / "file").write_text("2")
    assert commit_here() == f"{commit}+"


def test_a_commit_that_was_said_stands(checkout: Path) -> None:
    """Such as that of a deployment which is measured from here."""
    assert labels_of(["commit=release-9"]) == {"commit": "release-9"}


@pytest.mark.parametrize("given", ["build", "=7", "build=", "build=\udcff"])
def test_a_label_without_name_or_value_is_refused(given: str) -> None:
    """It says what is wanted."""
    with pytest.raises(SettingsError, match="NAME=VALUE"):
        labels_of([given])
