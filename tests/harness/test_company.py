"""Runs of one machine that know of each other."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hhperf.harness import company
from hhperf.harness.company import VARIABLE, CompanyWarning, in_company
from hhperf.harness.paired_plan import plan_pairs
from hhperf.harness.paired_replay import replay_pairs
from hhperf.harness.target import Reply, Request
from hhperf.runs.run import load_run
from hhperf.verdict.compare import compare
from tests.harness.conftest import ANSWER, Log, arms

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of entries, of this test alone."""
    found = tmp_path / "runs"
    monkeypatch.setenv(VARIABLE, str(found))
    return found


@contextmanager
def other_run(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that measures, until its input ends."""
    command = [sys.executable, "-m", "tests.harness.measuring", str(folder)]
    process = subprocess.Popen(
        command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    with process:
        try:
            yield process
        finally:
            process.kill()


def begun(process: subprocess.Popen[str]) -> None:
    """Wait until it measures."""
    assert process.stdout is not None
    assert process.stdout.readline() == "measures\n"


def test_two_processes_that_measure_know_of_each_other(place: Path, tmp_path: Path) -> None:
    """The later from its beginning on, the earlier when it ends; a comparison says so of both."""
    with other_run(tmp_path / "one") as one, other_run(tmp_path / "two") as two:
        begun(one)
        begun(two)
        _, said_by_two = two.communicate("")
        _, said_by_one = one.communicate("")
    for process, other, said in ((one, two, said_by_one), (two, one, said_by_two)):
        run = load_run(tmp_path / ("one" if process is one else "two"))
        in_words = f"pid {other.pid}, `python measuring.py …`"
        assert run.metadata.company == (in_words,)
        assert f"another run, {in_words}, has been measuring here for" in said
        assert any(in_words in each for each in compare(run).warnings)
    assert list(place.iterdir()) == []


async def test_a_run_learns_of_another_while_it_goes_on(
    place: Path, log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its metadata say so before it has ended."""
    monkeypatch.setattr(company, "EVERY_S", 0.01)
    written = tmp_path / "run" / "run.json"

    async def send(request: Request) -> Reply:
        with in_company(tmp_path / "other"):
            async with asyncio.timeout(30):
                while not json.loads(written.read_bytes())["company"]:  # noqa: ASYNC110  a file
                    await asyncio.sleep(0.01)
        return ANSWER

    plan = plan_pairs(log, cache_state="cold", seed=1, warm_up=0, pairs=1)
    with pytest.warns(CompanyWarning, match="into .*other"):
        run = await replay_pairs(plan, arms(control=send), tmp_path / "run")
    assert len(run.metadata.company) == 1


def test_a_run_alone_is_in_no_company(place: Path, log: Log, tmp_path: Path) -> None:
    """And leaves no entry."""
    plan = plan_pairs(log, cache_state="cold", seed=1, warm_up=0, pairs=2)
    run = asyncio.run(replay_pairs(plan, arms(), tmp_path / "run"))
    assert run.metadata.company == ()
    assert list(place.iterdir()) == []


def test_a_run_that_came_and_went_is_met_nonetheless(place: Path, tmp_path: Path) -> None:
    """Its entry stays until the one that has to see it has gone; then all is cleared away."""
    with in_company(tmp_path) as first:
        with in_company(tmp_path / "other"):
            pass
        with pytest.warns(CompanyWarning, match="into .*other: both disturb each other"):
            assert first.look()
        assert not first.look()
        assert len(first.met) == 1
    with in_company(tmp_path) as later:
        assert not later.look()
    assert list(place.iterdir()) == []


def test_a_run_that_was_killed_is_over(place: Path, tmp_path: Path) -> None:
    """Nobody holds its entry."""
    place.mkdir()
    entry = {"pid": 1, "command": "hhperf load …", "folder": "/x", "begun_ns": 0}
    (place / "1-dead").write_text(json.dumps(entry))
    with in_company(tmp_path) as found:
        assert not found.look()
    assert not (place / "1-dead").exists()


def test_what_others_put_there_is_taken_for_words_alone(place: Path, tmp_path: Path) -> None:
    """No link is followed, nothing is waited for, no control character gets to a terminal."""
    place.mkdir()
    secret = tmp_path / "secret"
    secret.write_text(json.dumps({"pid": 1, "command": "s3cret", "folder": "/", "begun_ns": 0}))
    with in_company(tmp_path) as found:
        (place / "link").symlink_to(secret)
        os.mkfifo(place / "pipe")
        (place / "folder").mkdir()
        (place / "words").write_text("no JSON")
        entry = {"pid": 7, "command": "a\x1b[2Jb" * 200, "folder": "/", "begun_ns": 0}
        (place / "7-long").write_text(json.dumps(entry))
        with pytest.warns(CompanyWarning, match="pid 7"):
            found.look()
    (met,) = found.met
    assert met.isprintable()
    assert len(met) < 150


def test_a_folder_that_cannot_be_used_keeps_no_run_from_going_on(
    place: Path, tmp_path: Path
) -> None:
    """A file stands in its place."""
    place.write_text("")
    with in_company(tmp_path) as found:
        assert not found.look()
    assert found.met == ()


def test_everybody_may_enter_and_remove_what_is_their_own(place: Path, tmp_path: Path) -> None:
    """The folder is like the one of temporary files, and each entry can be read by all."""
    with in_company(tmp_path):
        assert place.stat().st_mode & 0o7777 == 0o1777
        (entry,) = place.iterdir()
        assert entry.stat().st_mode & 0o777 == 0o644
