"""A JSON provider over HTTP: one POST, its failures told apart."""

import asyncio
import json
import ssl
from collections.abc import Mapping
from functools import cache
from typing import Any, Self
from urllib.parse import quote

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport
from pydantic_core import from_json

from hhperf.search.model import Caller
from hhperf.search.pace import lasting
from hhperf.search.resilience import ProviderError
from hhperf.search.wire import REQUEST_ID_HEADER, TENANT_HEADER, THINK_TIME_HEADER

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
        """A provider at a base address, which may hold user and password.

        It connects on its first call.
        """
        address = httpx.URL(url)
        client = httpx.AsyncClient(
            base_url=address.copy_with(userinfo=b""),  # aiohttp takes them in a header only
            auth=(address.username, address.password) if address.userinfo else None,
            timeout=timeout_s,
            transport=AiohttpTransport(verify=_tls(), client=_session),
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


def _session() -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=KEEP_ALIVE_S, ssl=_tls())
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
