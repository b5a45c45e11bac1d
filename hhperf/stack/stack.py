"""The real components, embedded or external, behind one interface."""

import atexit
from types import TracebackType
from typing import Self

from hhperf.interrupts import breaking_off
from hhperf.long_work import run_sync
from hhperf.search.connect import Endpoints
from hhperf.search.settings import Settings
from hhperf.shown import Displayed
from hhperf.stack.embedded import EmbeddedStack
from hhperf.stack.made_of import Corpus
from hhperf.stack.probe import Part, embedded_parts, endpoints, probe_all
from hhperf.stack.running import Running


class Stack(Displayed):
    """The parts a search runs on.

    A part whose setting names a server is that server; every other is embedded. Use as a context
    manager, or `start` and `stop`; what was started stops at the latest when Python ends.

    Args:
        settings: which parts are external; production's environment names when None.
        corpus: who is in an embedded database; the default one when None.

    Example:
        >>> with hhperf.Stack(corpus=hhperf.Corpus(candidates=2_000)) as stack:  # doctest: +SKIP
        ...     targets = hhperf.prepare_arms(stack)
    """

    def __init__(self, settings: Settings | None = None, corpus: Corpus | None = None) -> None:
        self.settings = settings or Settings.from_environment()
        parts = embedded_parts(self.settings)
        self.embedded = EmbeddedStack(self.settings, corpus, parts=parts) if parts else None
        self._running: Running | None = None
        self._is_started = False

    def __repr__(self) -> str:
        state = "started" if self.is_started else "not started"
        embedded = ", ".join(sorted(embedded_parts(self.settings))) or "nothing"
        return f"Stack({state}, {embedded} embedded)"

    @property
    def is_started(self) -> bool:
        """Whether it was started and not stopped since."""
        return self._is_started

    def start(self) -> Self:
        """Start what is embedded, building its data first if need be.

        Raises:
            StackError: a server does not start, or the data cannot be built.
            KeyboardInterrupt: it was interrupted; what had started is taken down.
        """
        if self.embedded is not None and not self._is_started:
            with breaking_off("the stack was being started, and is taken down"):
                self._running = self.embedded.enter()
            atexit.register(self.stop)
        self._is_started = True
        return self

    def stop(self) -> None:
        """Leave the embedded servers; they stop with their last user."""
        if self.embedded is not None and self._is_started:
            self._is_started = False
            atexit.unregister(self.stop)
            self._running = None
            self.embedded.leave()

    @property
    def endpoints(self) -> Endpoints:
        """Where the parts are; the embedded ones once they run."""
        running = self._running or (self.embedded.running if self.embedded else None)
        return endpoints(self.settings, running)

    def parts(self) -> tuple[Part, ...]:
        """Ask every part who it is."""
        return run_sync(probe_all(self.settings, self.endpoints))

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()
