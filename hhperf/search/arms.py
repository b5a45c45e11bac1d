"""The arms: the same stages, and of each arm what waits for what besides its inputs."""

from collections.abc import Mapping

from hhperf.search.order import Order, Stage
from hhperf.search.settings import Settings
from hhperf.search.stages import Stages

TWO_STATEMENTS: Mapping[str, Stage] = {
    "embedding": Stage(Stages.embedding),
    "vector": Stage(Stages.vector_search, ("embedding",)),
    "text": Stage(Stages.text_search),
    "specialty": Stage(Stages.specialty),
    "fusion": Stage(Stages.fuse, ("vector", "text")),
    "hydration": Stage(Stages.hydrate, ("fusion",)),
    "ranking": Stage(Stages.rank, ("hydration", "specialty")),
    "rerank": Stage(Stages.rerank, ("ranking",)),
}
"""The stages that a schedule of one's own orders."""

_ONE_STATEMENT: Mapping[str, Stage] = {
    **{name: stage for name, stage in TWO_STATEMENTS.items() if name not in ("vector", "text")},
    "statement": Stage(Stages.both_searches, ("embedding",)),
    "fusion": Stage(Stages.fuse_both, ("statement",)),
}
_COUNTED_STATEMENT: Mapping[str, Stage] = {
    **_ONE_STATEMENT,
    "statement": Stage(Stages.counted_searches, ("embedding",)),
}
_AS_SHIPPED: Mapping[str, Stage] = {
    **_COUNTED_STATEMENT,
    "specialty": Stage(Stages.no_specialty),
}

WHOLE_ARMS: Mapping[str, Order] = {
    # one stage after another
    "sequential": Order(
        TWO_STATEMENTS, specialty=["embedding"], vector=["specialty"], text=["vector"]
    ),
    # the plan: both lookups at once, and when both are there, both searches at once
    "parallel": Order(TWO_STATEMENTS, vector=["specialty"], text=["embedding", "specialty"]),
    # each stage as soon as its inputs exist: none is shorter while connections are free; where
    # requests wait for connections, one that holds them later may be
    "eager": Order(TWO_STATEMENTS),
    # as deployed: both lookups at once, then a count and both searches in one statement
    "single_statement": Order(_COUNTED_STATEMENT, statement=["specialty"]),
    # the same without the count, which tells what the count costs
    "single_statement_without_count": Order(_ONE_STATEMENT, statement=["specialty"]),
}
"""Every stage in them does its work, so all give the same answers."""

ARMS: Mapping[str, Order] = {
    **WHOLE_ARMS,
    # the plan as it was shipped, its flag off and on: the specialty lookup is a placeholder
    "as_shipped_sequential": Order(_AS_SHIPPED, specialty=["embedding"], statement=["specialty"]),
    "as_shipped": Order(_AS_SHIPPED, statement=["specialty"]),
}

ALONE = ("cache", "fusion", "hydration", "ranking", "rerank")
"""The stages that no schedule overlaps with another."""


def deployed_arm(settings: Settings) -> str:
    """The arm that the feature flag `ENABLE_PARALLEL_PRE_SEARCH` chooses."""
    return "parallel" if settings.enable_parallel_pre_search else "sequential"
