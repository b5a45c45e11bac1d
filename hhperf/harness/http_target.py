"""A deployed search service as a target.

Headers that must not be known (keys, tokens) come from the environment: `HHPERF_HEADER_X_API_KEY`
sends `X-Api-Key` to every target, `HHPERF_CONTROL_HEADER_X_API_KEY` to the control alone. Their
values never leave this module: not in errors, not in the run.
"""

import base64
import json
import os
import ssl
from collections.abc import Callable, Mapping
from copy import copy
from functools import partial
from pathlib import Path
from time import perf_counter_ns
from urllib.parse import SplitResult, unquote, urlencode, urlsplit

from hhperf.errors import SettingsError, TargetError
from hhperf.harness.http_client import HttpClient
from hhperf.harness.http_reply import read_reply
from hhperf.harness.parts import MakeAsker, PortAsker
from hhperf.harness.safety import Elsewhere, Resolve, Safety, addresses_of, is_elsewhere
from hhperf.harness.stage_table import PRODUCTION, StageTable
from hhperf.harness.target import Reply, Request
from hhperf.harness.traced_client import client_for
from hhperf.harness.variation import Variation
from hhperf.masking import secrets_among, without
from hhperf.runs.observation import Arm

DEFAULT_PATH = "/v1/search/hybrid"
WARM_CONNECTIONS = 8

_PORTS = {"http": 80, "https": 443}
_WITHOUT_BODY = frozenset({"GET", "HEAD", "DELETE"})


class HttpTarget:
    """Sends requests to one deployment.

    Args:
        url: `http` or `https`, with a path or without (then `/v1/search/hybrid`); a user and
            password in it are sent as basic authorisation.
        name: what serves the arm; the URL without credentials and query when None.
        method: of the request; one without a body gets the body's plain fields as query.
        headers: sent with each request; their values are kept secret.
        no_cache: whether each request asks for an answer of its own (`Cache-Control: no-cache`,
            RFC 9111), which a deployment may or may not heed.
        variation: of a field, so that a deployment that does not is asked what it does not know.
        ca_file: certificates to trust instead of the system's.
        stages: what the service's names of its stages mean, besides production's.
        connections: opened before measuring; more are opened as they are needed.
        safety: what may be done to it where it is not this machine; the usual when None.
        resolve: finds a host's addresses; the system's resolver when None.

    Raises:
        SettingsError: the URL or a header cannot be used.
    """

    def __init__(  # noqa: PLR0913  each has a name at the call
        self,
        url: str,
        *,
        name: str | None = None,
        method: str = "POST",
        headers: Mapping[str, str] | None = None,
        no_cache: bool = False,
        variation: Variation | None = None,
        ca_file: Path | str | None = None,
        stages: StageTable = PRODUCTION,
        connections: int = WARM_CONNECTIONS,
        safety: Safety | None = None,
        resolve: Resolve | None = None,
    ) -> None:
        parts = _split(url)
        secret = {**_authorisation(parts), **(headers or {})}
        self._host, self._port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        self._tls = _tls(ca_file) if parts.scheme == "https" else None
        self._path = parts.path if parts.path not in ("", "/") else DEFAULT_PATH
        self._query = parts.query
        self._method = method.upper()
        self._stages = stages
        self._secrets = secrets_among([*secret.values(), parts.password or "", parts.query])
        authority = parts.netloc.rpartition("@")[2]
        uncached = {"Cache-Control": "no-cache"} if no_cache else {}
        self._head = _lines({"Host": authority, **_STANDARD, **uncached, **secret})
        self._connections = connections
        self._safety, self._resolve = safety or Safety(), resolve or addresses_of
        self._place = f"{parts.scheme}://{authority}"
        self._variation = variation
        self._encoded: dict[str, bytes] = {}
        self._client: HttpClient | None = None
        where = "" if self._path == DEFAULT_PATH else self._path
        self.name = name or f"{parts.scheme}://{authority}{where}"

    def __repr__(self) -> str:
        return f"HttpTarget({self.name!r})"

    async def open(self) -> None:
        """Connect.

        Raises:
            TargetError: the deployment cannot be reached.
        """
        self._client = client_for(self._host, self._port, self._tls, self.name)
        try:
            await self._client.warm(1)
        except OSError as error:
            raise TargetError(self._without_secrets(f"{self.name}: {error}")) from None

    def needs(self) -> Mapping[str, MakeAsker]:
        """The deployment."""
        return {f"{self._host}:{self._port}": partial(PortAsker, self._host, self._port)}

    async def warm_connections(self) -> None:
        """Have connections open before the first request."""
        await self._opened.warm(self._connections)

    async def send(self, request: Request) -> Reply:
        """Answer one request.

        Raises:
            TargetError: the service refuses it, or its answer cannot be read.
            OSError: the connection broke.
        """
        data = self._request(request)
        start_ns = perf_counter_ns()
        try:
            return read_reply(await self._opened.request(data), start_ns, self._stages)
        except (TargetError, OSError) as error:
            said = self._without_secrets(str(error))
            raise (TargetError if isinstance(error, TargetError) else OSError)(said) from None

    def elsewhere(self) -> Elsewhere | None:
        """Where the deployment is; None for this machine, which all its addresses are of."""
        try:
            addresses = self._resolve(self._host, self._port)
        except OSError:
            addresses = ()  # `open` will say that it cannot be found
        return Elsewhere(self._place, self._safety) if is_elsewhere(addresses) else None

    def for_lookups(self) -> "HttpTarget | None":
        """The open target with values that no measured request has, if those are to repeat."""
        if self._variation is None or not self._variation.repeats:
            return None
        other = copy(self)
        other._variation = self._variation.without_repeats()
        return other

    async def close(self) -> None:
        """Close every connection."""
        if self._client is not None:
            await self._client.close()

    @property
    def _opened(self) -> HttpClient:
        if self._client is None:
            raise RuntimeError("the target is not open")
        return self._client

    def _request(self, request: Request) -> bytes:
        """The request as it goes over the wire, made once for each of the log but for a value."""
        data = self._encoded.get(request.request_id)
        if data is None:
            data = self._encoded[request.request_id] = self._encode(request)
        if self._variation is None:
            return data
        value = self._variation.value(request)
        return data.replace(self._variation.placeholder.encode(), value.encode())

    def _encode(self, request: Request) -> bytes:
        own = {"X-Tenant-ID": request.tenant, "X-Request-ID": request.request_id}
        query, body, asked = self._query, b"", dict(request.body)
        if self._variation is not None:
            asked |= self._variation.fields()
            own |= self._variation.headers()
        if self._method in _WITHOUT_BODY:
            plain = {k: v for k, v in asked.items() if isinstance(v, str | int | float)}
            query = "&".join(filter(None, (query, urlencode(plain))))
        else:
            body = json.dumps(asked, ensure_ascii=False).encode()
            own |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
        path = f"{self._path}?{query}" if query else self._path
        return f"{self._method} {path} HTTP/1.1\r\n{self._head}{_lines(own)}\r\n".encode() + body

    def _without_secrets(self, text: str) -> str:
        return without(text, self._secrets)


_STANDARD = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "hhperf"}


def http_targets(  # noqa: PLR0913  each has a name at the call
    control: str,
    treatment: str,
    *,
    control_again: str | None = None,
    method: str = "POST",
    no_cache: bool = False,
    variations: Mapping[Arm, Callable[[], Variation]] | None = None,
    ca_file: Path | str | None = None,
    stages: StageTable = PRODUCTION,
    safety: Safety | None = None,
    environment: Mapping[str, str] | None = None,
) -> dict[Arm, HttpTarget]:
    """A target for each arm, the control's deployment twice unless it has a double.

    Args:
        control: its URL.
        treatment: its URL.
        control_again: of a second deployment of the control, with caches of its own.
        method: of the requests.
        no_cache: whether each request asks for an answer of its own.
        variations: what makes each arm's, where a field is varied.
        ca_file: certificates to trust instead of the system's.
        stages: what the services' names of their stages mean, besides production's.
        safety: what may be done to those that are not this machine; the usual when None.
        environment: where secret headers come from; that of the process when None.

    Raises:
        SettingsError: a URL or a header cannot be used.
    """
    urls = {
        Arm.CONTROL: control,
        Arm.TREATMENT: treatment,
        Arm.CONTROL_AGAIN: control_again or control,
    }
    return {
        arm: HttpTarget(
            url,
            method=method,
            headers=headers_from_environment(arm, environment),
            no_cache=no_cache,
            variation=variations[arm]() if variations else None,
            ca_file=ca_file,
            stages=stages,
            safety=safety,
        )
        for arm, url in urls.items()
    }


def headers_from_environment(
    arm: Arm, environment: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The secret headers of an arm, its own before those of every arm; see the module.

    Args:
        arm: the control's second measurement gets the control's.
        environment: that of the process when None.
    """
    variables = os.environ if environment is None else environment
    side = "TREATMENT" if arm is Arm.TREATMENT else "CONTROL"
    found = {}
    for prefix in ("HHPERF_HEADER_", f"HHPERF_{side}_HEADER_"):
        for name, value in variables.items():
            if name.startswith(prefix) and value:
                found[name.removeprefix(prefix).replace("_", "-").title()] = value
    return found


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in _PORTS and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable:
        raise SettingsError("a target's URL must look like https://host[:port][/path]")
    return parts


def _authorisation(parts: SplitResult) -> dict[str, str]:
    if parts.username is None:
        return {}
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}


def _lines(headers: Mapping[str, str]) -> str:
    for name, value in headers.items():
        if not all(character.isprintable() for character in name + value):
            raise SettingsError(f"header {name!r}: its value has a character that none may have")
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items())


def _tls(ca_file: Path | str | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
    except OSError as error:
        raise SettingsError(f"certificates {ca_file}: {error}") from error
