"""The tables have what the deployed service wants of them."""

from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from hhperf.stack.stack import Stack

pytestmark = pytest.mark.asyncio(loop_scope="session")

WANTED = {
    "candidate_profiles": {
        "candidate_id", "tenant_id", "full_name", "current_title", "headline", "location",
        "country", "industries", "skills", "years_experience", "analysis_confidence", "profile",
        "search_document", "legal_basis", "consent_record", "transfer_mechanism", "updated_at",
    },
    "candidate_embeddings": {
        "id", "tenant_id", "entity_id", "embedding", "metadata", "chunk_type", "updated_at",
        "embedding_text", "model_version", "created_at",
    },
}  # fmt: skip
COLUMNS = """
SELECT column_name FROM information_schema.columns
WHERE table_schema = 'search' AND table_name = $1
"""
WEIGHTED = (
    "SELECT count(*) FROM search.candidate_profiles WHERE search_document::text ~ ':[^ ]*[A-C]'"
)
ROW_BYTES = """
SELECT pg_relation_size('search.candidate_embeddings') / count(*) FROM search.candidate_embeddings
"""


@pytest_asyncio.fixture(loop_scope="session")
async def connection(stack: Stack) -> Any:
    """One to the shared database."""
    opened = await asyncpg.connect(**stack.endpoints.postgres)
    yield opened
    await opened.close()


@pytest.mark.parametrize("table", WANTED)
async def test_no_column_is_missing(connection: Any, table: str) -> None:
    """And none is there that nobody knows."""
    assert {name for (name,) in await connection.fetch(COLUMNS, table)} == WANTED[table]


async def test_documents_have_no_weights(connection: Any) -> None:
    """D, which is the weight of a plain text, is not written out."""
    assert await connection.fetchval(WEIGHTED) == 0


async def test_rows_of_embeddings_are_small(connection: Any) -> None:
    """Vectors lie aside, and no text in the row: else the planner would leave the index."""
    assert await connection.fetchval(ROW_BYTES) < 250
