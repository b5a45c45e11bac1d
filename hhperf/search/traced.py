"""Answers over HTTP that are told of as spans, under the caller's trace."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import perf_counter_ns
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from hhperf.search.engine import SearchEngine

if TYPE_CHECKING:
    from hhperf.telemetry.sdk_spans import Telemetry

COMPUTED = ("fusion", "ranking")
"""Stages that ask nobody else."""


@dataclass(frozen=True, slots=True)
class Traced:
    """Answers searches, and tells of each once it is answered.

    Attributes:
        answer: what answers them.
        telemetry: what is told.
    """

    answer: Callable[[SearchEngine, Request], Awaitable[Response]]
    telemetry: "Telemetry"

    async def __call__(self, engine: SearchEngine, request: Request) -> Response:
        """Answer a search.

        Raises:
            SearchError: there is no answer.
        """
        start_ns = perf_counter_ns()
        try:
            response = await self.answer(engine, request)
        except Exception as error:
            self._tell(engine, request, start_ns, type(error).__name__)
            raise
        self._tell(engine, request, start_ns, None)
        return response

    def _tell(
        self, engine: SearchEngine, request: Request, start_ns: int, error: str | None
    ) -> None:
        from hhperf.telemetry.sdk_spans import Stage  # noqa: PLC0415  (an extra)

        trace = getattr(request.state, "trace", None)
        spans = () if trace is None else trace.spans
        asked = getattr(request.state, "request_id", "")
        self.telemetry.served(
            f"{request.method} {request.url.path}",
            dict(request.headers),
            start_ns,
            [
                Stage(each.stage, each.start_ns, each.end_ns, each.stage not in COMPUTED)
                for each in spans
            ],
            {"hhperf.arm": engine.arm, "hhperf.request_id": asked},
            error,
        )
