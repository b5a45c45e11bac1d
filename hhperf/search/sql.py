"""The statements of the search, one constant each. `{name}` is a checked table name."""

VECTOR_SEARCH = """
SELECT entity_id AS candidate_id, 1 - min(distance) AS score
FROM (
    SELECT entity_id, embedding <=> $2 AS distance
    FROM {embeddings}
    WHERE tenant_id = $1
    ORDER BY embedding <=> $2
    LIMIT $3
) AS nearest
GROUP BY entity_id
ORDER BY score DESC, candidate_id
"""

TEXT_SEARCH = """
SELECT candidate_id, ts_rank_cd(search_document, question)::float8 AS score
FROM {profiles}, plainto_tsquery('portuguese', $2) AS question
WHERE tenant_id = $1 AND search_document @@ question
ORDER BY score DESC{tie}
LIMIT $3
"""

# What the deployed service asks before its statement: it reads every row of the tenant.
DIAGNOSTIC_COUNT = """
SELECT count(*) AS candidates, count(search_document) AS documents,
       count(*) FILTER (WHERE search_document @@ plainto_tsquery('portuguese', $2)) AS matching
FROM {profiles}
WHERE tenant_id = $1
"""

# One statement with both searches, as deployed today; it takes the two above as they are.
BOTH_SEARCHES = """
WITH vector_hits AS MATERIALIZED ({vector_search}), text_hits AS MATERIALIZED ({text_search})
SELECT 'vector' AS method, candidate_id, score, row_number() OVER () AS place FROM vector_hits
UNION ALL
SELECT 'text' AS method, candidate_id, score, row_number() OVER () AS place FROM text_hits
ORDER BY method, place
"""

# A left join, so that the total is known even for a page past the end. No filter holds for whoever
# is spared.
HYDRATION = """
WITH kept AS MATERIALIZED (
    SELECT wanted.place, profile.*
    FROM unnest($2::text[], $3::boolean[]) WITH ORDINALITY AS wanted (candidate_id, spared, place)
    JOIN {profiles} AS profile USING (candidate_id)
    WHERE profile.tenant_id = $1
      AND (
          spared
          OR (
              ($4::text[] IS NULL OR skills @> $4)
              AND ($5::text[] IS NULL OR lower(location) = ANY ($5))
              AND ($6::text[] IS NULL OR country IS NULL OR country = ANY ($6))
              AND ($7::text[] IS NULL OR industries && $7)
              AND ($8::text[] IS NULL OR profile.profile ->> 'seniority' = ANY ($8))
              AND ($9::float8 IS NULL OR coalesce(years_experience::float8, 0) >= $9)
              AND ($10::float8 IS NULL OR coalesce(years_experience::float8, 0) <= $10)
              AND ($11::jsonb IS NULL OR profile.profile @> $11)
          )
      )
)
SELECT found.total, page.*
FROM (SELECT count(*) AS total FROM kept) AS found
LEFT JOIN (
    SELECT place, candidate_id, full_name, current_title, headline, location, country, industries,
           skills, years_experience::float8, analysis_confidence::float8, profile
    FROM kept
    ORDER BY place
    LIMIT $12 OFFSET $13
) AS page ON true
ORDER BY page.place
"""

SPECIALTY_LOOKUP = """
SELECT specialty
FROM {specialty_terms}
WHERE term = ANY ($1)
ORDER BY weight DESC, length(term) DESC, specialty
LIMIT 1
"""

VERSIONS = """
SELECT current_setting('server_version') AS server,
       (SELECT extversion FROM pg_extension WHERE extname = 'vector') AS vector
"""
