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
