"""What is taken for a secret, and what is not."""

import pytest

from hhperf.masking import (
    bare_address,
    is_named_secret,
    masked,
    secrets_among,
    without_credentials,
    without_secrets_in,
)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("from redis://:pw@c:6379 to http://me:pw@h/v1?q=a@b", "from redis://c:6379 to http://h/v1?q=a@b"),
        ("'postgresql://u:p@ss@h/d' is none", "'postgresql://h/d' is none"),
        ("postgresql://u:p/s?s#@h:5432", "postgresql://h:5432"),
        ("http://h:8080/a@b", "http://h:8080/a@b"),
        ("https://h/v1?api_key=k-123&q=java", "https://h/v1?api_key=***&q=java"),
        ("PGPASSWORD='pw' psql", "PGPASSWORD='***' psql"),
        ('{"client_secret": "pw", "q": "java"}', '{"client_secret": "***", "q": "java"}'),
        ("Authorization: Bearer abc.def", "Authorization: ***"),
        ("REDIS_PASSWORD and _TLS: no token", "REDIS_PASSWORD and _TLS: no token"),
    ],
    ids=str,
)  # fmt: skip
def test_secrets_by_where_they_stand(text: str, left: str) -> None:
    """Wherever in a text; the rest of it stays."""
    assert without_credentials(text) == left


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PGVECTOR_PASSWORD", "s3cret word", "it said s3cret word"),
        ("HHPERF_HEADER_AUTHORIZATION", "Bearer s3cret", "it said s3cret"),
        ("REDISCLI_AUTH", "s3cret", "it said s3cret"),
        ("EMBED_SERVICE_URL", "http://u:s3/cret@h", "it said s3/cret"),
        ("MY_API_KEY", "s3c/ret", "it said s3c%2Fret"),
    ],
)
def test_secrets_of_the_environment(
    name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever their value stands, as it is or as addresses have it."""
    monkeypatch.setenv(name, value)
    assert masked(said) == "it said ***"


@pytest.mark.parametrize("name", ["PATH", "PWD", "SSH_AUTH_SOCK", "SEARCH_RRF_K", "REDIS_TLS"])
def test_names_of_no_secret(name: str) -> None:
    """A folder, a socket, a number."""
    assert not is_named_secret(name)


def test_what_is_too_short_or_a_flag_is_no_secret() -> None:
    """Or a text would lose its words."""
    assert secrets_among(["no", "true", "123 abcdef"]) == ("123%20abcdef", "123 abcdef", "abcdef")


def test_addresses_without_secrets() -> None:
    """What an address holds besides its secrets stays; of what is none nothing is said."""
    assert bare_address("http://u:p@[::1]:8080/a?b=c#d") == "http://[::1]:8080/a"
    assert bare_address("") == ""
    assert bare_address("http://u:p@[h") == ""


def test_what_a_server_inherits() -> None:
    """Neither what is named a secret nor an address with a password."""
    given = {"PATH": "/bin", "REDIS_PASSWORD": "pw", "PROXY": "http://u:pw@h", "URL": "http://h"}
    assert without_secrets_in(given) == {"PATH": "/bin", "URL": "http://h"}
