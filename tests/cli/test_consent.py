"""Who says that a live system may be sent requests; the far address is made up."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Ended

PORT = 9
LIVE = ("--target", "control=http://127.0.0.1:9", "--target", "treatment=http://127.0.0.1:9")


@pytest.fixture
def far(monkeypatch: pytest.MonkeyPatch) -> None:
    """The target is another machine's; the server that the generator is calibrated by is not."""

    def resolve(_host: str, port: int) -> list[str]:
        return ["203.0.113.7" if port == PORT else "127.0.0.1"]

    monkeypatch.setattr("hhperf.harness.http_target.addresses_of", resolve)


@pytest.mark.usefixtures("far")
@pytest.mark.parametrize(
    ("verb", "said"),
    [
        (("replay", "--pairs", "10"), "90 requests to http://127.0.0.1:9, at most 1 at once"),
        (("load", "--rate", "10", "--seconds", "1", "--max-in-flight", "7"), "at most 7 at once"),
        (("sweep", "--rates", "5,10,15", "--seconds", "4"), "at most 20 at once"),
    ],
    ids=["replay", "load", "sweep"],
)
def test_without_a_terminal_it_takes_a_word(
    verb: tuple[str, ...], said: str, command: Callable[..., Ended], tmp_path: Path
) -> None:
    """Refused as bad input, with what would be sent; nothing is written."""
    ended = command(verb[0], str(tmp_path / "run"), *verb[1:], *LIVE)
    assert ended.code == 4
    assert said in ended.err
    assert "--yes does, and nothing was sent" in ended.err
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("far")
def test_on_a_terminal_it_is_asked(
    command: Callable[..., Ended], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And no is the answer of who only presses the key."""
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(sys.stdin, "readline", lambda *_: "\n", raising=False)
    ended = command("replay", str(tmp_path / "run"), "--pairs", "10", *LIVE)
    assert ended.code == 4
    assert "Go on? [y/N]" in ended.err
    assert "not confirmed, and nothing was sent" in ended.err


@pytest.mark.usefixtures("far")
def test_whoever_says_yes_goes_on(command: Callable[..., Ended], tmp_path: Path) -> None:
    """Nobody listens there, which is a failure and no bad input."""
    ended = command("replay", str(tmp_path / "run"), "--pairs", "10", "--yes", *LIVE)
    assert ended.code == 5
    assert "Go on?" not in ended.err


@pytest.mark.usefixtures("far")
def test_more_than_may_be_is_refused(command: Callable[..., Ended], tmp_path: Path) -> None:
    """With the option that allows it."""
    ended = command("load", str(tmp_path / "run"), "--rate", "200", "--yes", *LIVE)
    assert ended.code == 4
    assert "(--max-rate)" in ended.err


def test_this_machine_is_nobody_elses(command: Callable[..., Ended], tmp_path: Path) -> None:
    """Nobody is asked, and nothing is held back."""
    ended = command("replay", str(tmp_path / "run"), "--pairs", "10", "--in-flight", "30", *LIVE)
    assert ended.code == 5
    assert "Go on?" not in ended.err
