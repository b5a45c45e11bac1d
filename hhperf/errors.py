"""The one error tree of hhperf.

Every error says what is wrong, where (the variable, the file and line, the stage), and what to do::

    HhperfError
    ├── SettingsError         an environment variable has a value that cannot be used
    │   └── ScheduleError         there is no such arm, or its stages cannot be run like this
    ├── ProfileError          a latency profile is not readable
    ├── StackError            PostgreSQL, Redis or a provider cannot be started or reached
    ├── SearchError           a search could not be answered; carries its HTTP status
    │   ├── RequestError          400: a field of the request is missing or out of bounds
    │   ├── EmbeddingError        400: the query has no embedding
    │   └── RetrievalError        503: neither vector nor text search answered
    ├── TargetError           a deployment cannot be reached, or answered with an error
    ├── PurgeError            a command that empties caches between requests failed
    ├── InputFileError        a file cannot be read; names file, line and field
    │   ├── QueryLogError         a query log
    │   ├── LatencyFileError      a file of latencies
    │   ├── StageTableError       a table of a service's names for its stages
    │   └── TraceFileError        a file of traces, or what was declared of their steps
    ├── PlanError             a replay cannot be planned or begun like this
    ├── RunError              a recorded run cannot be read or written
    ├── TraceError            imported traces cannot be read, or do not say what is asked of them
    ├── RedactionError        what is to stay readable is nothing that a log or a run has
    ├── ForecastError         a run does not say enough for what is to be predicted from it
    ├── FigureError           a figure cannot be drawn or written
    ├── InterruptionError     work was stopped by a person or a signal before it had a result
    └── SampleError           latencies that no statistic can be computed from
"""

from collections.abc import Iterable
from difflib import get_close_matches
from http import HTTPStatus


class HhperfError(Exception):
    """Base of every error that hhperf raises on purpose.

    Example:
        >>> try:
        ...     hhperf.load_run("nowhere")
        ... except hhperf.HhperfError as error:
        ...     print(error)
        nowhere: is not a run (no run.json); name the folder that the replay wrote
    """


class SettingsError(HhperfError):
    """An environment variable has a value that cannot be used."""


class ScheduleError(SettingsError):
    """There is no such arm, or a schedule's stages cannot be run in its order."""


class ProfileError(HhperfError):
    """A latency profile is unknown, unreadable or out of bounds."""


class StackError(HhperfError):
    """A part of the stack cannot be built, started or reached."""


class SearchError(HhperfError):
    """A search could not be answered."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    stage: str | None = None


class RequestError(SearchError):
    """The request is missing a field or has one out of bounds.

    Attributes:
        field: the field's name on the wire, or the header's.
    """

    status = HTTPStatus.BAD_REQUEST

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class EmbeddingError(SearchError):
    """The embedding could not be had, so there is nothing to search with."""

    status = HTTPStatus.BAD_REQUEST
    stage = "embedding"


class RetrievalError(SearchError):
    """Neither the vector search nor the text search answered."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    stage = "retrieval"


class TargetError(HhperfError):
    """A deployment cannot be reached, refuses a request, or answers what cannot be read."""


class PurgeError(HhperfError):
    """A command that empties caches between requests failed.

    Attributes:
        recorded: the message without what the command said, in which there may be a secret.
    """

    def __init__(self, message: str, said: str) -> None:
        super().__init__(f"{message}: {said}")
        self.recorded = message


class InputFileError(HhperfError):
    """A file from outside, or one line of it, cannot be read."""

    def __init__(
        self, message: str, *, path: str, line: int | None = None, field: str | None = None
    ) -> None:
        where = path if line is None else f"{path}:{line}"
        super().__init__(f"{where}: field '{field}': {message}" if field else f"{where}: {message}")
        self.path = path
        self.line = line
        self.field = field


class QueryLogError(InputFileError):
    """A query log, or one line of it, cannot be read."""


class LatencyFileError(InputFileError):
    """A file of latencies, or one line of it, cannot be read."""


class StageTableError(InputFileError):
    """A table of what a service calls its stages cannot be read."""


class TraceFileError(InputFileError):
    """A file of traces cannot be read, or what was declared of their steps."""


class PlanError(HhperfError, ValueError):
    """A replay cannot be planned or begun like this: a number, or two that do not go together."""


class RunError(HhperfError):
    """A recorded run cannot be read or written."""


class TraceError(HhperfError):
    """Imported traces cannot be read, or do not say what is asked of them."""


class RedactionError(HhperfError, ValueError):
    """What is to stay readable is nothing that a log or a run has."""


class ForecastError(HhperfError, ValueError):
    """What is to be predicted is no change, or a run does not say enough for it."""


class FigureError(HhperfError):
    """A figure cannot be drawn or written, such as under a suffix that is none of a picture."""


class SampleError(HhperfError, ValueError):
    """Latencies from which no statistic can be computed, such as NaN or negative ones."""


class InterruptionError(HhperfError):
    """Work was stopped, by a person or a signal, before it had a result: nobody's fault."""

    def _render_traceback_(self: BaseException) -> list[str]:
        """For a notebook, where only what became of it matters to whoever stopped it."""
        return [str(self)]


def unknown(word: object, known: Iterable[str]) -> str:
    """What there is instead of a word that is not known: the one most like it, then all."""
    names = list(map(str, known))
    near = get_close_matches(str(word), names, 1)
    return f"{f'did you mean {near[0]}? ' if near else ''}There are {', '.join(names)}"
