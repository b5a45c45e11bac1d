"""What each stage waits for: for its inputs, and under the schedule of each arm."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

Waits = Mapping[str, Sequence[str]]

INPUTS: Waits = {
    "embedding": (),
    "specialty": (),
    "vector": ("embedding",),
    "text": (),
    "fusion": ("vector", "text"),
    "hydration": ("fusion",),
    "ranking": ("hydration", "specialty"),
    "rerank": ("ranking",),
}
"""The stages whose results a stage takes: what no schedule can change."""

INPUTS_OF_ONE_STATEMENT: Waits = {
    **{stage: before for stage, before in INPUTS.items() if stage not in ("vector", "text")},
    "statement": ("embedding",),
    "fusion": ("statement",),
}
"""The same where one statement holds both searches."""

_LOOKUPS = ("embedding", "specialty")

ARM_WAITS: Mapping[str, Waits] = {
    "sequential": {"embedding": ()} | {after: (before,) for before, after in pairwise(INPUTS)},
    "parallel": {**INPUTS, "vector": _LOOKUPS, "text": _LOOKUPS},
    "eager": INPUTS,
    "single_statement": {**INPUTS_OF_ONE_STATEMENT, "statement": _LOOKUPS},
}
"""The stages that a stage waits for under each arm."""

ALONE = ("cache", "fusion", "hydration", "ranking", "rerank")
"""The stages that no schedule overlaps with another."""
