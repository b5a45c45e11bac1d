"""What nobody may read: found by where it stands in a text, and by what the environment tells.

Whatever leaves the program in words goes through here: messages, tracebacks, logs, warnings, what
a run records of its failures, and the command line in a report.
"""

import os
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache, partial
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

MASK = "***"
SHORTEST = 4
"""Shorter values are no secrets; a text would lose its words to them."""

_NAMES = r"PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_?-?KEY|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIAL"
_NAME = re.compile(rf"{_NAMES}|(?:^|_)(?:AUTH|PASS|PWD?|KEY)$|HEADER_", re.IGNORECASE)
_HINTS = ("passw", "passphrase", "secret", "token", "key", "credential", "authorization", "cookie")
_DIRECTORY = frozenset({"PWD", "OLDPWD"})
_FLAGS = frozenset({"true", "false", "none"})
"""Of variables such as `TOKEN_CHECKED`: no secret, and a word of many texts."""

_ENCODED = partial(quote, safe="")

_USER = re.compile(r"//[^/\s?#]*@")
_ODD_USER = re.compile(r"//[^\s:/@?#]*:(?!\d+[/?#\s])[^\s\"'<>]*@")
"""Of an address whose password was not encoded, as one with a slash has to be."""

_ASSIGNED = re.compile(rf"((?:{_NAMES})[\w-]*=[\"']?)[^\s&\"',;]+", re.IGNORECASE)
_IN_JSON = re.compile(rf"([\"'][\w-]*(?:{_NAMES})[\w-]*[\"']:\s*[\"'])[^\"']+", re.IGNORECASE)
_HEADER = re.compile(
    r"((?:authorization|cookie|api-key)[\"']?\s*[:=]\s*[\"']?)[^\r\n\"',]+", re.IGNORECASE
)


def masked(text: str) -> str:
    """The text without anything that looks like a secret, or is one by the environment."""
    return without(without_credentials(text), _known(frozenset(_environment().items())))


def without_credentials(text: str) -> str:
    """The text without users and passwords of addresses, and without values named like a secret."""
    if "//" in text:  # first what is quick to tell: each failed request of a load comes here
        text = _ODD_USER.sub("//", _USER.sub("//", text))
    if any(hint in text.lower() for hint in _HINTS):
        for pattern in (_ASSIGNED, _IN_JSON, _HEADER):
            text = pattern.sub(rf"\g<1>{MASK}", text)
    return text


def without(text: str, secrets: Iterable[str]) -> str:
    """The text with a mask for each of the secrets, which come longest first."""
    for secret in secrets:
        text = text.replace(secret, MASK)
    return text


def secrets_among(values: Iterable[str]) -> tuple[str, ...]:
    """What to mask of some values, longest first: each, its words, and both as addresses have them.

    A token is secret also without the word before it, such as `Bearer`.
    """
    tokens = {token for value in values for token in (value, *value.split())}
    spelled = {way(token) for token in tokens for way in (str, _ENCODED, unquote)}
    kept = (each for each in spelled if len(each) >= SHORTEST and each.lower() not in _FLAGS)
    return tuple(sorted(kept, key=len, reverse=True))


def is_named_secret(name: str) -> bool:
    """Whether a variable's or a setting's name says that its value is a secret."""
    return bool(_NAME.search(name)) and name not in _DIRECTORY


def bare_address(url: str) -> str:
    """The address without user, password and query; empty when there is none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def without_secrets_in(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that have no secret: what a server may inherit that needs none."""
    return {
        name: value
        for name, value in environment.items()
        if not is_named_secret(name) and _password(value) is None
    }


def _environment() -> Mapping[Any, Any]:
    """As bytes, where there is such a view: text would be decoded anew at each look."""
    return getattr(os, "environb", os.environ)


@lru_cache(maxsize=2)
def _known(environment: frozenset[tuple[Any, Any]]) -> tuple[str, ...]:
    """The values of an environment that nobody may read, passwords within addresses too."""
    variables = [(os.fsdecode(name), os.fsdecode(value)) for name, value in environment]
    named = [value for name, value in variables if is_named_secret(name)]
    return secrets_among([*named, *filter(None, (_password(value) for _, value in variables))])


def _password(value: str) -> str | None:
    """The password of an address; None for what is none or has none."""
    if "://" not in value or "@" not in value:
        return None
    return value.partition("://")[2].rpartition("@")[0].partition(":")[2]
