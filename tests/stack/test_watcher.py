"""Whatever ends the last user, the servers end with it."""

from pathlib import Path

import pytest

from hhperf.search.settings import Settings
from hhperf.stack.embedded import EmbeddedStack
from tests.stack.conftest import TINY, awaited, said, servers_of, user, watchers_of


def nothing_runs(root: Path) -> bool:
    """No server, no watcher, and no folder of sockets of theirs."""
    return not servers_of(root) and not watchers_of(root) and not list(root.glob("*.running"))


def test_a_killed_user_takes_its_servers_along(built: Path) -> None:
    """And the watcher ends with them."""
    with user(built) as killed:
        assert said(killed) == "uses"
        sockets = EmbeddedStack(Settings(), TINY, root=built).running
        assert len(servers_of(built)) > 2
        assert len(watchers_of(built)) == 1
    awaited(lambda: nothing_runs(built))
    assert sockets is not None
    assert not sockets.sockets.exists()


def test_a_killed_user_takes_nothing_from_another(built: Path) -> None:
    """The servers stay the other's until it leaves."""
    stack = EmbeddedStack(Settings(), TINY, root=built)
    with user(built) as killed:
        assert said(killed) == "uses"
        stack.enter()
        before = {each.pid for each in servers_of(built)}
    killed.wait()
    assert {each.pid for each in servers_of(built)} >= before - {killed.pid}
    assert stack.is_used()
    assert len(watchers_of(built)) == 1
    stack.leave()
    assert servers_of(built) == []


def test_kept_servers_are_watched_again_while_they_are_used(built: Path) -> None:
    """Nobody watches them else; a user may be killed after they were given up."""
    stack = EmbeddedStack(Settings(), TINY, root=built)
    stack.enter()
    stack.keep(kept=True)
    stack.leave()
    awaited(lambda: not watchers_of(built))
    assert servers_of(built) != []
    with user(built) as killed:
        assert said(killed) == "uses"
        stack.keep(kept=False)
    awaited(lambda: nothing_runs(built))


@pytest.mark.parametrize("moment", ["pgdata", "pgdata/postmaster.pid"])
def test_a_killed_build_leaves_nothing(root: Path, moment: str) -> None:
    """Killed while the cluster is made, and while its server runs: all of it is cleared away."""
    stack = EmbeddedStack(Settings(), TINY, root=root)
    unfinished = root / f"unfinished-{stack.key}"
    with user(root) as killed:
        awaited((unfinished / moment).exists)
        sockets = (unfinished / "sockets").readlink()
        killed.kill()
        killed.wait()
    awaited(lambda: nothing_runs(root) and not unfinished.exists())
    assert not sockets.exists()
    assert not stack.is_built


def test_a_user_killed_while_servers_start_leaves_none(built: Path) -> None:
    """Also those that have told nobody their number yet."""
    stack = EmbeddedStack(Settings(), TINY, root=built)
    with user(built) as killed:
        awaited(
            lambda: (now := stack.running) is not None and (now.sockets / "valkey.log").exists()
        )
        killed.kill()
        killed.wait()
    awaited(lambda: nothing_runs(built))
