"""`hhperf history`: from a folder of runs to verdicts, changes and a picture."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from hhperf.runs.metadata import Conditions
from tests.cli.conftest import Ended
from tests.runs.conftest import METADATA
from tests.show.report.made import write_pairs

Command = Callable[..., Ended]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight commits, of which the fifth made the treatment a sixth slower."""
    home = tmp_path_factory.mktemp("commits")
    noise = (0.0, 0.004, -0.003, 0.002, -0.004, 0.003, 0.001, -0.002)
    for day, off in enumerate(noise):
        metadata = replace(
            METADATA,
            created=METADATA.created + timedelta(days=day),
            conditions=Conditions(labels={"commit": f"abcdef{day}"}),
        )
        ratio = (0.6 if day < 4 else 0.7) + off
        write_pairs(home / f"r{day}", ratio=ratio, pairs=420, metadata=metadata)
    return home


def test_a_slower_commit_is_named(command: Command, folder: Path) -> None:
    """With what it cost, a verdict for each, and a picture."""
    ended = command("history", str(folder), "--statistic", "p50")
    assert ended.code == 0
    said = " ".join(ended.out.split())
    assert "WORSE from r4 (abcdef4) on" in said
    assert said.count("EXCEEDS") == 8
    assert (folder / "history.png").stat().st_size > 10_000


def test_the_newest_may_fail_a_build(command: Command, folder: Path, tmp_path: Path) -> None:
    """It is worse than the first, and not than the one before."""
    picture = str(tmp_path / "h.png")
    options = ("--of=treatment", "--statistic=p50", "--picture", picture, "--fail-on-worse")
    assert command("history", str(folder), *options).code == 1
    assert command("history", str(folder), "--baseline", "r5", *options).code == 0


def test_a_folder_without_runs_is_bad_input(command: Command, tmp_path: Path) -> None:
    """It is named."""
    ended = command("history", str(tmp_path))
    assert (ended.code, str(tmp_path) in ended.err) == (4, True)
