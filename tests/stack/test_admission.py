"""Who gets into the embedded servers."""

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from hhperf.errors import StackError
from hhperf.search.settings import Settings
from hhperf.stack.admission import postgres_folder
from hhperf.stack.claims import Claims
from hhperf.stack.embedded import EmbeddedStack
from hhperf.stack.paths import is_root, socket_folder
from hhperf.stack.postgres import UNPRIVILEGED
from hhperf.stack.running import Running
from hhperf.stack.servers import spawn_valkey
from tests.stack.conftest import REPOSITORY, TINY, servers_of, watchers_of
from tests.stack.test_embedded import candidates_in

as_root = pytest.mark.skipif(not is_root(), reason="root alone can act as another user")
SOME_USER = 54_321
CANARY = "c4nary-of-the-environment"


@pytest.fixture
def stack(built: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedStack]:
    """Everything runs, started by who has a secret in the environment."""
    monkeypatch.setenv("HHPERF_HEADER_X_API_KEY", CANARY)
    monkeypatch.setenv("SOME_ADDRESS", f"redis://:{CANARY}@cache")
    stack = EmbeddedStack(Settings(), TINY, root=built)
    stack.enter()
    yield stack
    stack.leave()


def sockets_of(stack: EmbeddedStack) -> dict[str, Path]:
    """Each server's socket."""
    assert stack.running is not None
    folder = stack.running.sockets
    return {
        "postgres": postgres_folder(folder) / ".s.PGSQL.5432",
        "valkey": folder / "valkey.sock",
        "providers": folder / "providers.sock",
    }


def tried(stack: EmbeddedStack, uid: int) -> dict[str, str]:
    """What another user gets from each server."""
    sockets = sockets_of(stack)
    said = subprocess.run(
        [sys.executable, "-m", "tests.stack.stranger", str(uid), *map(str, sockets.values())],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(zip(sockets, said.stdout.splitlines(), strict=True))


@as_root
def test_another_user_reaches_no_server(stack: EmbeddedStack) -> None:
    """The kernel refuses it at the folder."""
    assert set(tried(stack, SOME_USER).values()) == {"PermissionError"}


@as_root
def test_the_user_that_postgres_runs_as_is_not_let_in_for_it(stack: EmbeddedStack) -> None:
    """Its own folder is open to it; the server asks the kernel who it is."""
    found = tried(stack, pwd.getpwnam(UNPRIVILEGED).pw_uid)
    assert "Peer authentication failed" in found.pop("postgres")
    assert set(found.values()) == {"PermissionError"}


def test_what_servers_write_is_for_their_user_alone(stack: EmbeddedStack) -> None:
    """Logs and sockets, each by its own mode or by its folder's."""
    assert stack.running is not None
    folder = stack.running.sockets
    inside = [each for each in folder.iterdir() if not each.is_dir()]
    assert {each.name for each in inside} >= {"valkey.sock", "valkey.log", "providers.sock"}
    assert [each.name for each in inside if each.stat().st_mode & 0o077] == []
    assert postgres_folder(folder).stat().st_mode & 0o077 == 0


def test_no_server_inherits_a_secret(stack: EmbeddedStack, built: Path) -> None:
    """Whoever runs as a server's user could read it there; nor is it on any command line."""
    found = [*servers_of(built), *watchers_of(built)]
    assert len(found) >= 4
    assert [each for each in found if CANARY in f"{each.environ()} {each.cmdline()}"] == []
    assert os.environ["HHPERF_HEADER_X_API_KEY"] == CANARY


def test_servers_of_an_older_version_that_are_in_use_are_left_alone(built: Path) -> None:
    """Whoever uses them would lose them."""
    older, claims = socket_folder(), Claims(built, EmbeddedStack(Settings(), TINY, root=built).key)
    (older / "providers.url").write_text("http://127.0.0.1:1")
    Running(older).write(claims.beside("running"))
    claims.users.enter()
    try:
        with pytest.raises(StackError, match="an older version of hhperf is using this stack"):
            EmbeddedStack(Settings(), TINY, root=built).enter()
        assert older.exists()
    finally:
        claims.users.leave()
        shutil.rmtree(older)


def test_a_stack_of_an_older_version_is_guarded_from_its_next_start_on(built: Path) -> None:
    """What it was built with let everybody in; its servers, one on a port, are started anew."""
    stack = EmbeddedStack(Settings(), TINY, root=built)
    (stack.postgres.data / "pg_hba.conf").write_text("local all all trust\n")
    older = socket_folder()
    (older / "providers.url").write_text("http://127.0.0.1:1")
    left = psutil.Process(spawn_valkey(older))
    Running(older, valkey_pid=left.pid).write(built / f"stack-{stack.key}.running")
    running = stack.enter()
    try:
        assert candidates_in(running) == TINY.candidates
        assert "trust" not in (stack.postgres.data / "pg_hba.conf").read_text()
        assert running.sockets != older
        assert not left.is_running() or left.status() == psutil.STATUS_ZOMBIE
    finally:
        stack.leave()
        shutil.rmtree(older, ignore_errors=True)
