"""Who gets into the embedded servers."""

import os
import pwd
import shutil
import subprocess
import sys
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Seen:
    """What there was to see while all servers ran.

    Attributes:
        by_stranger: what another user got from each server.
        by_owner: what the user got whom PostgreSQL runs as for root.
        open_to_others: what servers wrote that others may read, in the folder of sockets.
        names: what there is in it.
        told: the servers that have the starter's secret in their environment or command line.
        servers: how many there are, the watcher included.
    """

    by_stranger: dict[str, str]
    by_owner: dict[str, str]
    open_to_others: list[str]
    names: set[str]
    told: list[psutil.Process]
    servers: int


@pytest.fixture(scope="module")
def seen(built_once: Path) -> Seen:
    """All servers were started once, by who has secrets in the environment."""
    stack = EmbeddedStack(Settings(), TINY, root=built_once)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("HHPERF_HEADER_X_API_KEY", CANARY)
        patched.setenv("SOME_ADDRESS", f"redis://:{CANARY}@cache")
        folder = stack.enter().sockets
        assert os.environ["HHPERF_HEADER_X_API_KEY"] == CANARY
    servers = [*servers_of(built_once), *watchers_of(built_once)]
    inside = list(folder.iterdir())
    found = Seen(
        tried(folder, SOME_USER) if is_root() else {},
        tried(folder, pwd.getpwnam(UNPRIVILEGED).pw_uid) if is_root() else {},
        [each.name for each in inside if each.stat().st_mode & 0o077],
        {each.name for each in inside},
        [each for each in servers if CANARY in f"{each.environ()} {each.cmdline()}"],
        len(servers),
    )
    stack.leave()
    return found


def tried(folder: Path, uid: int) -> dict[str, str]:
    """What another user gets from each server."""
    sockets = {
        "postgres": postgres_folder(folder) / ".s.PGSQL.5432",
        "valkey": folder / "valkey.sock",
        "providers": folder / "providers.sock",
    }
    said = subprocess.run(
        [sys.executable, "-m", "tests.stack.stranger", str(uid), *map(str, sockets.values())],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(zip(sockets, said.stdout.splitlines(), strict=True))


@as_root
def test_another_user_reaches_no_server(seen: Seen) -> None:
    """The kernel refuses it at the folder."""
    assert set(seen.by_stranger.values()) == {"PermissionError"}


@as_root
def test_the_user_that_postgres_runs_as_is_not_let_in_for_it(seen: Seen) -> None:
    """Its own folder is open to it; the server asks the kernel who it is."""
    assert "Peer authentication failed" in seen.by_owner["postgres"]
    assert seen.by_owner["valkey"] == seen.by_owner["providers"] == "PermissionError"


def test_what_servers_write_is_for_their_user_alone(seen: Seen) -> None:
    """Logs and sockets, and the folder of PostgreSQL's."""
    assert seen.names >= {"pg", "valkey.sock", "valkey.log", "providers.sock", "providers.log"}
    assert seen.open_to_others == []


def test_no_server_inherits_a_secret(seen: Seen) -> None:
    """Whoever runs as a server's user could read it there; nor is it on any command line."""
    assert seen.servers >= 4
    assert seen.told == []


def test_servers_of_an_older_version_that_are_in_use_are_left_alone(built: Path) -> None:
    """Whoever uses them would lose them."""
    older, claims = socket_folder(), Claims(built, EmbeddedStack(Settings(), TINY, root=built).key)
    with claims.alone():  # a watcher that is still there takes down what nobody uses
        claims.users.enter()
        (older / "providers.url").write_text("http://127.0.0.1:1")
        Running(older).write(claims.beside("running"))
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
