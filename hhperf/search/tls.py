"""How connections are encrypted, and whether who answers is verified: words, and what they do.

A word that is not known is refused: one that was taken for `no` would leave a connection open.
"""

import ssl
from enum import StrEnum
from pathlib import Path
from typing import Any

from hhperf.errors import unknown

TRUE = frozenset({"true", "1", "yes", "y", "on"})
FALSE = frozenset({"false", "0", "no", "n", "off"})


class SslMode(StrEnum):
    """PostgreSQL's own words (libpq's `sslmode`)."""

    DISABLE = "disable"
    """Never encrypted."""

    PREFER = "prefer"
    """Encrypted if the server can; nobody is verified. What production's `false` does here."""

    REQUIRE = "require"
    """Encrypted or not at all; nobody is verified. What production's `true` does here."""

    VERIFY_CA = "verify-ca"
    """And the certificate is signed by one that is trusted."""

    VERIFY_FULL = "verify-full"
    """And it is that of the host that was named."""


class RedisTls(StrEnum):
    """The same for Redis, with which nothing is negotiated."""

    DISABLE = "disable"
    REQUIRE = "require"
    VERIFY_CA = "verify-ca"
    VERIFY_FULL = "verify-full"
    """What production's `true` does."""


VERIFYING = frozenset({"verify-ca", "verify-full"})


def ssl_mode_of(value: Any) -> SslMode:
    """PostgreSQL's mode by its name, or by production's words for yes and no.

    Raises:
        ValueError: there is no such mode; with those that there are.
    """
    return SslMode(_word(value, SslMode, yes=SslMode.REQUIRE, no=SslMode.PREFER))


def redis_tls_of(value: Any) -> RedisTls:
    """Redis's mode by its name, or by production's words for yes and no.

    Raises:
        ValueError: there is no such mode; with those that there are.
    """
    return RedisTls(_word(value, RedisTls, yes=RedisTls.VERIFY_FULL, no=RedisTls.DISABLE))


def _word(value: Any, modes: type[StrEnum], *, yes: str, no: str) -> str:
    word = str(value).strip().lower()
    if word in TRUE | FALSE:
        return yes if word in TRUE else no
    if word not in set(modes):
        raise ValueError(unknown(word, modes))
    return word


def root_certificate(path: Path | None, mode: str) -> Path | None:
    """The file of certificates to trust, if it goes with the mode.

    Raises:
        ValueError: it cannot be read, or nothing is verified by it.
    """
    if path is None:
        return None
    if mode not in VERIFYING:
        raise ValueError(f"nothing is verified by {mode}: say verify-full, or leave this out")
    try:
        return Verifying.by(path, names=False).certificates
    except OSError as error:
        raise ValueError(f"is no file of certificates in PEM ({error})") from error


def postgres_ssl(mode: SslMode, certificates: Path | None) -> "str | Verifying":
    """What asyncpg takes as `ssl`.

    Args:
        mode: how.
        certificates: to trust; the system's when None.
    """
    if mode not in VERIFYING:
        return mode.value
    return Verifying.by(certificates, names=mode is SslMode.VERIFY_FULL)


def redis_ssl(mode: RedisTls, certificates: Path | None) -> dict[str, Any]:
    """What redis-py takes.

    Args:
        mode: how.
        certificates: to trust; the system's when None.
    """
    return {
        "ssl": mode is not RedisTls.DISABLE,
        "ssl_cert_reqs": "required" if mode in VERIFYING else "none",
        "ssl_check_hostname": mode is RedisTls.VERIFY_FULL,
        "ssl_ca_certs": None if certificates is None else str(certificates),
    }


class Verifying(ssl.SSLContext):
    """Verifies who answers; can be sent to other processes, which make the same anew."""

    certificates: Path | None

    @classmethod
    def by(cls, certificates: Path | None, *, names: bool) -> "Verifying":
        """One that trusts the certificates in a file, or the system's.

        Args:
            certificates: a file in PEM; None for the system's.
            names: whether the certificate must be that of the host.

        Raises:
            OSError: the file cannot be read, or has no certificate.
        """
        context = cls(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.certificates = certificates
        context.check_hostname = names
        if certificates is None:
            context.load_default_certs()
        else:
            context.load_verify_locations(cafile=certificates)
        return context

    def __reduce__(self) -> tuple[Any, ...]:
        """How to make it again."""
        return _made_again, (self.certificates, self.check_hostname)


def _made_again(certificates: Path | None, names: bool) -> Verifying:
    return Verifying.by(certificates, names=names)


_OLD_WORDS = {"PGVECTOR_SSL": ssl_mode_of, "REDIS_TLS": redis_tls_of}


def in_todays_words(name: str, value: Any) -> Any:
    """A recorded setting as it is called today: older runs say true and false of these two."""
    return _OLD_WORDS[name](value).value if name in _OLD_WORDS else value
