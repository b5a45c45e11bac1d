"""No secret in anything that is written: each verb under hostile settings, failing on purpose."""

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from hhperf.cli.exits import ExitCode
from hhperf.cli.screen import command_line
from hhperf.stack.stack import Stack
from tests.cli.conftest import Ended

Command = Callable[..., Ended]

CANARY = "c4nary"
NOWHERE = "127.0.0.1:1"

IN_ADDRESSES = {
    "host": {"PGVECTOR_HOST": f"postgresql://u:{CANARY}@h"},
    "port": {"PGVECTOR_PORT": f"tcp://u:{CANARY}@h"},
    "schema": {"PGVECTOR_SCHEMA": f"postgresql://u:{CANARY}/x@h/d"},
    "cache": {"REDIS_HOST": f"redis://:{CANARY}@h"},
    "service": {"EMBED_SERVICE_URL": f"http://u:{CANARY}/x@{NOWHERE}"},
    "broken": {"RERANK_SERVICE_URL": f"http://u:{CANARY}@[h"},
}
"""Where they do not belong, so that the setting is refused."""

UNREACHABLE = {
    "PGVECTOR_HOST": "127.0.0.1", "PGVECTOR_PORT": "1",
    "PGVECTOR_USER": f"postgresql://u:{CANARY}-1@h", "PGVECTOR_PASSWORD": f"{CANARY}-2",
    "PGVECTOR_DATABASE": f"postgresql://u:{CANARY}-3@h/d",
    "REDIS_HOST": "127.0.0.1", "REDIS_PORT": "1", "REDIS_PASSWORD": f"{CANARY}-4",
    "EMBED_SERVICE_URL": f"http://u:{CANARY}-5@{NOWHERE}/?key={CANARY}-6",
    "RERANK_SERVICE_URL": f"http://{CANARY}-7@{NOWHERE}/?{CANARY}-8",
}  # fmt: skip
"""Settings that can be used, of parts that nobody reaches."""


class Echo(BaseHTTPRequestHandler):
    """Refuses, and repeats what it was sent."""

    def do_POST(self) -> None:
        """Answer a search."""
        body = f"{self.path} {self.headers}".encode()
        self.send_response(401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its name there
        """Nothing."""


@pytest.fixture
def echo() -> Iterator[str]:
    """Where it listens."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def few(tmp_path: Path) -> list[str]:
    """Options of a replay that is over at once."""
    log = tmp_path / "log.jsonl"
    lines = [
        {"request_id": f"q-{i}", "offset_s": i, "tenant": "t", "body": {"query": f"java {i}"}}
        for i in range(2)
    ]
    log.write_text("".join(json.dumps(each) + "\n" for each in lines))
    return ["--log", str(log), "--warm-up", "0"]


def leaks(ended: Ended, folder: Path) -> list[str]:
    """Where the canary is: among what was said, and the files written."""
    files = {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    said = {"out": ended.out.encode(), "err": ended.err.encode()}
    return [name for name, data in (said | files).items() if CANARY.encode() in data]


@pytest.mark.parametrize("variables", IN_ADDRESSES.values(), ids=IN_ADDRESSES)
def test_a_setting_that_is_refused(
    variables: dict[str, str], monkeypatch: pytest.MonkeyPatch, command: Command, tmp_path: Path
) -> None:
    """It is named, its address is not repeated."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    ended = command("--traceback", "replay", str(tmp_path / "run"), "--pairs", "4")
    assert ended.code == ExitCode.BAD_INPUT
    assert "Traceback" in ended.err
    assert all(name in ended.err for name in variables)
    assert leaks(ended, tmp_path) == []


@pytest.mark.parametrize(
    "arguments",
    [["doctor"], ["stack", "status"], ["replay", "run", "--pairs", "4"], ["serve", "--port", "0"]],
    ids=lambda arguments: arguments[0],
)
def test_parts_that_nobody_reaches(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, command: Command, tmp_path: Path
) -> None:
    """What is said of them has their places and names, and no more."""
    for name, value in UNREACHABLE.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    ended = command("--traceback", "-v", *arguments)
    assert "127.0.0.1" in ended.out + ended.err
    assert leaks(ended, tmp_path) == []


@pytest.mark.parametrize("arguments", [["doctor"], ["stack", "status"], ["serve", "--port", "0"]])
def test_a_database_that_repeats_what_it_was_asked_for(
    arguments: list[str],
    stack: Stack,
    monkeypatch: pytest.MonkeyPatch,
    command: Command,
    tmp_path: Path,
) -> None:
    """A real one: there is no database of that name."""
    monkeypatch.setenv("PGVECTOR_HOST", stack.endpoints.postgres["host"])
    monkeypatch.setenv("PGVECTOR_DATABASE", f"postgresql://u:{CANARY}@h/d")
    ended = command("--traceback", *arguments)
    assert "does not exist" in " ".join(ended.out.split()) + ended.err
    assert leaks(ended, tmp_path) == []


def test_deployments_that_repeat_what_they_were_sent(
    echo: str, few: list[str], monkeypatch: pytest.MonkeyPatch, command: Command, tmp_path: Path
) -> None:
    """Their answers are errors in the run, and of those the first is told."""
    monkeypatch.setenv("HHPERF_HEADER_X_API_KEY", f"{CANARY}-key")
    monkeypatch.setenv("HHPERF_TREATMENT_HEADER_AUTHORIZATION", f"Bearer {CANARY}.bearer")
    url = f"http://u:{CANARY}%2Fpw@{echo}/find?token={CANARY}-token"
    targets = ["--target", f"control={url}", "--target", f"treatment={url}"]
    run = tmp_path / "run"
    ended = command("--traceback", "replay", str(run), *few, *targets)
    assert echo in (run / "run.json").read_text()
    assert (run / "observations.parquet").exists()
    assert leaks(ended, tmp_path) == []


def test_a_command_that_repeats_its_environment(
    echo: str, few: list[str], monkeypatch: pytest.MonkeyPatch, command: Command, tmp_path: Path
) -> None:
    """What it says is shown without its secrets; no command line of what was started has them."""
    monkeypatch.setenv("REDISCLI_AUTH", f"{CANARY}-auth")
    monkeypatch.setenv("CACHE", f"redis://:{CANARY}-url@cache")
    before = (
        f"FLUSH_KEY={CANARY}-word; env; cat /proc/$$/cmdline | tr '\\0' ' ' > {tmp_path}/started;"
        " echo no server; exit 3"
    )
    targets = ["--target", f"control=http://{echo}", "--target", f"treatment=http://{echo}"]
    run = str(tmp_path / "run")
    ended = command("--traceback", "replay", run, "--before-each", before, *few, *targets)
    assert ended.code == ExitCode.FAILURE
    assert "no server" in ended.err
    started = tmp_path / "started"
    assert f"{CANARY}-auth" not in started.read_text()
    started.unlink()  # what the caller wrote into the command itself is in it
    assert leaks(ended, tmp_path) == []


def test_a_report_has_the_command_without_its_secrets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As far as it can be typed again."""
    monkeypatch.setattr("sys.argv", ["hhperf", "report", f"http://u:{CANARY}@h?token={CANARY}"])
    assert command_line() == "hhperf report 'http://h?token=***'"
