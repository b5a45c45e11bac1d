"""How a search asks its two services: what they agree on, retries, a circuit breaker, JSON."""

import asyncio
import json
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from math import inf
from time import monotonic
from typing import Any, Self, TypeVar
from urllib.parse import quote, unquote

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport
from pydantic_core import from_json

from hhperf.errors import HhperfError, SettingsError
from hhperf.masking import bare_address
from hhperf.search.model import Caller
from hhperf.search.trace import lasting

EMBED_PATH = "/v1/embeddings/generate"
RERANK_PATH = "/v1/search/rerank"

TENANT_HEADER = "X-Tenant-ID"
REQUEST_ID_HEADER = "X-Request-ID"
THINK_TIME_HEADER = "X-Think-Time-Ms"
"""A modelled delay, asked of the kit's own services: they answer no sooner. Others ignore it."""


T = TypeVar("T")


class ProviderError(HhperfError):
    """A provider did not answer, or answered what cannot be used.

    Attributes:
        passing: whether the provider is at fault, so that the same call may succeed later; not
            when it is well and refuses what it was asked.
    """

    def __init__(self, message: str, *, passing: bool) -> None:
        super().__init__(message)
        self.passing = passing


@dataclass(slots=True)
class CircuitBreaker:
    """Opens after consecutive failures; while open, calls fail at once instead of piling up.

    After `open_s` one call goes through: its success closes the circuit, its failure opens it
    again. What the provider refuses counts as an answer, or a few odd texts would shut out all.
    """

    failures_to_open: int = 3
    open_s: float = 30.0
    clock: Callable[[], float] = monotonic
    _failures: int = 0
    _open_until: float = 0.0

    @property
    def is_open(self) -> bool:
        """Whether calls are refused just now."""
        return self._failures >= self.failures_to_open and self.clock() < self._open_until

    async def call(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Make the call unless the circuit is open.

        Raises:
            ProviderError: the circuit is open, or what the call raised.
        """
        if self.is_open:
            raise ProviderError("circuit open after repeated failures", passing=False)
        self._open_until = inf  # if it was open, this call is the one that tries
        try:
            result = await attempt()
        except ProviderError as error:
            self._failures = self._failures + 1 if error.passing else 0
            self._open_until = self.clock() + self.open_s
            raise
        except BaseException:
            self._open_until = self.clock()  # cancelled: nothing was learnt, the next one tries
            raise
        self._failures = 0
        return result


async def with_retries(
    attempt: Callable[[], Awaitable[T]],
    *,
    retries: int,
    wait_s: float = 0.2,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> T:
    """Try again after `wait_s` × the number of attempts made, as long as the failure may pass.

    Raises:
        ProviderError: the last attempt's failure.
    """
    for made in range(1, retries + 1):
        try:
            return await attempt()
        except ProviderError as error:
            if not error.passing:
                raise
        await sleep(wait_s * made)
    return await attempt()


UNIX = "unix"
"""The scheme of a service on a unix socket of this machine."""

CONNECTIONS = 100
KEEP_ALIVE_S = 60
ANSWERS = "answers"
PASSING = (408, 429)
"""The refusals that another moment may undo."""

VISIBLE = "".join(map(chr, range(0x20, 0x7F)))
"""What a header may hold as it is; the rest goes percent-encoded."""


class JsonProvider:
    """Posts JSON to one service.

    The transport is aiohttp's behind httpx's interface: httpx's own pool slows down as connections
    are added, and would be measured in place of the search.
    """

    def __init__(self, client: httpx.AsyncClient, timeout_s: float) -> None:
        self._client = client
        self._timeout_s = timeout_s

    @classmethod
    def connect(cls, url: str, timeout_s: float) -> Self:
        """A provider at a base address: http or https, user and password included, or `unix:/…`.

        It connects on its first call.

        Raises:
            SettingsError: it is no address.
        """
        try:
            address = httpx.URL(url)
        except httpx.InvalidURL:  # its words have what may be a password in them
            raise SettingsError(f"{bare_address(url)}: is no address of a service") from None
        socket = unquote(address.path) if address.scheme == UNIX else None
        if socket is not None:
            address = httpx.URL("http://localhost")
        client = httpx.AsyncClient(
            base_url=address.copy_with(userinfo=b""),  # aiohttp takes them in a header only
            auth=(address.username, address.password) if address.userinfo else None,
            timeout=timeout_s,
            transport=AiohttpTransport(verify=_tls(), client=partial(_session, socket)),
        )
        return cls(client, timeout_s)

    async def post(
        self, path: str, body: Mapping[str, Any], caller: Caller, think_s: float = 0.0
    ) -> dict[str, Any]:
        """The JSON object that the service answers, `think_s` after it was asked or later.

        Raises:
            ProviderError: no answer in time, a status of 400 or more, or not a JSON object.
        """
        # Not httpx's own JSON: it fails on a lone surrogate, which JSON can escape
        content = json.dumps(body, separators=(",", ":")).encode()
        async with lasting(think_s):  # a service that is not the kit's does not know of it
            response = await self._answered("POST", path, _headers(caller, think_s), content)
        try:
            answer = from_json(response.content)
        except ValueError as error:
            raise ProviderError(f"{path} did not answer JSON", passing=True) from error
        if not isinstance(answer, dict):
            raise ProviderError(f"{path} did not answer a JSON object", passing=True)
        return answer

    async def version(self) -> str:
        """What the service says of itself at `/health`; only that it answers, if it has none.

        Raises:
            ProviderError: it does not answer.
        """
        try:
            response = await self._answered("GET", "/health")
        except ProviderError as error:
            if error.passing:
                raise
            return ANSWERS
        return _model_in(response.content)

    async def _answered(
        self, method: str, path: str, headers: dict[str, str] | None = None, content: bytes = b""
    ) -> httpx.Response:
        try:
            # httpx counts its time-out from the last byte: a service that drips would never end
            async with asyncio.timeout(self._timeout_s):
                response = await self._client.request(
                    method, path, headers=headers, content=content
                )
        except (httpx.HTTPError, aiohttp.ClientError, TimeoutError) as error:
            raise ProviderError(f"{path}: {type(error).__name__}", passing=True) from error
        status = response.status_code
        if not response.is_success:
            passing = status >= 500 or status in PASSING
            raise ProviderError(f"{path} answered {status}", passing=passing)
        return response

    async def aclose(self) -> None:
        """Close every connection."""
        await self._client.aclose()


def _session(socket: str | None) -> aiohttp.ClientSession:
    connector = (
        aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=KEEP_ALIVE_S, ssl=_tls())
        if socket is None
        else aiohttp.UnixConnector(socket, limit=CONNECTIONS, keepalive_timeout=KEEP_ALIVE_S)
    )
    return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())


@cache
def _tls() -> ssl.SSLContext:
    """Made once: reading the authorities' certificates takes longer than a search."""
    return httpx.create_ssl_context()


def _model_in(content: bytes) -> str:
    try:
        return str(from_json(content)["model"])
    except (KeyError, TypeError, ValueError):
        return ANSWERS


def _headers(caller: Caller, think_s: float) -> dict[str, str]:
    headers = {
        "Content-Type": "application/json",
        TENANT_HEADER: quote(caller.tenant, safe=VISIBLE, errors="replace"),
        REQUEST_ID_HEADER: quote(caller.request_id, safe=VISIBLE, errors="replace"),
    }
    if think_s:
        headers[THINK_TIME_HEADER] = f"{think_s * 1e3:.6f}"
    return headers
