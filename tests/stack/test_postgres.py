"""The database cluster, on its own."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from hhperf.errors import StackError
from hhperf.stack import processes, servers
from hhperf.stack.paths import socket_folder
from hhperf.stack.postgres import VERSION, EmbeddedPostgres


def test_a_server_that_does_not_start_says_why(root: Path) -> None:
    """The error ends with the server's log."""
    postgres = EmbeddedPostgres.at(root / "pgdata", root)
    postgres.create()
    with (postgres.data / "postgresql.conf").open("a") as file:
        file.write("no_such_setting = 1\n")
    sockets = socket_folder()
    with pytest.raises(StackError, match='unrecognized configuration parameter "no_such_setting"'):
        postgres.start(sockets)
    assert postgres.server is None
    shutil.rmtree(sockets)


def test_a_cluster_is_not_made_over_another(root: Path) -> None:
    """A folder that is there is left alone."""
    (root / "pgdata").mkdir()
    with pytest.raises(FileExistsError):
        EmbeddedPostgres.at(root / "pgdata", root).create()


def test_a_cluster_that_does_not_run_can_be_stopped(root: Path) -> None:
    """Nothing happens."""
    postgres = EmbeddedPostgres.at(root / "pgdata", root)
    postgres.stop()
    postgres.abandon()
    assert postgres.server is None


def test_an_interrupt_of_ones_group_does_not_reach_its_programs(root: Path) -> None:
    """Else `pg_ctl` died of the stop button while it stopped the server: it has its own session."""
    program = root / "programs" / f"pginstall{VERSION}" / "bin" / "initdb"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\ncut -d ' ' -f 6 /proc/$$/stat\nexit 1\n")
    program.chmod(0o755)
    postgres = replace(EmbeddedPostgres.at(root / "pgdata", root), programs=root / "programs")
    with pytest.raises(StackError, match=r"initdb failed: \d+") as failed:
        postgres.create()
    assert int(str(failed.value).split()[-1]) != os.getsid(0)


def test_a_valkey_that_does_not_start_says_why(root: Path) -> None:
    """The error has its log: here, a socket's path longer than one may be."""
    folder = root / ("long" * 30)
    folder.mkdir()
    started = processes.find(servers.spawn_valkey(folder), str(folder))
    with pytest.raises(StackError, match=r"(?s)valkey did not start:.*path too long"):
        servers.await_valkey(started, folder)
