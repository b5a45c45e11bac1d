"""Keeping secrets off the disk."""

from hhperf.runs.discretion import without_credentials, without_secrets


def test_settings_named_like_secrets_are_left_out() -> None:
    """Other settings stay as they are."""
    settings = {"PGVECTOR_PASSWORD": "x", "my_api_key": "y", "SEARCH_RRF_K": 60}
    assert without_secrets(settings) == {"SEARCH_RRF_K": 60}


def test_addresses_lose_their_credentials() -> None:
    """Wherever they stand in a text."""
    text = "from redis://:pw@cache:6379 to http://me:pw@host/v1?q=a@b"
    assert without_credentials(text) == "from redis://cache:6379 to http://host/v1?q=a@b"
