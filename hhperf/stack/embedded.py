"""The embedded servers over one data folder, shared by every process that wants them.

The folder's name is a hash of what its data was built from. It is built under another name and
then renamed, so that a build that is killed leaves nothing half made. The servers start with their
first user and stop with their last, unless they were told to stay.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg

from hhperf.errors import StackError
from hhperf.long_work import run_sync
from hhperf.search.settings import Settings
from hhperf.stack import servers
from hhperf.stack.build import build
from hhperf.stack.made_of import Corpus, build_key
from hhperf.stack.paths import cache_root, made_folder, socket_folder
from hhperf.stack.postgres import DATABASE, USER, EmbeddedPostgres
from hhperf.stack.processes import UserCount, exclusively
from hhperf.stack.running import Running

PARTS = frozenset({"postgres", "redis", "providers"})


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
        return Running.read(self._beside("running"))

    @property
    def postgres(self) -> EmbeddedPostgres:
        """The database cluster."""
        return EmbeddedPostgres.at(self.folder / "pgdata", self.root)

    def enter(self) -> Running:
        """Become a user: build what is not built, start what does not run.

        Raises:
            StackError: a server does not start, or the data cannot be built.
        """
        with self._alone():
            if "postgres" in self.parts and not self.is_built:
                self._build()
            try:
                running = self._start_missing()
            except BaseException:
                self._stop_unused()
                raise
            self._users.enter()
        return running

    def leave(self) -> None:
        """Stop being a user; the last one stops the servers."""
        with self._alone():
            self._users.leave()
            self._stop_unused()

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
            for name in ("users", "keep"):  # not the lock: another process may be waiting for it
                self._beside(name).unlink(missing_ok=True)

    def _beside(self, name: str) -> Path:
        return self.root / f"stack-{self.key}.{name}"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        made_folder(self.root)
        with exclusively(self._beside("lock")):
            yield

    def _start_missing(self) -> Running:
        """Start side by side what does not run, then wait for all of it."""
        running = self.running
        if running is None or not running.sockets.exists():
            self._stop_all()
            running = self._note(Running(socket_folder()))
        if "providers" in self.parts and running.providers is None:
            pid = servers.spawn_providers(running.sockets, self.settings.pgvector_dimensions)
            running = self._note(replace(running, providers_pid=pid))
        if "redis" in self.parts and running.valkey is None:
            running = self._note(replace(running, valkey_pid=servers.spawn_valkey(running.sockets)))
        if "postgres" in self.parts and self.postgres.server is None:
            self.postgres.start(running.sockets)
        if "redis" in self.parts:
            servers.await_valkey(running.valkey, running.sockets)
        if "providers" in self.parts:
            servers.await_providers(running.providers, running.sockets)
        return running

    def _note(self, running: Running) -> Running:
        """Written after each start, so that a server is known whatever happens next."""
        running.write(self._beside("running"))
        return running

    def _stop_unused(self) -> None:
        if not self.is_kept and not self._users.is_used():
            self._stop_all()

    def _stop_all(self) -> None:
        if self.is_built:
            self.postgres.stop()
        running = self.running
        if running is not None:
            running.stop()
        self._beside("running").unlink(missing_ok=True)

    def _build(self) -> None:
        unfinished = self.root / f"unfinished-{self.key}"
        self._discard(unfinished)
        unfinished.mkdir()
        unfinished.chmod(0o755)  # as root the server runs as another user
        try:
            self._fill(unfinished)
        except BaseException as error:
            self._discard(unfinished)
            if isinstance(error, asyncpg.PostgresError | OSError):
                raise StackError(f"the data could not be built: {error}") from error
            raise
        unfinished.rename(self.folder)

    def _fill(self, unfinished: Path) -> None:
        postgres = EmbeddedPostgres.at(unfinished / "pgdata", self.root)
        sockets = socket_folder()
        link = unfinished / "sockets"  # for whoever clears away after this process was killed
        link.symlink_to(sockets)
        try:
            postgres.create()
            postgres.start(sockets)
            candidates, seed = self.corpus.candidates, self.corpus.seed
            run_sync(build(postgres_at(sockets), self.settings, candidates=candidates, seed=seed))
            postgres.stop()
            link.unlink()
        finally:
            shutil.rmtree(sockets, ignore_errors=True)

    def _discard(self, unfinished: Path) -> None:
        """Clear away a build that was killed or has failed, its server too."""
        if unfinished.exists():
            EmbeddedPostgres.at(unfinished / "pgdata", self.root).abandon()
            sockets = unfinished / "sockets"
            if sockets.is_symlink():
                shutil.rmtree(sockets.readlink(), ignore_errors=True)
            shutil.rmtree(unfinished)


def postgres_at(sockets: Path | str) -> dict[str, Any]:
    """The arguments of asyncpg for the embedded server."""
    return {"host": str(sockets), "user": USER, "database": DATABASE}
