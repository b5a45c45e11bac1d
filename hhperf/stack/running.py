"""The embedded servers as they were last started, kept on disk for other processes to find."""

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import psutil

from hhperf.stack import processes, servers

_OF_OLDER_VERSIONS = ("providers.url", ".s.PGSQL.5432")


@dataclass(frozen=True, slots=True)
class Running:
    """Where the servers are; some of them may have ended since.

    Attributes:
        sockets: the folder of the unix sockets, whose name marks the processes.
        valkey_pid: Valkey's process id, None if it was not asked for.
        providers_pid: the providers', None if they were not asked for.
    """

    sockets: Path
    valkey_pid: int | None = None
    providers_pid: int | None = None

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """What another process wrote; None when there is nothing that can be read."""
        try:
            known = json.loads(path.read_text())
            return cls(Path(known["sockets"]), known["valkey_pid"], known["providers_pid"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, path: Path) -> None:
        """Keep it, at once and as a whole."""
        unfinished = path.with_suffix(".running-unfinished")
        unfinished.write_text(json.dumps(asdict(self), default=str))
        unfinished.replace(path)

    @property
    def is_private(self) -> bool:
        """Whether the folder is there, and no older version has started servers in it.

        Those let in whoever ran as PostgreSQL's user, and had the providers on a port.
        """
        older = any((self.sockets / name).exists() for name in _OF_OLDER_VERSIONS)
        return self.sockets.exists() and not older

    @property
    def valkey(self) -> psutil.Process | None:
        """Valkey's process while it lives."""
        return processes.find(self.valkey_pid, str(self.sockets))

    @property
    def providers(self) -> psutil.Process | None:
        """The providers' process while it lives."""
        return processes.find(self.providers_pid, str(self.sockets))

    @property
    def url(self) -> str:
        """The providers' base address; empty when they have not started."""
        return servers.providers_url(self.sockets)

    def stop(self) -> None:
        """End what still lives, and remove the folder of sockets."""
        for process in (self.providers, self.valkey):
            if process is not None:
                processes.stop(process)
        shutil.rmtree(self.sockets, ignore_errors=True)
