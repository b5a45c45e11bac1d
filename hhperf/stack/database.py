"""Whether a database is one that can be searched: pgvector, tables, columns, settings."""

from collections.abc import Mapping
from typing import Any

import asyncpg

from hhperf.search.store import SPECIALTY_TABLE, STORE_ERRORS, session_settings
from hhperf.settings import Settings
from hhperf.stack.finding import Finding, fine, wrong

TIMEOUT_S = 5.0

PROFILE_COLUMNS = frozenset({
    "candidate_id", "tenant_id", "full_name", "current_title", "headline", "location", "country",
    "industries", "skills", "years_experience", "analysis_confidence", "profile", "search_document",
})  # fmt: skip
EMBEDDING_COLUMNS = frozenset({"tenant_id", "entity_id", "embedding"})
SPECIALTY_COLUMNS = frozenset({"term", "specialty", "weight"})

COLUMNS = (
    "SELECT column_name FROM information_schema.columns WHERE (table_schema, table_name) = ($1, $2)"
)

DIMENSIONS = """
SELECT atttypmod FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = 'embedding'
"""

NEAREST_INDEX = """
SELECT count(*)
FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_am ON pg_am.oid = relam
WHERE indrelid = to_regclass($1) AND amname = 'hnsw' AND indisvalid
"""

DICTIONARY = "SELECT count(*) FROM pg_ts_config WHERE cfgname = 'portuguese'"


async def examine(where: Mapping[str, Any], settings: Settings) -> list[Finding]:
    """Look at a database that answers; a check that cannot be made is a finding too."""
    try:
        connection = await asyncpg.connect(
            **where, timeout=TIMEOUT_S, server_settings=session_settings(settings)
        )
    except STORE_ERRORS as error:
        return [wrong("database", f"{type(error).__name__}: {error}", "mend what is named first")]
    try:
        return [
            await _extension(connection),
            await _dictionary(connection),
            *[await _table(connection, settings, *each) for each in _tables(settings)],
            await _dimensions(connection, settings),
            await _index(connection, settings),
            await _ef_search(connection, settings),
        ]
    except STORE_ERRORS as error:
        return [
            wrong(
                "database",
                f"{type(error).__name__}: {error}",
                "give PGVECTOR_USER the right to read the catalogs",
            )
        ]
    finally:
        await connection.close()


def _tables(settings: Settings) -> list[tuple[str, frozenset[str], str]]:
    return [
        (settings.pgvector_profiles_table, PROFILE_COLUMNS, "PGVECTOR_PROFILES_TABLE"),
        (settings.pgvector_embeddings_table, EMBEDDING_COLUMNS, "PGVECTOR_EMBEDDINGS_TABLE"),
        (SPECIALTY_TABLE, SPECIALTY_COLUMNS, ""),
    ]


async def _extension(connection: Any) -> Finding:
    version = await connection.fetchval(
        "SELECT extversion FROM pg_extension WHERE extname = 'vector'"
    )
    if version is None:
        return wrong("pgvector", "is not installed in this database", "run CREATE EXTENSION vector")
    return fine("pgvector", str(version))


async def _dictionary(connection: Any) -> Finding:
    if not await connection.fetchval(DICTIONARY):
        return wrong(
            "dictionary", "'portuguese' is missing", "install PostgreSQL's own dictionaries"
        )
    return fine("dictionary", "portuguese")


async def _table(
    connection: Any, settings: Settings, table: str, columns: frozenset[str], variable: str
) -> Finding:
    schema = settings.pgvector_schema
    found = {row[0] for row in await connection.fetch(COLUMNS, schema, table)}
    name = f"{schema}.{table}"
    missing = ", ".join(sorted(columns - found))
    if not found:
        other = f", or name another by PGVECTOR_SCHEMA and {variable}" if variable else ""
        return wrong(f"table {name}", "is not there", f"create and fill it{other}")
    if missing:
        return wrong(f"table {name}", f"has no {missing}", "add what is missing")
    return fine(f"table {name}", "has every column")


async def _dimensions(connection: Any, settings: Settings) -> Finding:
    found = await connection.fetchval(DIMENSIONS, _embeddings(settings))
    wanted = settings.pgvector_dimensions
    if found != wanted:
        return wrong(
            "dimensions", f"embedding is vector({found}), not vector({wanted})",
            "set PGVECTOR_DIMENSIONS to the column's, and use a model that has as many",
        )  # fmt: skip
    return fine("dimensions", str(found))


async def _index(connection: Any, settings: Settings) -> Finding:
    if not await connection.fetchval(NEAREST_INDEX, _embeddings(settings)):
        return wrong(
            "HNSW index", "the embeddings have none: every vector search reads them all",
            f"run CREATE INDEX ON {_embeddings(settings)} USING hnsw (embedding vector_cosine_ops)",
        )  # fmt: skip
    return fine("HNSW index", "is there")


async def _ef_search(connection: Any, settings: Settings) -> Finding:
    """With pgvector loaded: without it the server takes any setting of that name."""
    await connection.execute("SELECT '[1]'::vector")
    await connection.reset()  # as a pool does
    found = await connection.fetchval("SELECT current_setting('hnsw.ef_search', true)")
    wanted = str(settings.pgvector_hnsw_ef_search)
    if found != wanted:
        return wrong(
            "hnsw.ef_search", f"is {found} after it was set to {wanted}",
            "let the server, or the pooler before it, accept settings at connect",
        )  # fmt: skip
    return fine("hnsw.ef_search", f"{found}, and it holds")


def _embeddings(settings: Settings) -> str:
    return f'"{settings.pgvector_schema}"."{settings.pgvector_embeddings_table}"'
