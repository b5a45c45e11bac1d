"""Each exit code means one thing, whatever the verb."""

import asyncio
import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

import pytest
import typer

from hhperf.cli.exits import ExitCode, code_of
from hhperf.cli.main import app
from hhperf.errors import HhperfError, PlanError, PurgeError, RunError, StackError, TargetError
from hhperf.experiment.prepared import Prepared
from hhperf.harness.target import Reply, Request
from hhperf.runs.journal import writing
from hhperf.runs.metadata import Conditions
from hhperf.runs.run import load_run
from hhperf.workload.shipped import data_dir
from tests.cli.conftest import Ended
from tests.harness.conftest import ANSWER, arms

Command = Callable[..., Ended]
RUN = str(data_dir() / "runs/plan-rerank-off")
VERBS = sorted(
    name if not hasattr(each, "commands") else f"{name} {below}"
    for name, each in typer.main.get_command(app).commands.items()  # type: ignore[attr-defined]
    for below in getattr(each, "commands", [""])
)


@pytest.mark.parametrize("verb", VERBS)
def test_an_option_that_there_is_not_is_bad_input(command: Command, verb: str) -> None:
    """One line with what to do, and no code that is a verdict."""
    ended = command(*verb.split(), "--no-such-option")
    assert ended.code == ExitCode.BAD_INPUT
    assert ended.err.startswith("error: ")
    assert "--no-such-option" in ended.err
    assert f"hhperf {verb} --help" in ended.err


@pytest.mark.parametrize("verb", VERBS)
def test_a_crash_is_a_failure_in_one_line(
    command: Command, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of any verb; where it came up is shown to who asks."""
    found = typer.main.get_command(app)
    for name in verb.split():
        found = found.commands[name]  # type: ignore[attr-defined]

    def crash(*_: object, **__: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(type(found), "parse_args", crash)
    quiet = command(*verb.split())
    assert quiet.code == ExitCode.FAILURE
    assert "ZeroDivisionError: division by zero (unexpected" in quiet.err
    assert "Traceback" not in quiet.err
    assert "in crash" in command("--traceback", *verb.split()).err


def test_advice_to_show_where_is_followed_once(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whoever has the traceback before them is told to send it; others, how to come by it."""

    def crash(*_: object, **__: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("hhperf.verdict.latency_file.load_latencies", crash)
    latencies = tmp_path / "latencies.csv"
    latencies.write_text("control,treatment\n1,1\n")
    assert "`hhperf --traceback gate …` prints" in command("-v", "gate", str(latencies)).err
    shown = command("--traceback", "gate", str(latencies)).err
    assert shown.startswith("Traceback")
    assert "report it with what stands above." in shown
    assert "--traceback" not in shown


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["gate"], "Missing argument"),
        (["gate", "no.csv"], "no.csv: there is no such file"),
        (["gate", RUN, "--seed", "-1"], "--seed"),
        (["gate", RUN, "--latency", "nan"], "--latency"),
        (["compare", RUN, "--threshold", "a lot"], "--threshold"),
        (["no-such-verb"], "no-such-verb"),
        ([], "Usage: hhperf"),
        (["log"], "Usage: hhperf log"),
    ],
    ids=lambda given: (
        (" ".join(given) or "nothing").replace(RUN, "RUN") if isinstance(given, list) else ""
    ),
)
def test_what_cannot_be_understood_is_bad_input(
    command: Command, arguments: list[str], said: str
) -> None:
    """Of a run that would have a verdict; also where no verb is named: then its help is shown."""
    ended = command(*arguments)
    assert ended.code == ExitCode.BAD_INPUT
    assert said in ended.out + ended.err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (PlanError("x"), ExitCode.BAD_INPUT),
        (RunError("x"), ExitCode.BAD_INPUT),
        (StackError("x"), ExitCode.FAILURE),
        (TargetError("x"), ExitCode.FAILURE),
        (PurgeError("x", "y"), ExitCode.FAILURE),
    ],
)
def test_whose_fault_an_error_is(error: HhperfError, code: ExitCode) -> None:
    """The input's, or that of a part."""
    assert code_of(error) == code


@pytest.mark.parametrize(
    ("number", "code"),
    [(errno.ENOSPC, ExitCode.FAILURE), (errno.EACCES, ExitCode.BAD_INPUT)],
)
def test_a_full_disk_is_no_bad_input(number: int, code: ExitCode, tmp_path: Path) -> None:
    """A path that may not be written to is."""

    def fail() -> None:
        with writing(tmp_path):
            raise OSError(number, os.strerror(number))

    with pytest.raises(RunError) as caught:
        fail()
    assert code_of(caught.value) == code


def test_who_reads_no_further_gets_no_verdict() -> None:
    """`hhperf … | head` ends by a code of its own."""
    ours, theirs = os.pipe()
    os.close(ours)
    done = subprocess.run(
        [sys.executable, "-m", "hhperf", "--version"], stdout=theirs, stderr=subprocess.PIPE,
        check=False, text=True,
    )  # fmt: skip
    os.close(theirs)
    assert (done.returncode, done.stderr) == (128 + signal.SIGPIPE, "")


async def answer_soon(request: Request) -> Reply:
    """Takes about five milliseconds, and a while to give up."""
    try:
        await asyncio.sleep(0.005)
    except asyncio.CancelledError:
        await asyncio.sleep(0.3)
        raise
    return ANSWER


@contextmanager
def plain_functions(*_: object, **__: object) -> Iterator[Prepared]:
    """Arms with nothing to start."""
    sending = dict.fromkeys(("control", "treatment", "control_again"), answer_soon)
    yield Prepared(lambda: arms(**sending), Conditions())  # type: ignore[arg-type,return-value]


@contextmanager
def sent_once_measuring(out: Path, *numbers: signal.Signals) -> Iterator[None]:
    """This process gets signals as soon as the run has a pair on disk, and none that is late."""
    over = Event()

    def send() -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with suppress(RunError):
                if load_run(out).pair_count:
                    break
            time.sleep(0.05)
        for number in numbers:
            if over.is_set():
                break
            os.kill(os.getpid(), number)
            over.wait(0.05)

    thread = Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@pytest.fixture
def replay(command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    """Replays the shipped log until signals end it."""
    monkeypatch.setattr("hhperf.cli.measure.contenders", plain_functions)

    def run(*numbers: signal.Signals) -> Ended:
        out = tmp_path / "run"
        with sent_once_measuring(out, *numbers):
            return command("replay", str(out), "--warm-up", "0", "--extra-time", "0")

    return run


@pytest.mark.parametrize(
    ("numbers", "code", "reason"),
    [
        ([signal.SIGINT], 130, "Ctrl-C"),
        ([signal.SIGTERM], 143, "SIGTERM"),
        ([signal.SIGHUP], 129, "SIGHUP"),
        ([signal.SIGTERM, signal.SIGTERM], 143, None),
        ([signal.SIGINT, signal.SIGINT], 130, None),
    ],
    ids=["Ctrl-C", "SIGTERM", "SIGHUP", "SIGTERM twice", "Ctrl-C twice"],
)
def test_a_signal_ends_a_run_in_order(
    replay: Command,
    numbers: list[signal.Signals],
    code: int,
    reason: str | None,
    tmp_path: Path,
) -> None:
    """What was measured is kept and says why it ended; the code tells by which signal."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whoever runs the tests may ignore it
    ended = replay(*numbers)
    run = load_run(tmp_path / "run")
    assert (ended.code, "error" in ended.err) == (code, False)
    assert f"interrupted by {reason or ''}" in ended.err
    assert (run.status, run.metadata.reason) == ("interrupted", reason or run.metadata.reason)
    assert (tmp_path / "run" / "observations.parquet").exists()


def test_what_is_ignored_from_the_beginning_stays_ignored(replay: Command) -> None:
    """As `nohup` has it of the terminal's end."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    assert replay(signal.SIGHUP, signal.SIGTERM).code == 143


def test_a_part_that_is_gone_is_a_failure(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What was measured before is kept."""

    async def refuse(request: Request) -> Reply:
        raise ConnectionRefusedError

    monkeypatch.setattr("tests.cli.test_exits.answer_soon", refuse)
    monkeypatch.setattr("hhperf.cli.measure.contenders", plain_functions)
    ended = command("replay", str(tmp_path / "run"), "--warm-up", "0", "--patience", "1")
    assert ended.code == ExitCode.FAILURE
    assert "stopped (none of the last 60 requests was answered" in ended.err
