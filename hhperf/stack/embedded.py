"""The embedded servers over one data folder, shared by every process that wants them.

The folder's name is a hash of what its data was built from. It is built under another name and
then renamed, so that a build that is killed leaves nothing half made. The servers start with their
first user and stop with their last, unless they were told to stay; a watcher sees to that where the
last user is killed.
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
from hhperf.stack.admission import postgres_folder, start_guarded
from hhperf.stack.build import build
from hhperf.stack.claims import Claims
from hhperf.stack.made_of import Corpus, build_key
from hhperf.stack.paths import ELSEWHERE, cache_root, made_folder, socket_folder
from hhperf.stack.postgres import DATABASE, USER, EmbeddedPostgres
from hhperf.stack.processes import no_secret_inherited
from hhperf.stack.running import Running
from hhperf.stack.shared import SharedServers
from hhperf.stack.watcher import spawn_watcher

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
        self._claims = Claims(self.root, self.key)
        self._shared = SharedServers(self._claims)
        self.folder = self._claims.folder

    @property
    def is_built(self) -> bool:
        """Whether the data is there."""
        return self._shared.is_built

    @property
    def running(self) -> Running | None:
        """The servers as last started; some of them may have ended since."""
        return self._shared.running

    @property
    def postgres(self) -> EmbeddedPostgres:
        """The database cluster."""
        return self._shared.postgres

    def enter(self) -> Running:
        """Become a user: build what is not built, start what does not run.

        Raises:
            StackError: a server does not start, the data cannot be built, or an older version uses
                the stack.
        """
        with self._alone():
            was_user = self._claims.users.is_entered
            if not was_user:
                self._check_no_older_version()
            # First, so that whatever is started from here on is taken down if this is killed.
            self._claims.users.enter()
            spawn_watcher(self._claims)
            try:
                if "postgres" in self.parts and not self.is_built:
                    self._build()
                return self._start_missing()
            except BaseException:
                if not was_user:
                    self._claims.users.leave()
                self._shared.stop_unwanted()
                raise

    def leave(self) -> None:
        """Stop being a user; the last one stops the servers."""
        with self._alone():
            self._claims.users.leave()
            self._shared.stop_unwanted()

    def keep(self, *, kept: bool) -> None:
        """Say whether the servers stay when their last user leaves."""
        self._claims.keep(kept=kept)

    def is_used(self) -> bool:
        """Whether any process uses the servers now."""
        with self._alone():  # a watcher that looks would be taken for a user
            return self._claims.is_used()

    def remove(self) -> None:
        """Stop the servers and delete the data.

        Raises:
            StackError: a process is using it.
        """
        with self._alone():
            if self._claims.is_used():
                raise StackError("the stack is in use: end the processes that use it first")
            self._shared.stop()
            shutil.rmtree(self.folder, ignore_errors=True)
            self._claims.forget()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        made_folder(self.root)
        with self._claims.alone():
            yield

    def _check_no_older_version(self) -> None:
        """Make sure that servers which are about to be started anew, guarded, are nobody's now."""
        running = self.running
        if running is None or running.is_private or not running.sockets.exists():
            return
        if self._claims.is_used():
            raise StackError(
                "an older version of hhperf is using this stack, which let in more than its user:"
                f" end the processes that use it first, or {ELSEWHERE}"
            )

    def _start_missing(self) -> Running:
        """Start side by side what does not run, then wait for all of it."""
        shared, running = self._shared, self.running
        if running is None or not running.is_private:
            shared.stop()
            running = shared.note(Running(socket_folder()))
        if "providers" in self.parts and running.providers is None:
            pid = servers.spawn_providers(running.sockets, self.settings.pgvector_dimensions)
            running = shared.note(replace(running, providers_pid=pid))
        if "redis" in self.parts and running.valkey is None:
            pid = servers.spawn_valkey(running.sockets)
            running = shared.note(replace(running, valkey_pid=pid))
        if "postgres" in self.parts and self.postgres.server is None:
            start_guarded(self.postgres, running.sockets)
        if "redis" in self.parts:
            servers.await_valkey(running.valkey, running.sockets)
        if "providers" in self.parts:
            servers.await_providers(running.providers, running.sockets)
        return running

    def _build(self) -> None:
        unfinished = self._shared.unfinished
        self._shared.discard_unfinished()
        unfinished.mkdir()
        unfinished.chmod(0o755)  # as root the server runs as another user
        try:
            self._fill(unfinished)
        except BaseException as error:
            self._shared.discard_unfinished()
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
            with no_secret_inherited():
                postgres.create()
            start_guarded(postgres, sockets)
            candidates, seed = self.corpus.candidates, self.corpus.seed
            run_sync(build(postgres_at(sockets), self.settings, candidates=candidates, seed=seed))
            postgres.stop()
            link.unlink()
        finally:
            shutil.rmtree(sockets, ignore_errors=True)


def postgres_at(sockets: Path) -> dict[str, Any]:
    """The arguments of asyncpg for the embedded server."""
    return {"host": str(postgres_folder(sockets)), "user": USER, "database": DATABASE}
