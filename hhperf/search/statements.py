"""The statements of the search under the settings' names, and what a connection is opened with."""

from hhperf.search import sql
from hhperf.search.settings import Settings

SPECIALTY_TABLE = "specialty_terms"


def statements(settings: Settings) -> dict[str, str]:
    """Every statement with the settings' table names in it, by name."""
    schema = settings.pgvector_schema
    tables = {
        "embeddings": f'"{schema}"."{settings.pgvector_embeddings_table}"',
        "profiles": f'"{schema}"."{settings.pgvector_profiles_table}"',
        "specialty_terms": f'"{schema}"."{SPECIALTY_TABLE}"',
    }
    vector = sql.VECTOR_SEARCH.format(**tables)
    # As deployed, the planner decides who comes first among equals.
    tie = "" if settings.search_as_deployed else ", candidate_id"
    text = sql.TEXT_SEARCH.format(**tables, tie=tie)
    # In the joint statement the text search's arguments come after the vector search's.
    text_after_vector = text.replace("$3", "$5").replace("$2", "$4")
    return {
        "vector_search": vector,
        "text_search": text,
        "diagnostic_count": sql.DIAGNOSTIC_COUNT.format(**tables),
        "both_searches": sql.BOTH_SEARCHES.format(
            vector_search=vector, text_search=text_after_vector
        ),
        "hydration": sql.HYDRATION.format(**tables),
        "specialty": sql.SPECIALTY_LOOKUP.format(**tables),
    }


def session_settings(settings: Settings) -> dict[str, str]:
    """What every connection is opened with.

    Given at connect: a setting made by SET is lost when asyncpg resets its session, and one made by
    SET LOCAL outside a transaction never held. Plans are made for each execution, as a client
    without prepared statements has them: all arms then run the same plans from the first request to
    the last. As deployed, the index looks for 40 and no further, however few of them are the
    tenant's.
    """
    return {
        "application_name": "hhperf",
        "hnsw.ef_search": str(settings.ef_search),
        "hnsw.iterative_scan": "off" if settings.search_as_deployed else "strict_order",
        "plan_cache_mode": "force_custom_plan",
        "statement_timeout": str(settings.pgvector_statement_timeout_ms),
    }
