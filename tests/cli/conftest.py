"""The command as a shell runs it, in this process."""

import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from hhperf.cli.main import TRACEBACK, main


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


@pytest.fixture
def command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., Ended]]:
    """Runs `hhperf` with arguments; signals mean afterwards what they meant before."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    monkeypatch.delenv(TRACEBACK, raising=False)

    def run(*arguments: str) -> Ended:
        monkeypatch.setattr("sys.argv", ["hhperf", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Ended(ended.value.code, said.out, " ".join(said.err.split()))

    yield run
    for number, handler in before.items():
        signal.signal(number, handler)
