"""The deployed service's retrieval once more, as plain SQL, to compare the search with.

Written from the description of that service and from nothing of `hhperf.search`: documents are made
anew from the columns they are made of, countries are read by patterns of its own, and fusion is
done by the database. The schedules and statements under test have to come to the same pages.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
from pgvector.asyncpg import register_vector

from hhperf.stack.embedder import Embedder

Body = Mapping[str, Any]

DOCUMENTS = """
CREATE TEMP TABLE documents AS
SELECT candidate_id, tenant_id,
       to_tsvector('portuguese', concat(
           current_title, ' ', headline, ' ', array_to_string(skills, ' '), ' ',
           array_to_string(industries, ' '))) AS document
FROM search.candidate_profiles
"""

# Rows stored whole are compared faster than long ones stored apart. No index finds the
# nearest by chance: in a database as small as the tests' the planner does without one as well.
VECTORS = """
CREATE TEMP TABLE vectors (tenant_id text, entity_id text, embedding public.vector STORAGE PLAIN);
INSERT INTO vectors SELECT tenant_id, entity_id, embedding FROM search.candidate_embeddings
"""

RETRIEVAL = """
WITH near AS (
    SELECT entity_id AS id, 1 - (embedding <=> $2) AS similarity
    FROM vectors
    WHERE tenant_id = $1
    ORDER BY embedding <=> $2
    LIMIT 300
), by_vector AS (
    SELECT id, similarity, row_number() OVER (ORDER BY similarity DESC, id) AS place FROM near
), matching AS (
    SELECT candidate_id AS id,
           ts_rank_cd(document, plainto_tsquery('portuguese', $3))::float8 AS relevance
    FROM documents
    WHERE tenant_id = $1 AND document @@ plainto_tsquery('portuguese', $3)
    ORDER BY relevance DESC {tie}
    LIMIT 300
), by_text AS (
    SELECT id, relevance, row_number() OVER (ORDER BY relevance DESC {tie}) AS place FROM matching
), fused AS (
    SELECT id, coalesce(similarity, 0) AS similarity, coalesce(relevance, 0) AS relevance,
           coalesce(1::float8 / (60 + by_vector.place), 0)
           + coalesce(1::float8 / (60 + by_text.place), 0) AS score
    FROM by_vector FULL JOIN by_text USING (id)
), kept AS (
    SELECT fused.*
    FROM fused JOIN search.candidate_profiles AS person ON person.candidate_id = fused.id
    WHERE {kept}
)
SELECT id, similarity, relevance, score
FROM kept
ORDER BY score DESC, id
LIMIT $4 OFFSET $5
"""

MEANT = "({similar} OR relevance > 0) AND {filters}"
AS_DEPLOYED = "{similar} OR relevance > 0 AND {filters}"

CITIES = {
    "Brazil": (
        "brazil|brasil|s[ãa]o paulo|rio de janeiro|bras[íi]lia|belo horizonte|porto alegre|recife"
        "|campinas|s[ãa]o jos[ée] dos campos|florian[óo]polis|joinville|goi[âa]nia|salvador"
        "|curitiba|fortaleza|manaus|jo[ãa]o pessoa|ribeir[ãa]o preto|uberl[âa]ndia"
    ),
    "United States": "united states|new york|san francisco|austin|boston|chicago|seattle|miami",
}
LOCATED = r"\b(?:based in|located in|position in|role in|office in|location:)\s*(?:{places})\b"


@dataclass(frozen=True, slots=True)
class Found:
    """One candidate of a page, with the scores that put them there."""

    candidate_id: str
    similarity: float
    relevance: float
    score: float


@dataclass(frozen=True, slots=True)
class Oracle:
    """Answers requests on one connection.

    Attributes:
        as_deployed: with the slips of the deployed service: filters that spare who is similar
            enough, seniority that is not applied, and ties of text ranks left to the planner.
        least_similarity: from which on a candidate is kept who was not found by text.
    """

    connection: Any
    embedder: Embedder
    as_deployed: bool = False
    least_similarity: float = 0.25

    async def page(self, tenant: str, body: Body) -> list[Found]:
        """The candidates of the page that the body asks for."""
        query = (body.get("query") or "").strip()
        text = query or body["jobDescription"]
        conditions, values = self._filters(body)
        rows = await self.connection.fetch(
            RETRIEVAL.format(
                tie="" if self.as_deployed else ", id",
                kept=(AS_DEPLOYED if self.as_deployed else MEANT).format(
                    similar=f"similarity >= {self.least_similarity}",
                    filters=" AND ".join(conditions),
                ),
            ),
            tenant,
            self.embedder.embed([text])[0],
            query,
            min(body.get("limit", 20), 50),
            body.get("offset", 0),
            *values,
        )
        return [Found(*row) for row in rows]

    def _filters(self, body: Body) -> tuple[list[str], list[Any]]:
        asked = body.get("filters") or {}
        countries = given(asked.get("countries")) or country_of(body.get("jobDescription") or "")
        places = [each.lower() for each in given(asked.get("locations"))]
        seniority = [] if self.as_deployed else asked.get("seniorityLevels")
        metadata = json.dumps(asked["metadata"]) if asked.get("metadata") else None
        possible = (
            ("person.skills @> ${}::text[]", asked.get("skills") or None),
            ("lower(person.location) = ANY (${}::text[])", places or None),
            ("(person.country IS NULL OR person.country = ANY (${}::text[]))", countries or None),
            ("person.industries && ${}::text[]", asked.get("industries") or None),
            ("person.profile ->> 'seniority' = ANY (${}::text[])", seniority or None),
            ("coalesce(person.years_experience, 0) >= ${}", asked.get("minExperienceYears")),
            ("coalesce(person.years_experience, 0) <= ${}", asked.get("maxExperienceYears")),
            ("person.profile @> ${}::jsonb", metadata),
        )
        wanted = [(condition, value) for condition, value in possible if value is not None]
        numbered = [each.format(number) for number, (each, _) in enumerate(wanted, start=6)]
        return ["true", *numbered], [value for _, value in wanted]


def given(names: Sequence[str] | None) -> list[str]:
    """The names, trimmed; a blank one is none."""
    return [name.strip() for name in names or () if name.strip()]


def country_of(description: str) -> list[str]:
    """The country that a job description says it is in, else one that it mentions."""
    patterns = [LOCATED, r"\b(?:{places})\b"]
    for pattern in patterns:
        for country, places in CITIES.items():
            if re.search(pattern.format(places=places), description, re.IGNORECASE):
                return [country]
    return []


async def open_oracle(where: Mapping[str, Any]) -> Oracle:
    """An oracle on a connection of its own, with the documents made; the caller closes it."""
    connection = await asyncpg.connect(**where)
    await register_vector(connection)
    await connection.execute(DOCUMENTS)
    await connection.execute(VECTORS)
    await connection.execute("CREATE INDEX ON documents USING gin (document)")
    await connection.execute("ANALYZE documents, vectors")
    await connection.execute("SET plan_cache_mode = force_custom_plan")
    return Oracle(connection, Embedder())
