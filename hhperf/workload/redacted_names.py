"""What a redaction does with each field of a log, by name, and what that does to the workload."""

from typing import Literal

Kept = Literal[
    "tenant", "session", "request_id", "source", "query", "jobDescription", "jdHash", "embedding",
    "signalWeights", "filters", "skills", "locations", "countries", "industries", "seniorityLevels",
    "metadata",
]  # fmt: skip
"""Fields that a redaction can be told to keep; from `skills` on they are filters."""

PLAIN = frozenset({"limit", "offset", "includeDebug", "roleType", "enableNlp", "anonymizedView"})
"""Fields of a body that hold no words of anybody's: numbers, switches, one of few values."""

FILTERS = {
    "skills": False,
    "locations": False,
    "countries": False,
    "industries": False,
    "seniorityLevels": False,
    "metadata": False,
    "minExperienceYears": True,
    "maxExperienceYears": True,
}
"""Whether a filter holds no words of anybody's; `tests` hold that no filter is missing."""

REPLACED = {
    "tenant": "are pseudonyms: no database has candidates of theirs, so that searches find nothing,"
    " unless it is filled for these names; --keep tenant keeps them",
    "session": "are pseudonyms, which changes nothing that is measured",
    "request_id": "are pseudonyms, so that modelled delays are drawn anew",
    "query": "are words that nobody uses: text search finds nothing, vector search others, and no"
    " specialty is recognised",
    "jobDescription": "are words that nobody uses: no country or specialty is recognised",
    "jdHash": "are pseudonyms, which repeat as before",
    "embedding": "point elsewhere: vector search finds others",
    "signalWeights": "are words that nobody uses",
    "filters": "match nothing, so that those searches return nobody, and rank and rerank nobody:"
    " less work than was logged; --keep-filters keeps them",
    "unknown": "are dropped",
}
"""What became of a field, and what that does to the workload."""
