"""The load generator's HTTP client with W3C trace context, where spans are wanted.

A service that traces then puts its spans under the request's, so that a slow request of a run can
be looked up there. It costs both sides some time, and so is only done where an endpoint is named.
"""

import asyncio
import ssl
from typing import TYPE_CHECKING

from hhperf.errors import TargetError
from hhperf.harness.http_client import HttpClient, HttpResponse
from hhperf.telemetry.endpoint import connected

if TYPE_CHECKING:
    from hhperf.telemetry.sdk_spans import Telemetry

SERVICE = "hhperf"


def client_for(host: str, port: int, tls: ssl.SSLContext | None, target: str) -> HttpClient:
    """A client that tells of its requests where an endpoint is named, else a plain one.

    Args:
        host: a name or an address.
        port: its port.
        tls: for `https`; None for `http`.
        target: its name, without anything secret.
    """
    telemetry = connected(SERVICE)
    if telemetry is None:
        return HttpClient(host, port, tls)
    return TracedClient(host, port, tls, target, telemetry)


class TracedClient(HttpClient):
    """Sends each request under a span of its own."""

    def __init__(
        self,
        host: str,
        port: int,
        tls: ssl.SSLContext | None,
        target: str,
        telemetry: "Telemetry",
    ) -> None:
        super().__init__(host, port, tls)
        self._target = target
        self._telemetry = telemetry

    async def request(self, data: bytes) -> HttpResponse:
        """Send a request with `traceparent`; see the plain client."""
        line, _, rest = data.partition(b"\r\n")
        method, path, _ = line.decode("latin-1").split(" ", 2)
        told = {"http.request.method": method, "hhperf.target": self._target}
        asking = self._telemetry.asking(f"{method} {path.partition('?')[0]}", told)
        head = "".join(f"{name}: {value}\r\n" for name, value in asking.headers.items())
        try:
            response = await super().request(b"\r\n".join([line, head.encode() + rest]))
        except (OSError, TargetError) as error:
            asking.ended(type(error).__name__)
            raise
        asking.ended(None if response.status < 400 else f"HTTP {response.status}")
        return response

    async def close(self) -> None:
        """Close the connections, and send the spans that are left."""
        await super().close()
        await asyncio.to_thread(self._telemetry.close)
