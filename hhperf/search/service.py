"""One arm as an HTTP service."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Protocol

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from hhperf.errors import SearchError, StackError
from hhperf.search import connect as health
from hhperf.search import http, openapi
from hhperf.search.arms import deployed_arm
from hhperf.search.connect import Endpoints, open_engine
from hhperf.search.engine import SearchEngine
from hhperf.search.settings import Settings
from hhperf.search.traced import Traced
from hhperf.telemetry.endpoint import connected

if TYPE_CHECKING:
    from hhperf.telemetry.sdk_spans import Telemetry

SERVICE = "hhperf-search"
WAITING_CONNECTIONS = 1_024


def listen(host: str, port: int) -> socket.socket:
    """Listen on an address; port 0 takes a free one.

    The protocol is named: asyncio turns Nagle's algorithm off only for sockets that say they are
    TCP, and with it on, each answer waits 40 ms for the client's delayed acknowledgement.

    Raises:
        OSError: the address is taken, or not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(WAITING_CONNECTIONS)
    except OSError:
        listener.close()
        raise
    return listener


PATH = "/v1/search/hybrid"
SHUTDOWN_S = 10


Answer = Callable[[SearchEngine, Request], Awaitable[Response]]
"""What answers a search over HTTP."""


class Delays(Protocol):
    """A latency profile, as far as a service needs it."""

    def delay_s(self, stage: str, request_id: str) -> float:
        """The least time of a stage for a request, in seconds."""


async def answer_search(engine: SearchEngine, request: Request) -> Response:
    """Answer as this kit does: with timings of the answer's own, from the cache if that is wanted.

    Raises:
        SearchError: there is no answer.
    """
    caller, scope = http.caller_of(request), http.scope_of(request, engine.settings)
    asked = await http.search_in(request)
    return http.found(request, await engine.search(asked, caller, scope))


def make_service(
    engine: SearchEngine, answer: Answer = answer_search, telemetry: "Telemetry | None" = None
) -> Starlette:
    """The application around an open engine, which stays its owner's to close."""
    if telemetry is not None:
        answer = Traced(answer, telemetry)

    async def search(request: Request) -> Response:
        return await answer(engine, request)

    async def report(request: Request) -> Response:
        told = await health.check(engine)
        status = 200 if told.is_able else 503
        return http.as_json(request, told.to_wire() | {"arm": engine.arm}, status=status)

    async def describe(request: Request) -> Response:
        return http.as_json(request, openapi.description(PATH))

    return Starlette(
        routes=[
            Route(PATH, search, methods=["POST"]),
            Route("/health", report),
            Route(openapi.ADDRESS, describe),
        ],
        exception_handlers={
            SearchError: _no_answer,
            HTTPException: _no_route,
            ClientDisconnect: _no_client,
            Exception: _unexpected,
        },
    )


def serve(  # noqa: PLR0913  each has a name at the call
    arm: str | None,
    settings: Settings,
    endpoints: Endpoints,
    profile: Delays,
    port: int,
    host: str = "127.0.0.1",
    *,
    answer: Answer = answer_search,
    announce: Callable[[str], object] = print,
) -> signal.Signals:
    """Serve one arm until interrupted or told to end; gives the signal that told it.

    Args:
        arm: its name; None leaves it to `ENABLE_PARALLEL_PRE_SEARCH`.
        settings: what steers the search.
        endpoints: where its parts are.
        profile: how long stages last at least.
        port: where to listen; 0 takes a free one.
        host: the address to listen on.
        answer: what answers a search.
        announce: told once, in a sentence, what listens where.

    Raises:
        SettingsError: there is no such arm.
        StackError: PostgreSQL cannot be reached, or the port is taken.
    """
    name = arm or deployed_arm(settings)
    return asyncio.run(_serve(name, settings, endpoints, profile, (host, port), answer, announce))


@asynccontextmanager
async def listening(
    service: Starlette, host: str = "127.0.0.1", port: int = 0
) -> AsyncIterator[str]:
    """Serve over HTTP while the block runs, and give the base address.

    Raises:
        StackError: the address cannot be listened on.
    """
    listener = _listener(host, port)
    config = uvicorn.Config(
        service,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_S,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    shown = f"[{host}]" if ":" in host else host
    try:
        yield f"http://{shown}:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


class _Server(uvicorn.Server):
    """Leaves signals to whoever runs it, so that everything around it is closed in order."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _serve(
    arm: str,
    settings: Settings,
    endpoints: Endpoints,
    profile: Delays,
    address: tuple[str, int],
    answer: Answer,
    announce: Callable[[str], object],
) -> signal.Signals:
    engine = await open_engine(arm, settings, endpoints, profile.delay_s)
    telemetry = connected(f"{SERVICE}-{arm}")
    try:
        async with listening(make_service(engine, answer, telemetry), *address) as url:
            announce(f"{arm} answers at {url}{PATH}; {url}/health says how it is.")
            return await _told_to_end()
    finally:
        await engine.aclose()
        if telemetry is not None:
            await asyncio.to_thread(telemetry.close)


async def _told_to_end() -> signal.Signals:
    loop = asyncio.get_running_loop()
    told: asyncio.Queue[signal.Signals] = asyncio.Queue()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            loop.add_signal_handler(number, told.put_nowait, number)
    return await told.get()


def _listener(host: str, port: int) -> socket.socket:
    try:
        return listen(host, port)
    except OSError as error:
        raise StackError(f"{host}:{port} cannot be listened on: {error.strerror}") from error


def _no_answer(request: Request, error: Exception) -> Response:
    status = error.status if isinstance(error, SearchError) else 500
    return http.failed(request, int(status), str(error), getattr(error, "field", None))


def _no_route(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    response = http.failed(request, status, getattr(error, "detail", ""))
    response.headers.update(getattr(error, "headers", None) or {})  # Allow, for a wrong method
    return response


def _no_client(_request: Request, _error: Exception) -> Response:
    return Response(status_code=400)  # nobody is there to read it


def _unexpected(request: Request, _error: Exception) -> Response:
    return http.failed(request, 500, "The search failed unexpectedly; the log says why.")
