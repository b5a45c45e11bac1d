"""Requests with stage durations that are known, for arithmetic that can be done by hand."""

from collections.abc import Mapping

import numpy as np

from hhperf.forecast.taken_apart import ON_A_CONNECTION, Part, Requests
from hhperf.search.schedule import Schedule

BUDGETS_MS = {"embedding": 50, "specialty": 20, "vector": 100, "text": 100, "ranking": 80}
"""The plan's own, without a reranker."""


def requests_of(
    schedule: str, milliseconds: Mapping[str, object], *, lead_ms: float = 0.0, n: int = 1
) -> Requests:
    """Requests of this kit's stages; each number stands for all of them."""
    parts = {}
    for stage, times in milliseconds.items():
        own = np.broadcast_to(np.asarray(times, dtype=float) / 1e3, (n,)).copy()
        nothing = np.zeros(n)
        on = stage in ON_A_CONNECTION
        parts[stage] = Part(
            lead=np.full(n, lead_ms / 1e3),
            before=nothing if on else own,
            wait=nothing,
            held=own if on else nothing,
            modelled=nothing,
        )
    return Requests(
        schedule=Schedule.parse(schedule),
        parts=parts,
        head=np.zeros(n),
        tail=np.zeros(n),
        looked_up=np.full(n, 1e-3),
        ids=tuple(f"q-{number}" for number in range(n)),
        texts=np.arange(n),
    )
