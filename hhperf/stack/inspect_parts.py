"""Looks at the parts of a stack that answer: the database's inside, and what services say."""

from collections.abc import Collection, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import asyncpg

from hhperf.search.connect import Endpoints
from hhperf.search.embedding import vector_of
from hhperf.search.model import Caller
from hhperf.search.provider import EMBED_PATH, RERANK_PATH, JsonProvider, ProviderError
from hhperf.search.rerank import scores_of
from hhperf.search.settings import Settings
from hhperf.search.statements import SPECIALTY_TABLE, session_settings, statements
from hhperf.search.store import STORE_ERRORS
from hhperf.stack import schema
from hhperf.workload.shipped import data_dir


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at.

    Attributes:
        check: what was looked at.
        ok: whether it is as it should be.
        message: what was found.
        remedy: how to mend it where it is not as it should be.
    """

    check: str
    ok: bool
    message: str
    remedy: str = ""


PROFILE_COLUMNS = (
    "candidate_id", "tenant_id", "full_name", "current_title", "headline", "location", "country",
    "industries", "skills", "years_experience", "analysis_confidence", "profile",
    "search_document",
)  # fmt: skip
EMBEDDING_COLUMNS = ("tenant_id", "entity_id", "embedding")
SPECIALTY_COLUMNS = ("term", "lang", "specialty", "weight")

OLDEST_PGVECTOR = (0, 8)
"""The first with iterative scans, which every connection asks for."""

EXTENSION = """
SELECT extversion AS version, nspname AS schema
FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace
WHERE extname = 'vector'
"""

COLUMNS = """
SELECT attname AS name, format_type(atttypid, atttypmod) AS type
FROM pg_attribute
WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped
"""

HAS_ROWS = """
SELECT EXISTS (SELECT FROM {schema}.{profiles}) AND EXISTS (SELECT FROM {schema}.{embeddings})
"""
DIMENSIONS_OF_A_ROW = "SELECT vector_dims(embedding) FROM {schema}.{embeddings} LIMIT 1"

# The setting is checked when the library is loaded, which the first vector does.
EF_SEARCH = "SELECT current_setting('hnsw.ef_search') FROM (SELECT '[1]'::vector) AS loaded"


async def inspect_database(settings: Settings, where: Mapping[str, Any]) -> list[Finding]:
    """Look at pgvector, tables, columns, statements and session settings.

    Args:
        settings: names and dimensions.
        where: asyncpg's connection arguments of a server that answers.
    """
    try:
        connection = await asyncpg.connect(
            **where,
            timeout=settings.pgvector_connection_timeout_ms / 1e3,
            command_timeout=settings.pgvector_statement_timeout_ms / 1e3,
            server_settings=session_settings(settings),
        )
    except STORE_ERRORS as error:
        remedy = (
            "let the server, or the pooler in front of it, accept these settings when a connection"
            f" is opened: {', '.join(session_settings(settings))}"
        )
        return [Finding("session settings", False, str(error), remedy)]
    try:
        return await _inspect(connection, settings)
    except STORE_ERRORS as error:
        remedy = "check what PGVECTOR_USER may read, and the server's log"
        return [Finding("database", False, str(error), remedy)]
    finally:
        await connection.close()


async def _inspect(connection: Any, settings: Settings) -> list[Finding]:
    extension = await _extension(connection)
    if not extension.ok:
        return [extension]
    tables = settings.pgvector_profiles_table, settings.pgvector_embeddings_table
    profiles, embeddings, taxonomy = [
        await _columns(connection, settings, table) for table in (*tables, SPECIALTY_TABLE)
    ]
    findings = [
        extension,
        await _ef_search(connection, settings),
        _table("profiles table", tables[0], profiles, PROFILE_COLUMNS),
        _table("embeddings table", tables[1], embeddings, EMBEDDING_COLUMNS),
    ]
    if all(each.ok for each in findings[2:]):
        findings += [
            await _dimensions(connection, settings, embeddings["embedding"]),
            await _statements(connection, settings),
            await _rows(connection, settings),
        ]
    return [*findings, _taxonomy(settings, taxonomy)]


async def _extension(connection: Any) -> Finding:
    row = await connection.fetchrow(EXTENSION)
    if row is None:
        remedy = "install pgvector on the server, then: CREATE EXTENSION vector"
        return Finding("pgvector", False, "not installed in this database", remedy)
    if row["schema"] != "public":
        remedy = "ALTER EXTENSION vector SET SCHEMA public"
        return Finding("pgvector", False, f"in the schema {row['schema']}", remedy)
    is_new = tuple(map(int, row["version"].split(".")[:2])) >= OLDEST_PGVECTOR
    remedy = "install pgvector 0.8 or newer on the server, then: ALTER EXTENSION vector UPDATE"
    return Finding("pgvector", is_new, row["version"], remedy)


async def _ef_search(connection: Any, settings: Settings) -> Finding:
    held = await connection.fetchval(EF_SEARCH)
    return Finding(
        "hnsw.ef_search",
        held == str(settings.ef_search),
        f"{held} on a connection, {settings.ef_search} asked for",
        "connect to the server itself: a pooler between drops what a connection is opened with",
    )


async def _columns(connection: Any, settings: Settings, table: str) -> dict[str, str]:
    """Each column's type by its name; empty when there is no such table."""
    name = f'"{settings.pgvector_schema}"."{table}"'
    return {row["name"]: row["type"] for row in await connection.fetch(COLUMNS, name)}


def _table(check: str, table: str, found: Mapping[str, str], needed: tuple[str, ...]) -> Finding:
    missing = [column for column in needed if column not in found]
    if not found:
        remedy = "check PGVECTOR_DATABASE, PGVECTOR_SCHEMA and the PGVECTOR_..._TABLE names"
        return Finding(check, False, f"there is no table {table}", remedy)
    if missing:
        remedy = f"add to {table}: {', '.join(missing)}"
        return Finding(check, False, f"{table} lacks {', '.join(missing)}", remedy)
    return Finding(check, True, f"{table} has every column")


async def _dimensions(connection: Any, settings: Settings, declared: str) -> Finding:
    wanted = f"vector({settings.pgvector_dimensions})"
    found = declared if "(" in declared else await _of_a_row(connection, settings, declared)
    remedy = "set PGVECTOR_DIMENSIONS to the table's, and use the model that made its embeddings"
    return Finding("dimensions", found == wanted, f"{found}, {wanted} asked for", remedy)


async def _of_a_row(connection: Any, settings: Settings, declared: str) -> str:
    """The type with the dimensions of one row, where the column leaves them open."""
    if declared != "vector":
        return declared
    one = await connection.fetchval(schema.named(DIMENSIONS_OF_A_ROW, settings))
    return f"vector({one})" if one else "vector without a row"


async def _statements(connection: Any, settings: Settings) -> Finding:
    """Have the server prepare every statement of a search: names and types fit then."""
    for name, statement in statements(settings).items():
        if name == "specialty":  # its table may be missing, and has a finding of its own
            continue
        try:
            await connection.prepare(statement)
        except asyncpg.PostgresError as error:
            remedy = "give the columns named the types that production's have"
            return Finding("statements", False, f"{name}: {error}", remedy)
    return Finding("statements", True, "the server takes every statement of a search")


async def _rows(connection: Any, settings: Settings) -> Finding:
    has_rows = await connection.fetchval(schema.named(HAS_ROWS, settings))
    found = "candidates and embeddings" if has_rows else "no candidates, or no embeddings"
    return Finding("rows", has_rows, found, "fill the tables: a search would find nobody")


def _taxonomy(settings: Settings, found: Mapping[str, str]) -> Finding:
    finding = _table("specialty taxonomy", SPECIALTY_TABLE, found, SPECIALTY_COLUMNS)
    if finding.ok:
        return finding
    create = " ".join(schema.named(schema.SPECIALTY_TERMS, settings).split())
    remedy = (
        "a search goes on without a specialty, and its specialty stage fails fast instead of"
        f" looking one up. To give it one: {create}; and copy the columns specialty, lang, term and"
        f" weight into it from {data_dir() / 'taxonomy.tsv'}"
    )
    return Finding(finding.check, False, finding.message, remedy)


CALLER = Caller("hhperf-doctor", "hhperf-doctor")
TEXT = "python developer"
PERSON = {"candidateId": "1", "title": TEXT, "headline": "", "skills": ["python"], "score": 0.5}
EMBED_BODY = {"text": TEXT, "metadata": {"source": "hhperf-doctor"}}
RERANK_BODY = {"jobDescription": TEXT, "query": TEXT, "limit": 1, "candidates": [PERSON]}


async def inspect_providers(
    settings: Settings, where: Endpoints, answering: Collection[str]
) -> list[Finding]:
    """Ask each service that answers at all for one embedding, or one ranking."""
    findings = []
    if "embedding" in answering:
        findings.append(await _embedding(settings, where.embed_url))
    if "rerank" in answering and settings.enable_rerank:
        findings.append(await _ranking(settings, where.rerank_url))
    return findings


async def _embedding(settings: Settings, url: str) -> Finding:
    dimensions = settings.pgvector_dimensions
    try:
        timeout_s = settings.embed_service_timeout_ms / 1e3
        answer = await _answer(url, timeout_s, EMBED_PATH, EMBED_BODY)
        vector_of(answer.get("embedding"), dimensions)
    except (ProviderError, ValueError) as error:
        message = f"an embedding {error}" if isinstance(error, ValueError) else str(error)
        remedy = (
            "let EMBED_SERVICE_URL name a service whose model has PGVECTOR_DIMENSIONS"
            f" ({dimensions}) numbers a text, the same that made the table's embeddings"
        )
        return Finding("embedding answers", False, message, remedy)
    return Finding("embedding answers", True, f"{dimensions} numbers a text")


async def _ranking(settings: Settings, url: str) -> Finding:
    try:
        timeout_s = settings.rerank_service_timeout_ms / 1e3
        scores_of(await _answer(url, timeout_s, RERANK_PATH, RERANK_BODY))
    except ProviderError as error:
        remedy = "check RERANK_SERVICE_URL, or search without reranking: ENABLE_RERANK=false"
        return Finding("rerank answers", False, str(error), remedy)
    return Finding("rerank answers", True, "a score for each candidate")


async def _answer(
    url: str, timeout_s: float, path: str, body: Mapping[str, Any]
) -> Mapping[str, Any]:
    async with aclosing(JsonProvider.connect(url, timeout_s)) as provider:
        return await provider.post(path, body, CALLER)
