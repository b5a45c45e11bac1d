"""Production's environment names, read once into one frozen `Settings`.

A field's name is its environment name in lower case. With no server named, the embedded stack
serves: each of PostgreSQL, Redis, the embedding and the rerank service on its own.
"""

import re
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from hhperf.errors import SettingsError
from hhperf.masking import bare_address, masked
from hhperf.search.tls import (
    FALSE,
    TRUE,
    RedisTls,
    SslMode,
    redis_tls_of,
    root_certificate,
    ssl_mode_of,
)

EF_SEARCH_AS_DEPLOYED = 40
"""pgvector's own: the deployed service sets another where it does not hold."""

_MAY_HOLD_SECRETS = frozenset(
    {"EMBED_SERVICE_URL", "RERANK_SERVICE_URL", "PGVECTOR_HOST", "REDIS_HOST"}
)
_HOST = re.compile(r"/\S+|[A-Za-z0-9._-]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.%\w-]*")
"""A socket's folder, a name or address, or an address of IPv6."""


def _http_address(value: str) -> str:
    try:
        parts = urlsplit(value)
        is_socket = parts.scheme == "unix" and parts.path.startswith("/")
        usable = parts.scheme in {"http", "https"} and parts.hostname and (parts.port or 1) > 0
    except ValueError:  # its words have what may be a password in them
        is_socket = usable = False
    if not is_socket and not usable:
        raise ValueError("needs to be an address such as http://host:8080, or unix:/run/it.sock")
    return value


def _host(value: str) -> str:
    if not _HOST.fullmatch(value):
        raise ValueError(
            "needs to be a host alone, such as db.example: port, user, password and database have"
            " variables of their own"
        )
    return value


Host = Annotated[str, AfterValidator(_host)]
SqlName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,62}$")]
Port = Annotated[int, Field(ge=1, le=65_535)]
Positive = Annotated[int, Field(ge=1)]
NotNegative = Annotated[int, Field(ge=0)]
Url = Annotated[str, AfterValidator(_http_address)]
Share = Annotated[float, Field(ge=0, le=1)]


class Settings(BaseSettings):
    """Everything that steers a search, by production's names and with its defaults.

    Example:
        >>> hhperf.Settings(enable_rerank=False).enable_rerank
        False
    """

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_ignore_empty=True, hide_input_in_errors=True
    )

    enable_parallel_pre_search: bool = True

    pgvector_host: Host | None = None
    pgvector_port: Port = 5432
    pgvector_database: str = "postgres"
    pgvector_user: str = "postgres"
    pgvector_password: SecretStr | None = None
    pgvector_ssl: Annotated[SslMode, BeforeValidator(ssl_mode_of)] = SslMode.PREFER
    pgvector_sslrootcert: Path | None = None
    pgvector_schema: SqlName = "search"
    pgvector_embeddings_table: SqlName = "candidate_embeddings"
    pgvector_profiles_table: SqlName = "candidate_profiles"
    pgvector_dimensions: Annotated[int, Field(ge=8, le=4_096)] = 768
    pgvector_pool_max: Positive = 20
    pgvector_pool_min: NotNegative = 5
    pgvector_statement_timeout_ms: Positive = 10_000
    pgvector_connection_timeout_ms: Positive = 3_000
    pgvector_hnsw_ef_search: Annotated[int, Field(ge=1, le=1_000)] = 300

    redis_host: Host | None = None
    redis_port: Port = 6379
    redis_password: SecretStr | None = None
    redis_tls: Annotated[RedisTls, BeforeValidator(redis_tls_of)] = RedisTls.DISABLE
    redis_sslrootcert: Path | None = None
    search_redis_prefix: str = "hh:hybrid"
    cache_search_results_ttl: Positive = 600
    cache_embedding_ttl: Positive = 3_600
    cache_specialty_lookup_ttl: Positive = 86_400
    cache_rerank_scores_ttl: Positive = 21_600

    embed_service_url: Url | None = Field(default=None, repr=False)
    embed_service_timeout_ms: Positive = 15_000
    embed_service_retries: NotNegative = 2
    rerank_service_url: Url | None = Field(default=None, repr=False)
    rerank_service_timeout_ms: Positive = 15_000
    enable_rerank: bool = True

    enable_rrf: bool = True
    search_rrf_k: Positive = 60
    search_per_method_limit: Positive = 300
    search_min_similarity: Share = 0.25
    search_max_results: Positive = 50
    search_as_deployed: bool = False
    pipeline_scoring_limit: Positive = 100
    pipeline_rerank_limit: Positive = 50

    @field_validator(
        "enable_parallel_pre_search", "enable_rerank", "enable_rrf", "search_as_deployed",
        mode="before",
    )  # fmt: skip
    @classmethod
    def _flag(cls, value: Any, info: Any) -> bool:
        """Production's reading of a flag: a word it does not know leaves the default."""
        word = str(value).strip().lower()
        if word in TRUE | FALSE:
            return word in TRUE
        return bool(cls.model_fields[info.field_name].default)

    @field_validator("pgvector_sslrootcert", "redis_sslrootcert")
    @classmethod
    def _certificates(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        """Those that go with the mode before them; a mode that cannot be used is told already."""
        before = {"pgvector_sslrootcert": "pgvector_ssl", "redis_sslrootcert": "redis_tls"}
        mode = info.data.get(before[str(info.field_name)])
        return value if mode is None else root_certificate(value, mode)

    @classmethod
    def from_environment(cls, **overrides: Any) -> Self:
        """Read the environment; overrides are fields by name and win.

        Raises:
            SettingsError: a variable has a value that cannot be used; the message names it.
        """
        try:
            return cls(**overrides)
        except ValidationError as error:
            problem = error.errors(include_url=False, include_context=False)[0]
            name = str(problem["loc"][0]).upper()
            shown = "" if name in _MAY_HOLD_SECRETS else f"={masked(repr(problem['input']))}"
            said = problem["msg"].removeprefix("Value error, ")
            raise SettingsError(f"{name}{shown}: {said}") from None

    @property
    def ef_search(self) -> int:
        """How many nearest the vector index looks for: what is set, or what holds as deployed."""
        return EF_SEARCH_AS_DEPLOYED if self.search_as_deployed else self.pgvector_hnsw_ef_search

    @property
    def filters_spare_the_similar(self) -> bool:
        """Whether who is similar enough passes whatever the filters say.

        As deployed, in the statement with reciprocal ranks, `similar OR found by text AND filters`
        lacks parentheses; the one with the weighted sum has them.
        """
        return self.search_as_deployed and self.enable_rrf

    def public(self) -> dict[str, Any]:
        """Every setting by its environment name, secrets left out: what a run records."""
        shown = self.model_dump(mode="json", exclude={"pgvector_password", "redis_password"})
        for name in ("embed_service_url", "rerank_service_url"):
            shown[name] = bare_address(shown[name] or "") or None
        return {name.upper(): value for name, value in shown.items()}
