"""Encrypted connections to real servers, behind what ends the encryption for them."""

import asyncio
import pickle
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from hhperf.errors import SettingsError
from hhperf.search.settings import Settings
from hhperf.search.tls import RedisTls, SslMode, Verifying, in_todays_words, redis_ssl
from hhperf.stack.postgres import DATABASE, USER
from hhperf.stack.probe import endpoints
from hhperf.stack.servers import valkey_socket
from hhperf.stack.stack import Stack

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[], Awaitable[Stream]]

REFUSED = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, RedisError)
SSL_REQUEST_BYTES = 8

with_openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="makes the certificates")


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate of `localhost`, signed by itself, in one file."""
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=DNS:localhost"]
    subprocess.run(
        ["openssl", *made, *names, "-keyout", str(path), "-out", str(path.with_suffix(".crt"))],
        check=True, capture_output=True,
    )  # fmt: skip
    with path.open("a") as file:
        file.write(path.with_suffix(".crt").read_text())
    return path


def speaks_tls(certificate: Path) -> ssl.SSLContext:
    """What a server has."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Everything from one side to the other."""
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


async def between(client: Stream, connect: Connect) -> None:
    """Whoever talks, the other hears it."""
    server = await connect()
    await asyncio.gather(pass_on(client[0], server[1]), pass_on(server[0], client[1]))


@asynccontextmanager
async def in_front_of(
    socket: Path, certificate: Path, *, is_postgres: bool = False
) -> AsyncIterator[int]:
    """A port that speaks TLS for a server that does not; PostgreSQL's clients ask for it first."""
    context = speaks_tls(certificate)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if is_postgres:
                await reader.readexactly(SSL_REQUEST_BYTES)
                writer.write(b"S")
                await writer.start_tls(context)
            await between((reader, writer), partial(asyncio.open_unix_connection, socket))
        except (OSError, asyncio.IncompleteReadError):
            writer.close()

    server = await asyncio.start_server(
        answer, "localhost", 0, ssl=None if is_postgres else context
    )
    async with server:
        yield server.sockets[0].getsockname()[1]


def trusting(certificate: Path, trusts: bool) -> Path | None:
    """The certificate itself, or the system's, among which it is not."""
    return certificate.with_suffix(".crt") if trusts else None


CASES = pytest.mark.parametrize(
    ("mode", "trusts", "host", "connects"),
    [
        ("require", False, "localhost", True),
        ("verify-ca", True, "127.0.0.1", True),
        ("verify-ca", False, "localhost", False),
        ("verify-full", True, "localhost", True),
        ("verify-full", True, "127.0.0.1", False),
        ("verify-full", False, "localhost", False),
    ],
)


@with_openssl
@CASES
async def test_postgres_is_verified_as_asked_for(
    stack: Stack, certificate: Path, mode: str, trusts: bool, host: str, connects: bool
) -> None:
    """By whom the certificate is signed, and whose it is."""
    folder = Path(stack.endpoints.postgres["host"])
    async with in_front_of(folder / ".s.PGSQL.5432", certificate, is_postgres=True) as port:
        settings = Settings(
            pgvector_host=host, pgvector_port=port, pgvector_user=USER, pgvector_database=DATABASE,
            pgvector_ssl=mode, pgvector_sslrootcert=trusting(certificate, trusts),
        )  # fmt: skip
        where = pickle.loads(pickle.dumps(endpoints(settings, None))).postgres
        assert await answers(asked_postgres(where)) == connects


@with_openssl
@CASES
async def test_redis_is_verified_as_asked_for(
    stack: Stack, certificate: Path, mode: str, trusts: bool, host: str, connects: bool
) -> None:
    """By whom the certificate is signed, and whose it is."""
    socket = Path(stack.endpoints.redis["unix_socket_path"])
    assert socket == valkey_socket(socket.parent)
    async with in_front_of(socket, certificate) as port:
        settings = Settings(
            redis_host=host, redis_port=port, redis_tls=mode,
            redis_sslrootcert=trusting(certificate, trusts),
        )  # fmt: skip
        where = endpoints(settings, None).redis
        assert await answers(asked_redis(where)) == connects


async def test_who_requires_encryption_goes_on_without_none(
    stack: Stack, certificate: Path
) -> None:
    """A server that does not speak it is refused; who only prefers it goes on."""
    folder = Path(stack.endpoints.postgres["host"])

    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connect = partial(asyncio.open_unix_connection, folder / ".s.PGSQL.5432")
        await between((reader, writer), connect)

    async with await asyncio.start_server(plain, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        for mode in SslMode:
            settings = Settings(
                pgvector_host="127.0.0.1", pgvector_port=port, pgvector_user=USER, pgvector_ssl=mode
            )
            connects = await answers(asked_postgres(endpoints(settings, None).postgres))
            assert connects == (mode in {SslMode.DISABLE, SslMode.PREFER})


async def asked_postgres(where: Any) -> bool:
    connection = await asyncpg.connect(**where, timeout=5)
    try:
        return bool(await connection.fetchval("SELECT 1"))
    finally:
        await connection.close()


async def asked_redis(where: Any) -> bool:
    client = redis.asyncio.Redis(**where, socket_timeout=5, retry=Retry(NoBackoff(), 0))
    try:
        return bool(await client.ping())
    finally:
        await client.aclose()


async def answers(question: Awaitable[bool]) -> bool:
    """Whether the server answers, and not whoever is before it refuses."""
    try:
        return await question
    except REFUSED:
        return False


@pytest.mark.parametrize("mode", ["disable", "prefer", "require"])
def test_certificates_that_nothing_is_verified_by_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, mode: str
) -> None:
    """Who names them wants verification, and would not get it."""
    monkeypatch.setenv("PGVECTOR_SSL", mode)
    monkeypatch.setenv("PGVECTOR_SSLROOTCERT", str(tmp_path / "ca.pem"))
    with pytest.raises(SettingsError, match=f"nothing is verified by {mode}: say verify-full"):
        Settings.from_environment()


def test_certificates_that_are_none_are_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A file that is not there, and one that holds something else."""
    monkeypatch.setenv("REDIS_TLS", "verify-ca")
    (tmp_path / "words.pem").write_text("no certificate")
    for name in ("none.pem", "words.pem"):
        monkeypatch.setenv("REDIS_SSLROOTCERT", str(tmp_path / name))
        with pytest.raises(SettingsError, match=r"^REDIS_SSLROOTCERT=.* is no file of cert"):
            Settings.from_environment()


@pytest.mark.parametrize("names", [True, False])
def test_a_worker_verifies_as_its_sender_does(names: bool) -> None:
    """What is sent to another process is made anew there."""
    sent: Verifying = pickle.loads(pickle.dumps(Verifying.by(None, names=names)))
    assert (sent.verify_mode, sent.check_hostname) == (ssl.CERT_REQUIRED, names)


def test_redis_without_encryption_is_that() -> None:
    """Nothing of it is left on."""
    assert not redis_ssl(RedisTls.DISABLE, None)["ssl"]


@pytest.mark.parametrize(
    ("name", "recorded", "today"),
    [
        ("PGVECTOR_SSL", False, "prefer"),
        ("PGVECTOR_SSL", "verify-ca", "verify-ca"),
        ("REDIS_TLS", True, "verify-full"),
        ("PGVECTOR_PORT", 5432, 5432),
    ],
)
def test_older_runs_say_true_and_false(name: str, recorded: object, today: object) -> None:
    """And are read as what they meant."""
    assert in_todays_words(name, recorded) == today
