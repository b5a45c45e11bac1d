"""A JSON provider over HTTP: one POST, its failures told apart."""

import asyncio
from collections.abc import Mapping
from typing import Any, Self

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from hhperf.search.model import Caller
from hhperf.search.resilience import ProviderError

THINK_TIME_HEADER = "X-Think-Time-Ms"
"""A modelled delay, asked of the kit's own providers: they answer no sooner. Others ignore it."""

CONNECTIONS = 100


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
        """A provider at a base address; connects on its first call."""
        transport = AiohttpTransport(
            client=lambda: aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=60)
            )
        )
        return cls(
            httpx.AsyncClient(base_url=url, timeout=timeout_s, transport=transport), timeout_s
        )

    async def post(
        self, path: str, body: Mapping[str, Any], caller: Caller, think_s: float = 0.0
    ) -> dict[str, Any]:
        """The JSON object that the service answers.

        Raises:
            ProviderError: no answer in time, a status of 400 or more, or not a JSON object.
        """
        headers = {"X-Tenant-ID": caller.tenant, "X-Request-ID": caller.request_id}
        if think_s:
            headers[THINK_TIME_HEADER] = f"{think_s * 1e3:.6f}"
        try:
            # httpx counts its time-out from the last byte: a service that drips would never end
            async with asyncio.timeout(self._timeout_s):
                response = await self._client.post(path, json=dict(body), headers=headers)
        except (httpx.HTTPError, TimeoutError) as error:
            raise ProviderError(f"{path}: {error!r}", passing=True) from error
        if response.status_code >= 400:
            passing = response.status_code >= 500 or response.status_code == 429
            raise ProviderError(f"{path} answered {response.status_code}", passing=passing)
        try:
            answer = response.json()
        except ValueError as error:
            raise ProviderError(f"{path} did not answer JSON", passing=False) from error
        if not isinstance(answer, dict):
            raise ProviderError(f"{path} did not answer a JSON object", passing=False)
        return answer

    async def aclose(self) -> None:
        """Close every connection."""
        await self._client.aclose()
