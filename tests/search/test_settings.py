"""The environment becomes settings."""

import pytest
from pydantic import ValidationError

from hhperf.errors import SettingsError
from hhperf.search.settings import Settings
from hhperf.search.tls import FALSE, TRUE


def read(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Settings:
    """Settings of an environment with these names and no other of ours."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return Settings.from_environment()


DEFAULTS = {
    "ENABLE_PARALLEL_PRE_SEARCH": True, "ENABLE_RERANK": True, "PGVECTOR_SCHEMA": "search",
    "PGVECTOR_EMBEDDINGS_TABLE": "candidate_embeddings",
    "PGVECTOR_PROFILES_TABLE": "candidate_profiles", "PGVECTOR_DIMENSIONS": 768,
    "PGVECTOR_POOL_MAX": 20, "PGVECTOR_POOL_MIN": 5, "PGVECTOR_STATEMENT_TIMEOUT_MS": 10_000,
    "PGVECTOR_CONNECTION_TIMEOUT_MS": 3_000, "SEARCH_REDIS_PREFIX": "hh:hybrid",
    "CACHE_SEARCH_RESULTS_TTL": 600, "CACHE_EMBEDDING_TTL": 3_600,
    "CACHE_SPECIALTY_LOOKUP_TTL": 86_400, "CACHE_RERANK_SCORES_TTL": 21_600,
    "EMBED_SERVICE_TIMEOUT_MS": 15_000, "EMBED_SERVICE_RETRIES": 2, "SEARCH_RRF_K": 60,
    "SEARCH_PER_METHOD_LIMIT": 300, "SEARCH_MIN_SIMILARITY": 0.25, "SEARCH_MAX_RESULTS": 50,
    "PIPELINE_SCORING_LIMIT": 100, "PIPELINE_RERANK_LIMIT": 50,
}  # fmt: skip


def test_defaults_are_productions(monkeypatch: pytest.MonkeyPatch) -> None:
    """With nothing set, everything is as production has it."""
    public = read(monkeypatch).public()
    assert {name: public[name] for name in DEFAULTS} == DEFAULTS


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("PGVECTOR_HOST", "db.example", "db.example"),
        ("PGVECTOR_PORT", "6432", 6_432),
        ("PGVECTOR_SSL", "true", "require"),
        ("PGVECTOR_SSL", "false", "prefer"),
        ("PGVECTOR_SSL", "Verify-Full", "verify-full"),
        ("PGVECTOR_HNSW_EF_SEARCH", "40", 40),
        ("REDIS_HOST", "cache.example", "cache.example"),
        ("REDIS_TLS", "on", "verify-full"),
        ("REDIS_TLS", "0", "disable"),
        ("REDIS_TLS", "require", "require"),
        ("PGVECTOR_HOST", "/var/run/postgresql", "/var/run/postgresql"),
        ("PGVECTOR_HOST", "2001:db8::1", "2001:db8::1"),
        ("EMBED_SERVICE_URL", "https://embed.example/x", "https://embed.example/x"),
        ("SEARCH_MIN_SIMILARITY", "0.4", 0.4),
        ("SEARCH_AS_DEPLOYED", "yes", True),
        ("PGVECTOR_PROFILES_TABLE", "People_2", "People_2"),
    ],
)
def test_names_are_productions(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, value: object
) -> None:
    """Each is read under production's environment name."""
    assert read(monkeypatch, **{name: text}).public()[name] == value


@pytest.mark.parametrize("word", sorted(TRUE | FALSE))
@pytest.mark.parametrize("spelled", [str.lower, str.upper, " {} ".format])
def test_flags(monkeypatch: pytest.MonkeyPatch, word: str, spelled: type[str]) -> None:
    """Words for yes and no are read in any case."""
    settings = read(monkeypatch, ENABLE_PARALLEL_PRE_SEARCH=spelled(word))
    assert settings.enable_parallel_pre_search is (word in TRUE)


@pytest.mark.parametrize("word", ["maybe", "2", "truee", "-"])
def test_an_unknown_word_leaves_a_flag_at_its_default(
    monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    """As in production: on stays on, off stays off."""
    settings = read(monkeypatch, ENABLE_PARALLEL_PRE_SEARCH=word, SEARCH_AS_DEPLOYED=word)
    assert settings.enable_parallel_pre_search
    assert not settings.search_as_deployed


@pytest.mark.parametrize(
    ("name", "word", "said"),
    [
        ("PGVECTOR_SSL", "verify_full", "did you mean verify-full? There are disable, prefer"),
        ("PGVECTOR_SSL", "maybe", "There are disable, prefer, require, verify-ca, verify-full"),
        ("REDIS_TLS", "requires", "did you mean require? There are disable, require"),
        ("REDIS_TLS", "prefer", "There are disable, require, verify-ca, verify-full"),
    ],
)
def test_an_unknown_word_never_leaves_a_connection_open(
    monkeypatch: pytest.MonkeyPatch, name: str, word: str, said: str
) -> None:
    """It is refused, with the words that there are."""
    with pytest.raises(SettingsError) as caught:
        read(monkeypatch, **{name: word})
    assert str(caught.value).startswith(f"{name}={word!r}: {said}")


@pytest.mark.parametrize("name", ["PGVECTOR_HOST", "REDIS_HOST"])
@pytest.mark.parametrize(
    "value",
    ["postgresql://u:s3cret@h", "u:s3cret@h", "h:5432", "h/s3cret", "two hosts", "redis://h"],
)
def test_a_host_is_a_host_alone(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """An address with a password is not repeated, in whatever error."""
    with pytest.raises(SettingsError, match="needs to be a host alone") as caught:
        read(monkeypatch, **{name: value})
    with pytest.raises(ValidationError) as bare:
        Settings(pgvector_host=value)
    assert "s3cret" not in str(caught.value) + str(bare.value)


def test_an_empty_variable_is_as_if_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    """A deployment often sets all names and leaves some blank."""
    settings = read(monkeypatch, PGVECTOR_HOST="", PGVECTOR_PORT="", ENABLE_RERANK="")
    assert (settings.pgvector_host, settings.pgvector_port) == (None, 5_432)
    assert settings.enable_rerank


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PGVECTOR_PORT", "70000"),
        ("PGVECTOR_DIMENSIONS", "7"),
        ("PGVECTOR_POOL_MAX", "0"),
        ("PGVECTOR_SCHEMA", 'search"; DROP TABLE x'),
        ("PGVECTOR_PROFILES_TABLE", "candidate-profiles"),
        ("PGVECTOR_EMBEDDINGS_TABLE", "x" * 64),
        ("CACHE_EMBEDDING_TTL", "soon"),
        ("SEARCH_MIN_SIMILARITY", "1.5"),
        ("SEARCH_MIN_SIMILARITY", "nan"),
    ],
)
def test_what_cannot_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """The message holds the variable and what it was set to."""
    with pytest.raises(SettingsError) as caught:
        read(monkeypatch, **{name: value})
    assert str(caught.value).startswith(f"{name}={value!r}: ")


@pytest.mark.parametrize("url", ["localhost:8080", "ftp://host", "http://", "http:///path"])
def test_addresses_need_scheme_and_host(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """The message says what an address looks like, and does not repeat one with a password."""
    with pytest.raises(SettingsError, match=r"EMBED_SERVICE_URL: .*http://host:8080"):
        read(monkeypatch, EMBED_SERVICE_URL=url)


def test_overrides_win(monkeypatch: pytest.MonkeyPatch) -> None:
    """An argument is closer than the environment."""
    monkeypatch.setenv("PGVECTOR_PORT", "6432")
    assert Settings.from_environment(pgvector_port=7_432).pgvector_port == 7_432


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither in `repr` nor in what a run records; hosts and users may be."""
    settings = read(
        monkeypatch,
        PGVECTOR_PASSWORD="s3cret-a",
        REDIS_PASSWORD="s3cret-b",
        EMBED_SERVICE_URL="https://user:s3cret-c@embed.example/v2?key=s3cret-d",
        RERANK_SERVICE_URL="https://s3cret-e@rerank.example",
    )
    assert "s3cret" not in repr(settings) + str(settings) + repr(settings.public())
    assert settings.public()["EMBED_SERVICE_URL"] == "https://embed.example/v2"


def test_what_holds_as_deployed() -> None:
    """The index looks for 40, whatever is set; filters spare the similar, by reciprocal ranks."""
    meant, deployed = Settings(), Settings(search_as_deployed=True)
    assert (meant.ef_search, deployed.ef_search) == (300, 40)
    assert [each.filters_spare_the_similar for each in (meant, deployed)] == [False, True]
    assert not Settings(search_as_deployed=True, enable_rrf=False).filters_spare_the_similar
