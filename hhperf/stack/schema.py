"""The tables, as production has them, and the specialty taxonomy, the kit's own."""

from hhperf.search.settings import Settings
from hhperf.search.store import SPECIALTY_TABLE

EXTENSION = "CREATE EXTENSION IF NOT EXISTS vector"
SCHEMA = "CREATE SCHEMA IF NOT EXISTS {schema}"

# array_to_string is not immutable for every type, as a generated column's expression must be.
JOINED = """
CREATE FUNCTION {schema}.joined(words text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(array_to_string(words, ' '), '')
"""

PROFILES = """
CREATE TABLE {schema}.{profiles} (
    candidate_id text PRIMARY KEY,
    tenant_id text NOT NULL,
    full_name text NOT NULL,
    current_title text,
    headline text,
    location text,
    country text,
    industries text[],
    skills text[],
    years_experience double precision,
    analysis_confidence double precision,
    profile jsonb NOT NULL DEFAULT '{{}}',
    search_document tsvector GENERATED ALWAYS AS (
        setweight(to_tsvector('portuguese', coalesce(current_title, '')), 'A')
        || setweight(to_tsvector('portuguese', coalesce(headline, '')), 'B')
        || setweight(to_tsvector('portuguese', {schema}.joined(skills)), 'C')
        || setweight(to_tsvector('portuguese', {schema}.joined(industries)), 'D')
    ) STORED
)
"""

EMBEDDINGS = """
CREATE TABLE {schema}.{embeddings} (
    tenant_id text NOT NULL,
    entity_id text NOT NULL,
    embedding vector({dimensions}) NOT NULL,
    metadata jsonb NOT NULL DEFAULT '{{}}',
    chunk_type text NOT NULL DEFAULT 'default',
    updated_at timestamptz NOT NULL DEFAULT now()
)
"""

SPECIALTY_TERMS = """
CREATE TABLE {schema}.{specialty_terms} (
    term text NOT NULL,
    lang text NOT NULL,
    specialty text NOT NULL,
    weight real NOT NULL,
    PRIMARY KEY (term, lang, specialty)
)
"""

# After the rows: an index is built faster than it is kept.
INDEXES = (
    "CREATE INDEX ON {schema}.{profiles} (tenant_id, candidate_id)",
    "CREATE INDEX ON {schema}.{profiles} (lower(location))",
    "CREATE INDEX ON {schema}.{profiles} USING gin (search_document)",
    "CREATE UNIQUE INDEX ON {schema}.{embeddings} (tenant_id, entity_id, chunk_type)",
    "CREATE INDEX ON {schema}.{embeddings} USING hnsw (embedding vector_cosine_ops)"
    " WITH (m = 16, ef_construction = 64)",
)

TABLES = (EXTENSION, SCHEMA, JOINED, PROFILES, EMBEDDINGS, SPECIALTY_TERMS)


def named(statement: str, settings: Settings) -> str:
    """The statement with the settings' names in it; `Settings` has checked them."""
    return statement.format(
        schema=f'"{settings.pgvector_schema}"',
        profiles=f'"{settings.pgvector_profiles_table}"',
        embeddings=f'"{settings.pgvector_embeddings_table}"',
        specialty_terms=f'"{SPECIALTY_TABLE}"',
        dimensions=settings.pgvector_dimensions,
    )
