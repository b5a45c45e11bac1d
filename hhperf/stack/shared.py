"""What runs of a stack, whoever started it: the servers over its data, and unfinished builds."""

import shutil

from hhperf.stack import processes
from hhperf.stack.claims import Claims
from hhperf.stack.postgres import EmbeddedPostgres
from hhperf.stack.running import Running


class SharedServers:
    """The servers of one stack, started and stopped under its claims' lock.

    Args:
        claims: on the stack.
    """

    def __init__(self, claims: Claims) -> None:
        self.claims = claims
        self.unfinished = claims.root / f"unfinished-{claims.key}"

    @property
    def is_built(self) -> bool:
        """Whether the data is there."""
        return self.claims.folder.exists()

    @property
    def postgres(self) -> EmbeddedPostgres:
        """The database cluster."""
        return EmbeddedPostgres.at(self.claims.folder / "pgdata", self.claims.root)

    @property
    def running(self) -> Running | None:
        """The servers as last started; some of them may have ended since."""
        return Running.read(self.claims.beside("running"))

    def note(self, running: Running) -> Running:
        """Written after each start, so that a server is known whatever happens next."""
        running.write(self.claims.beside("running"))
        return running

    def stop(self) -> None:
        """Stop what runs, in order."""
        if self.is_built:
            self.postgres.stop()
        running = self.running
        if running is not None:
            running.stop()
        self.claims.beside("running").unlink(missing_ok=True)

    def stop_unwanted(self) -> None:
        """Stop what runs unless it is used or kept."""
        if not self.claims.is_wanted():
            self.stop()

    def discard_unfinished(self) -> None:
        """Clear away a build that was killed or has failed, its server too."""
        unfinished = self.unfinished
        if unfinished.exists():
            EmbeddedPostgres.at(unfinished / "pgdata", self.claims.root).abandon()
            sockets = unfinished / "sockets"
            if sockets.is_symlink():
                shutil.rmtree(sockets.readlink(), ignore_errors=True)
            shutil.rmtree(unfinished)

    def clear_away(self) -> None:
        """Stop and discard all that a killed process may have left, half started or half built."""
        running = self.running
        marks = [str(self.postgres.data), *([str(running.sockets)] if running else [])]
        self.stop()
        self._end_what_names(marks)
        self.discard_unfinished()

    @staticmethod
    def _end_what_names(marks: list[str]) -> None:
        """Servers that were just being started have told nobody their number."""
        for mark in marks:
            for process in processes.find_all(mark):
                processes.stop(process)
