"""One stack, many processes: who builds, who starts, who stops."""

import sys
import tempfile
from pathlib import Path

import asyncpg
import psutil
import pytest

from hhperf.errors import StackError
from hhperf.long_work import run_sync
from hhperf.search.settings import Settings
from hhperf.stack.embedded import EmbeddedStack, postgres_at
from hhperf.stack.paths import is_root
from hhperf.stack.running import Running
from tests.stack.conftest import TINY, ended, open_folder, said, servers_of, user


def candidates_in(running: Running) -> int:
    """How many people the database holds."""

    async def count() -> int:
        connection = await asyncpg.connect(**postgres_at(running.sockets))
        try:
            return int(await connection.fetchval("SELECT count(*) FROM search.candidate_profiles"))
        finally:
            await connection.close()

    return run_sync(count())


def test_two_that_start_at_once_build_once(root: Path) -> None:
    """The second waits for the first, and uses what that one built."""
    with user(root) as one, user(root) as other:
        everything = said(one), said(other), ended(one), ended(other)
    words = " ".join(everything).split()
    assert sorted(words) == ["builds", "uses", "uses"]


def test_the_servers_stop_with_their_last_user(built: Path) -> None:
    """The first to leave takes nothing from the second."""
    one, other = (EmbeddedStack(Settings(), TINY, root=built) for _ in range(2))
    running = one.enter()
    other.enter()
    one.leave()
    assert candidates_in(running) == TINY.candidates
    other.leave()
    assert servers_of(built) == []
    assert not running.sockets.exists()


def test_servers_that_were_killed_are_started_again(built: Path) -> None:
    """Their files are there, they are not; the data is sound."""
    stack = EmbeddedStack(Settings(), TINY, root=built)
    stack.enter()
    killed = servers_of(built)
    for process in killed:
        process.kill()
    psutil.wait_procs(killed, timeout=10)
    assert candidates_in(stack.enter()) == TINY.candidates
    stack.leave()


def test_a_failed_build_is_an_error_and_leaves_nothing(root: Path) -> None:
    """More dimensions than an index takes: the server's words are in the message."""
    stack = EmbeddedStack(Settings(pgvector_dimensions=2_001), TINY, root=root)
    with pytest.raises(StackError, match="more than 2000 dimensions"):
        stack.enter()
    assert list(root.glob("unfinished-*")) == []
    assert not stack.is_built
    assert servers_of(root) == []


def test_a_failed_start_stops_what_it_started(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The providers end at once: the message has their log's name, and nothing stays."""
    monkeypatch.setattr(sys, "executable", "/bin/false")
    stack = EmbeddedStack(Settings(), TINY, root=built)
    with pytest.raises(StackError, match="providers did not start"):
        stack.enter()
    assert servers_of(built) == []
    assert stack.running is None


def test_kept_servers_stay(built: Path) -> None:
    """Until they are told not to."""
    stack = EmbeddedStack(Settings(), TINY, root=built)
    running = stack.enter()
    stack.keep(kept=True)
    stack.leave()
    assert candidates_in(running) == TINY.candidates
    stack.keep(kept=False)
    stack.leave()
    assert servers_of(built) == []


def test_a_stack_in_use_is_not_removed(root: Path) -> None:
    """Once it is left, its data goes."""
    stack = EmbeddedStack(Settings(), TINY, root=root)
    stack.enter()
    with pytest.raises(StackError, match="in use"):
        EmbeddedStack(Settings(), TINY, root=root).remove()
    stack.leave()
    stack.remove()
    assert sorted(path.suffix for path in root.glob("stack-*")) == [".lock"]


def test_nothing_listens_on_a_port(built: Path) -> None:
    """All listen on unix sockets, which files' permissions guard."""
    stack = EmbeddedStack(Settings(), TINY, root=built)
    stack.enter()
    heard = [
        connection.laddr
        for process in servers_of(built)
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    stack.leave()
    assert heard == []


def test_folders_with_a_space_in_their_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the data's path, and in that of the sockets."""
    with open_folder("hhperf test ") as folder:
        monkeypatch.setattr(tempfile, "tempdir", str(folder))
        stack = EmbeddedStack(Settings(), TINY, root=folder / "cache")
        assert candidates_in(stack.enter()) == TINY.candidates
        stack.leave()


def test_a_schema_that_every_database_has(root: Path) -> None:
    """`public` is there already."""
    stack = EmbeddedStack(
        Settings(pgvector_schema="public"), TINY, root=root, parts=frozenset({"postgres"})
    )
    stack.enter()
    assert stack.is_built
    stack.leave()


@pytest.mark.skipif(not is_root(), reason="PostgreSQL runs as another user for root alone")
def test_a_folder_closed_to_others_is_refused_as_root(tmp_path: Path) -> None:
    """PostgreSQL's user could not enter it."""
    stack = EmbeddedStack(Settings(), TINY, root=tmp_path / "cache")
    with pytest.raises(StackError, match="set HHPERF_CACHE_DIR"):
        stack.enter()
